"""`collector init`: a commented configuration, keys and an empty archive."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from collector.cli import display, options
from collector.cli.main import INCOMPLETE
from collector.cli.opening import make
from collector.config import ArchiveSettings
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.archive.store import Place


@click.command("init")
@options.archive_option
@click.option("--without-lock", is_flag=True, help="Make the archive even in a bucket that locks nothing.")
@click.option("--log-key", default="", metavar="PLACE", help="Sign tree heads with a key in a KMS.")
@click.option("--collector-key", default="", metavar="PLACE", help="Sign segments with another key in a KMS.")
def command(archive_path: str | None, log_key: str, collector_key: str, *, without_lock: bool) -> None:
    """Write collector.toml with every setting explained, and make the keys and the archive.

    A PLACE in a KMS is aws-kms:KEY?region=… or gcp-kms:projects/…/cryptoKeyVersions/1.
    For a bucket it says what is missing to make it write-once, with the commands that mend it.
    """
    file = options.DEFAULT_FILE
    if file.exists():
        raise UsageError(f"{file} is here already; edit it, or move it away for a new one")
    text = files("collector.cli").joinpath("collector.toml").read_text("utf-8")
    if archive_path is not None:
        text = text.replace('path = "./evidence"', f"path = {json.dumps(archive_path, ensure_ascii=False)}")
    settings = ArchiveSettings(path=archive_path or ArchiveSettings().path)
    store = options.place(settings)
    store.check_writable()
    if any(store.list("")):
        raise UsageError(f"{store} has something in it already; name an empty or a new place for the archive")
    if not _surveyed(store) and not without_lock:
        display.note("nothing was made; mend the bucket and run this again, or say --without-lock")
        sys.exit(INCOMPLETE)
    keys, archive = make(store, settings.keys_path, log=log_key, collector=collector_key)
    file.write_text(text, "utf-8")
    click.echo(f"{file}: what to collect and where to keep it")
    click.echo(f"{store}: the archive, {archive.origin}")
    click.echo(f"{keys.directory}: its keys. Keep them apart from the archive, and back them up")
    click.echo(f"\nGive this verifier key to your auditor now, out of band:\n{keys.log.verifier_key}")


def _surveyed(place: Place) -> bool:
    """Print what the place lacks and how to mend it; whether it is ready for an archive, as far as it can be told."""
    survey = place.survey()
    for line in survey.lines:
        click.echo(line)
    for unread in survey.unread:
        display.note(f"could not tell: {unread}")
    return survey.ready
