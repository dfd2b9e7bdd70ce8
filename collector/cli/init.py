"""`collector init`: a commented configuration, keys and an empty archive."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from secrets import token_hex

import click

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.cli import options
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
        text = text.replace('path = "./evidence"', f'path = "{archive_path}"')
    path = archive_path or Path("./evidence")
    store, keys = make_archive(path, Path(f"{path}.keys"))
    file.write_text(text, "utf-8")
    click.echo(f"{file}: what to collect and where to keep it")
    click.echo(f"{path}: the archive, {store.origin}")
    click.echo(f"{keys.directory}: its keys. Keep them apart from the archive, and back them up")
    click.echo(f"\nGive this verifier key to your auditor now, out of band:\n{keys.log.verifier_key}")


def make_archive(path: Path, keys_path: Path) -> tuple[Archive, Keys]:
    """A new archive and its keys; UsageError when either place is taken or cannot be written."""
    if path.exists() and any(path.iterdir()):
        raise UsageError(f"{path} has something in it already; name an empty or a new place for the archive")
    keys = Keys.create(keys_path, f"evidence/{token_hex(8)}")
    return Archive.create(LocalStore(path), keys, options.now()), keys
