"""`collector coverage`: what was due, and what became of it."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from collector.cli import display, options
from collector.coverage import COLUMNS, coverage
from collector.errors import UsageError
from collector.turn import ledger_of

_HEAD = ("evidence type", "provider", "scope", "due", *(state.value for state in COLUMNS))
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("coverage")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period, UTC  [default: the first schedule's]")
@click.option("--to", "last", type=_DAY, help="Its last day  [default: today]")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
def command(
    config_file: Path | None, archive_path: str | None, first: datetime | None, last: datetime | None, *, as_csv: bool
) -> None:
    """Count the slots of each evidence type and scope: due, done, partial, failed, skipped, missed, still open."""
    ledger = ledger_of(options.store(options.read_config(config_file, archive_path)))
    if not ledger.rules:
        raise UsageError("the archive has no schedule yet; the first `collector run --due` seals one")
    now = options.now()
    start = first.replace(tzinfo=UTC) if first else ledger.rules[0].at
    end = min(last.replace(tzinfo=UTC) + timedelta(days=1), now) if last else now
    if start > end:
        raise UsageError(f"--from {start:%Y-%m-%d} is after the end of the period, {end:%Y-%m-%d}")
    found = coverage(ledger, start, end)
    rows = [(*one.series, one.due, *(one.counts.get(state, 0) for state in COLUMNS)) for one in found]
    if as_csv:
        csv.writer(sys.stdout).writerows([_HEAD, *rows])
        return
    display.table("Coverage", _HEAD, rows)
    due, done = sum(one.due for one in found), sum(one.counts.get(COLUMNS[0], 0) for one in found)
    click.echo(f"{done} of {due} slots done from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")
