"""`collector coverage`: what was due, and what became of it."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.archive.reader import Reader
from collector.cli import display, options
from collector.coverage import COLUMNS, coverage
from collector.errors import UsageError
from collector.ledger import read
from collector.normalise import timestamp
from collector.period.shortfall import shortfalls
from collector.period.span import midnight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEAD = ("evidence type", "provider", "scope", "due", *(state.value for state in COLUMNS))
_MISSING = ("evidence type", "provider", "scope", "first slot", "last slot", "slots", "state", "cause", "because")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("coverage")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period  [default: the first schedule's]")
@click.option("--to", "last", type=_DAY, help="Its last day  [default: today]")
@click.option("--zone", default="UTC", show_default=True, help="The time zone whose midnights are its edges.")
@click.option("--missing", is_flag=True, help="List the slots that were not done, each with its cause.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    zone: str,
    *,
    missing: bool,
    as_csv: bool,
) -> None:
    """Count the slots of each evidence type and scope: due, done, partial, failed, skipped, missed, still open."""
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    gaps: dict[int, Mapping[str, int]] = {}
    ledger = read(_noted(reader, gaps), reader.content)
    if not ledger.rules:
        raise UsageError("the archive has no schedule yet; the first `collector run --due` seals one")
    now = options.now()
    start = midnight(first.date(), zone) if first else ledger.rules[0].at
    end = min(midnight(last.date() + timedelta(days=1), zone), now) if last else now
    if start > end:
        raise UsageError(f"--from {start:%Y-%m-%d} is after the end of the period, {end:%Y-%m-%d}")
    if missing:
        lacking = [
            (*one.series, timestamp(one.first), timestamp(one.last), one.count, one.state.value, one.cause, one.because)
            for one in shortfalls(ledger, gaps, start, end)
        ]
        _shown("Slots that were not done", _MISSING, lacking, as_csv=as_csv)
        return
    found = coverage(ledger, start, end)
    rows = [(*one.series, one.due, *(one.counts.get(state, 0) for state in COLUMNS)) for one in found]
    _shown("Coverage", _HEAD, rows, as_csv=as_csv)
    if as_csv:
        return
    due, done = sum(one.due for one in found), sum(one.counts.get(COLUMNS[0], 0) for one in found)
    click.echo(f"{done} of {due} slots done from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")


def _noted(reader: Reader, gaps: dict[int, Mapping[str, int]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Every leaf as it passes; of evidence that is not whole, the causes of its gaps are kept, by the leaf's index."""
    for leaf in reader.leaves():
        if leaf.body["kind"] == "evidence" and not leaf.body["complete"]:
            gaps[leaf.index] = leaf.body["gaps"]
        yield leaf.index, leaf.body


def _shown(title: str, head: Sequence[str], rows: Sequence[Sequence[object]], *, as_csv: bool) -> None:
    if as_csv:
        csv.writer(sys.stdout).writerows([head, *rows])
    else:
        display.table(title, head, rows)
