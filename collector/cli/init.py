"""`collector init`: a commented configuration, keys and an empty archive."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click

from collector.archive.local import LocalStore
from collector.cli import options
from collector.cli.opening import make
from collector.config import ArchiveSettings
from collector.errors import UsageError


@click.command("init")
@options.archive_option
def command(archive_path: Path | None) -> None:
    """Write collector.toml with every setting explained, and make the keys and the archive."""
    file = options.DEFAULT_FILE
    if file.exists():
        raise UsageError(f"{file} is here already; edit it, or move it away for a new one")
    text = files("collector.cli").joinpath("collector.toml").read_text("utf-8")
    if archive_path is not None:
        text = text.replace('path = "./evidence"', f"path = {json.dumps(str(archive_path))}")
    settings = ArchiveSettings(path=str(archive_path or ArchiveSettings().path))
    store = LocalStore(Path(settings.path))
    store.check_writable()
    if any(store.list("")):
        raise UsageError(f"{store} has something in it already; name an empty or a new place for the archive")
    keys, archive = make(store, settings.keys_path)
    file.write_text(text, "utf-8")
    click.echo(f"{file}: what to collect and where to keep it")
    click.echo(f"{store}: the archive, {archive.origin}")
    click.echo(f"{keys.directory}: its keys. Keep them apart from the archive, and back them up")
    click.echo(f"\nGive this verifier key to your auditor now, out of band:\n{keys.log.verifier_key}")
