"""`collector verify`: whether the archive is what its log says it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive import pin
from collector.archive.verify import verify
from collector.archive.verify_time import NOBODY, Trusted
from collector.cli import display, options, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.worm import Lock


@click.command("verify")
@options.config_option
@options.archive_option
@click.option("--key", help="The log's verifier key as you got it out of band; default: log.pub among the keys.")
@click.option(
    "--authority-roots",
    "roots",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A PEM file with roots of a time-stamping authority, besides those configured. Repeatable.",
)
@click.option("--witness", "witnesses", multiple=True, metavar="KEY", help="A witness's verifier key. Repeatable.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    key: str | None,
    roots: tuple[Path, ...],
    witnesses: tuple[str, ...],
) -> None:
    """Check every object of the archive against its log, ask its place for their locks, and name whatever is wrong.

    Exits 1 when anything is. The pin among the keys shows whether the newest part was cut off.
    """
    config = options.read_config(config_file, archive_path)
    store = options.store(config)
    keys = config.archive.keys_path
    log = options.verifier_key(config) if key is None else key
    trusted = vouchers.trusted(config.archive, roots, witnesses)
    try:
        found, lock = checked(store, log, pin.read(keys) if keys.is_dir() else None, trusted)
    except ValueError as error:
        raise UsageError(f"--key {log}: is no verifier key (name+id+base64): {error}") from error
    for fault in found.faults:
        click.echo(f"FAULT  {fault.object}: {fault.problem}")
    for remark in found.notes:
        display.note(f"note: {remark}")
    voids = f" ({found.voids} void)" if found.voids else ""
    click.echo(
        f"{found.segments} commits{voids}, {found.leaves} leaves, {found.contents} contents ({found.length:,} bytes) "
        f"checked against {log}"
    )
    if found.head is not None:
        click.echo(f"head: commit {found.head.sequence}, {found.head.size} leaves, root {found.head.root.hex()}")
    click.echo(f"trusted time: {found.trusted_time}")
    click.echo(f"witnesses: {options.counted(len(found.cosigned), 'cosignature')} by those that are trusted")
    click.echo(f"the archive is {lock}")
    click.echo("sound" if found.sound else f"{len(found.faults)} faults")
    sys.exit(COMPLETE if found.sound else INCOMPLETE)


def checked(store: Store, key: str, pinned: Head | None, trusted: Trusted = NOBODY) -> tuple[Report, Lock]:
    """A verification, with what the archive's place says of its lock: each object it does not hold is a fault."""
    found, lock = verify(store, key, pinned, trusted), store.lock()
    found.faults.extend(lock.findings)
    return found, lock
