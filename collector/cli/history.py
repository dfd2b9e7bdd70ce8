"""`collector history`: what a control's items were over a period, and what was not seen of them."""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive.reader import Reader
from collector.cli import display, options
from collector.cli.clues import in_words
from collector.errors import UsageError
from collector.normalise import timestamp
from collector.period.clues import Clues
from collector.period.history import about, history
from collector.period.narrowed import Log
from collector.period.span import midnight
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.period.intervals import Interval, Look
    from collector.period.looks import Item, Leaf

_COLUMNS = (
    "control", "provider", "scope", "item", "state", "seen from", "seen to", "not before", "not after",
    "at least (hours)", "at most (hours)", "looks", "evidence before", "first evidence", "last evidence",
    "evidence after", "log of the provider", "because",
)  # fmt: skip
_DAY = click.DateTime(["%Y-%m-%d"])
_HOUR = timedelta(hours=1)


@click.command("history")
@click.argument("control")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=_DAY, help="The first day of the period  [default: the first look's]")
@click.option("--to", "last", type=_DAY, help="Its last day  [default: today]")
@click.option("--zone", default="UTC", show_default=True, help="The time zone whose midnights are its edges.")
@click.option("--item", "wanted", default="", help="Only items with this in their name.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
def command(
    control: str,
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    zone: str,
    wanted: str,
    *,
    as_csv: bool,
) -> None:
    """Show what each item of a control was over a period, from sealed outcomes alone.

    Every moment is in an interval of the item; a stretch in which something due was not read is "not looked", whatever
    was seen before and after. An interval lasted at least from the first look that shows it to the last, at most from
    the look before to the look after: the numbers are those evidence leaves, and `collector show NUMBER` opens one.
    Where the provider's own log names the item between two looks, it tells when it changed, as in `collector register`.
    """
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    leaves = about(control, lambda: _all(reader))
    assessed = [body["assessed"] for _, body in leaves if body["kind"] == "outcome"]
    if not assessed:
        raise UsageError(f"{control}: nothing was judged under a control of that name; `collector controls` lists them")
    now = options.now()
    start = midnight(first.date(), zone) if first else moment(assessed[0])
    end = min(midnight(last.date() + timedelta(days=1), zone), now) if last else now
    if start >= end:
        raise UsageError(f"--from {start:%Y-%m-%d} is not before the end of the period, {end:%Y-%m-%d}")
    found = history(control, leaves, reader.content, start, end)
    clues = Clues.of(control, leaves, reader.content, Log(_all(reader), reader.content))
    rows = [
        (control, *item, one.state.value, *_cells(item, one, clues))
        for item, stretches in sorted(found.items())
        for one in stretches
        if wanted in item.item
    ]
    if as_csv:
        csv.writer(sys.stdout).writerows([_COLUMNS, *rows])
        return
    title = f"{control} from {start:%Y-%m-%d} to {end:%Y-%m-%d %H:%M} UTC"
    display.table(title, _COLUMNS[3:], [row[3:] for row in rows])


def _all(reader: Reader) -> Iterator[Leaf]:
    return ((leaf.index, leaf.body) for leaf in reader.leaves())


def _cells(item: Item, one: Interval, clues: Clues) -> Iterator[object]:
    yield from map(timestamp, (one.seen_from, one.seen_to, one.not_before, one.not_after))
    yield f"{one.least / _HOUR:.1f}"
    yield f"{one.most / _HOUR:.1f}"
    yield one.looks
    for look in (one.before, one.first, one.last, one.after):
        yield _named(look)
    yield in_words(began=clues.between(item, one.before, one.first), ended=clues.between(item, one.last, one.after))
    yield one.because


def _named(look: Look | None) -> str:
    return " ".join(map(str, look.leaves)) if look else ""
