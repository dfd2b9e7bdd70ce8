"""`collector verify`: whether the archive is what its log says it is."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.archive import heads, pin
from collector.archive.layout import LOG
from collector.archive.period import Period
from collector.archive.verify import verify
from collector.archive.verify_log import WHOLE, Scope
from collector.archive.verify_time import NOBODY, Trusted
from collector.cli import display, options, vouchers
from collector.cli.main import CANNOT_KEEP, COMPLETE, INCOMPLETE
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.verify_log import Step
    from collector.archive.worm import Lock

_day = click.DateTime(["%Y-%m-%d"])
_EVER, _FOR_EVER = (at.replace(tzinfo=UTC) for at in (datetime.min, datetime.max))  # noqa: DTZ901 - they get one


@click.command("verify")
@options.config_option
@options.archive_option
@click.option("--key", help="The log's verifier key as you got it out of band; default: log.pub among the keys.")
@click.option("--head", metavar="HEAD", help="An earlier head that you hold: a file or JSON, or a signed checkpoint.")
@click.option("--after-head", is_flag=True, help="Read the log from that head on only.")
@click.option("--from", "first", type=_day, help="Read contents only for commits from this day on (UTC).")
@click.option("--to", "last", type=_day, help="Read contents only for commits up to this day (UTC), itself included.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, and nothing else.")
@click.option(
    "--authority-roots",
    "roots",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="A PEM file with roots of a time-stamping authority, besides those configured. Repeatable.",
)
@click.option("--witness", "witnesses", multiple=True, metavar="KEY", help="A witness's verifier key. Repeatable.")
def command(  # noqa: PLR0913, PLR0917 - click passes each option by itself
    config_file: Path | None,
    archive_path: str | None,
    key: str | None,
    head: str | None,
    after_head: bool,  # noqa: FBT001 - click passes options so
    first: datetime | None,
    last: datetime | None,
    as_json: bool,  # noqa: FBT001 - click passes options so
    roots: tuple[Path, ...],
    witnesses: tuple[str, ...],
) -> None:
    """Check every object of the archive against its log, ask its place for their locks, and name whatever is wrong.

    The pin among the keys, or the head you give, shows whether the newest part was cut off. The log is always read as
    a whole, unless --after-head says otherwise; what was left out is noted.

    Exit codes: 0 sound; 1 something is wrong; 2 bad input, or no archive there; 3 the archive could not be read, or not
    all of it.
    """
    config = options.read_config(config_file, archive_path)
    store = options.store(config)
    keys = config.archive.keys_path
    log = options.verifier_key(config) if key is None else key
    trusted = vouchers.trusted(config.archive, roots, witnesses)
    pinned = pin.read(keys) if keys.is_dir() else None
    try:
        given = heads.head_of(store, _given(head), log) if head else None
    except ValueError as error:
        raise UsageError(f"--head {head}: {error}") from error
    if after_head and given is None:
        raise UsageError("--after-head needs --head: the head from which on the log is to be read")
    if pinned is None and given is None and next(iter(store.list(LOG)), None) is None:
        raise UsageError(f"{store}: no archive here; name the place of one with --archive")
    scope = Scope(given if after_head else None, _period(first, last), (given,) if given else ())
    try:
        with display.steps() as step:
            found, lock = checked(store, log, pinned, trusted, scope, step)
    except ValueError as error:
        raise UsageError(f"--key {log}: is no verifier key (name+id+base64): {error}") from error
    if as_json:
        click.echo(json.dumps(_document(found, lock, log), indent=2))
    else:
        _tell(found, lock, log)
    sys.exit(INCOMPLETE if found.faults else CANNOT_KEEP if found.unread else COMPLETE)


def checked(
    store: Store,
    key: str,
    pinned: Head | None,
    trusted: Trusted = NOBODY,
    scope: Scope = WHOLE,
    step: Step = lambda *_: None,
) -> tuple[Report, Lock]:
    """A verification, with what the archive's place says of its lock: each object it does not hold is a fault."""
    found, lock = verify(store, key, pinned, trusted, scope=scope, step=step), store.lock()
    found.faults.extend(lock.findings)
    return found, lock


def _given(head: str) -> bytes:
    if head.lstrip().startswith("{"):
        return head.encode()
    try:
        return Path(head).read_bytes()
    except OSError as error:
        raise UsageError(f"--head {head}: cannot be read: {error.strerror}") from error


def _period(first: datetime | None, last: datetime | None) -> Period | None:
    if first is None and last is None:
        return None
    start = first.replace(tzinfo=UTC) if first else _EVER
    end = last.replace(tzinfo=UTC) + timedelta(days=1) if last else _FOR_EVER
    if start >= end:
        raise UsageError(f"--from {start:%Y-%m-%d}: is after --to; give the earlier day first")
    return Period(start, end)


def _tell(found: Report, lock: Lock, log: str) -> None:
    for fault in found.faults:
        click.echo(f"FAULT  {fault.object}: {fault.problem}")
    for unread in found.unread:
        click.echo(f"UNREAD  {unread.object}: {unread.problem}")
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
    unread_too = f", {len(found.unread)} objects could not be read" if found.unread else ""
    click.echo("sound" if found.sound else f"{len(found.faults)} faults{unread_too}")


def _document(found: Report, lock: Lock, log: str) -> dict[str, Any]:
    """What `--json` prints. README describes it; members are added, never renamed."""
    return {
        "verdict": "sound" if found.sound else "faulty" if found.faults else "incomplete",
        "key": log,
        "head": json.loads(found.head.encode()) if found.head else None,
        "faults": [asdict(fault) for fault in found.faults],
        "unread": [asdict(unread) for unread in found.unread],
        "notes": found.notes,
        "commits": found.segments,
        "voids": found.voids,
        "leaves": found.leaves,
        "contents": found.contents,
        "length": found.length,
        "tokens": [{"object": one.object, "time": one.time.time.isoformat()} for one in found.stamps],
        "cosignatures": len(found.cosigned),
        "lock": str(lock),
    }
