"""`collector population`: what was read of a population over all its windows, and each of its items once."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import canonical, trace, windows
from collector.archive.reader import Reader
from collector.cli import display, options
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.periods import DAY, period_of, told
from collector.errors import UsageError
from collector.excluded import Decided
from collector.normalise import timestamp
from collector.period.assembling import population_over
from collector.population import assembled
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from collector.archive.reader import Leaf
    from collector.cli.periods import Told
    from collector.period.populations import Population

_OWN = ("provider", "scope", "row_id", "source_id", "first_collected", "last_collected", "snapshots", "leaf", "row")


@click.command("population")
@click.argument("evidence_type", metavar="TYPE")
@options.config_option
@options.archive_option
@click.option("--from", "first", type=DAY, help="The first day of a period: then its items alone, and what is missing.")
@click.option("--to", "last", type=DAY, help="Its last day.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone whose midnights are its edges.")
@click.option("--csv", "as_csv", is_flag=True, help="Write every item once, as it was last seen, as CSV.")
def command(
    evidence_type: str,
    config_file: Path | None,
    archive_path: str | None,
    first: datetime | None,
    last: datetime | None,
    zone: str,
    *,
    as_csv: bool,
) -> None:
    """Show what of a population's time was read, and what is lost or still open.

    TYPE is an evidence type that is a population. Its windows overlap; an item that several snapshots hold counts once,
    with the time at which it was first collected. With a period, each page, window or item that is missing is named,
    and the exit code is 1 when any is. What the scope register takes out is no item; with a period, each such unit is
    named, with the entry that says so.
    """
    if (first is None) != (last is None):
        raise UsageError("a period has --from and --to")
    if first and last:
        _over(told(config_file, archive_path, period_of(first, last, zone)), evidence_type, as_csv=as_csv)
        return
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    scopes = _scopes(reader, evidence_type)
    if not scopes:
        raise UsageError(f"{evidence_type}: the archive has no window of a population of that name")
    if as_csv:
        pairs = [(leaf.index, leaf.body) for leaf in reader.leaves()]
        decided = Decided(pairs, reader.content, datetime.max.replace(tzinfo=UTC))
        csv.writer(sys.stdout).writerows([_OWN, *(row for scope in scopes for row in _items(reader, decided, *scope))])
        return
    columns = ("provider", "scope", "from (UTC)", "to (UTC)", "", "windows", "collected")
    rows = [(provider, unit, *row) for (provider, unit), leaves in scopes for row in _time(leaves)]
    display.table(f"Time of {evidence_type}", columns, rows)


def _over(found: Told, evidence_type: str, *, as_csv: bool) -> None:
    """A population over a period; exits with 1 when it is not whole."""
    populations = population_over(evidence_type, found.leaves, found.content, found.period)
    if not populations:
        raise UsageError(f"{evidence_type}: the archive has no population of that name, and no schedule that names one")
    whole = all(one.complete for one in populations)
    if as_csv:
        csv.writer(sys.stdout).writerows([_OWN, *(row for one in populations for row in _rows_of(one))])
    else:
        holes = [
            (*one.series[1:], hole.part.value, hole.subject, hole.detail, "" if hole.leaf is None else hole.leaf)
            for one in populations
            for hole in one.holes
        ]
        display.table(f"Missing of {evidence_type}", ("provider", "scope", "what", "which", "why", "leaf"), holes)
        for one in populations:
            state = "complete" if one.complete else "INCOMPLETE"
            click.echo(f"{' '.join(one.series[1:])}: {len(one.rows)} items in {len(one.windows)} windows, {state}")
    for line in beyond(populations):
        click.echo(line, err=as_csv)
    sys.exit(COMPLETE if whole else INCOMPLETE)


def beyond(populations: Iterable[Population]) -> Iterator[str]:
    """What the scope register takes out of them: how many items of each unit, and by which entry."""
    for one in populations:
        counted = Counter((entry.unit, str(entry)) for _, entry in one.excluded)
        for (unit, entry), count in sorted(counted.items()):
            yield f"{' '.join(one.series[1:])}: {count} items of {unit} do not count: {entry}"


def _rows_of(population: Population) -> Iterator[tuple[Any, ...]]:
    for item in (*population.rows, *population.beside):
        seen = (item.first_collected, item.last_collected, item.snapshots, item.leaf)
        row = canonical.encode(dict(item.row)).decode()
        yield *population.series[1:], item.row["row_id"], item.row["source_id"], *seen, row


def _scopes(reader: Reader, evidence_type: str) -> list[tuple[tuple[str, str], list[Leaf]]]:
    found: dict[tuple[str, str], list[Leaf]] = {}
    for leaf in reader.leaves():
        if leaf.body["kind"] == "evidence" and leaf.body["type"] == evidence_type and leaf.body["window"]:
            found.setdefault((leaf.body["provider"], leaf.body["unit"]), []).append(leaf)
    return sorted(found.items())


def _items(
    reader: Reader, decided: Decided, scope: tuple[str, str], leaves: Sequence[Leaf]
) -> Iterator[tuple[Any, ...]]:
    bodies = {leaf.index: leaf.body for leaf in leaves}

    def rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return trace.lines(reader, body["records"])

    for item in assembled(bodies.items(), rows):
        if decided.of_row(item.row, bodies[item.leaf], moment(item.first_collected)):
            continue
        row = canonical.encode(dict(item.row)).decode()
        seen = (item.first_collected, item.last_collected, item.snapshots, item.leaf)
        yield *scope, item.row["row_id"], item.row["source_id"], *seen, row


def _time(leaves: Sequence[Leaf]) -> Iterator[tuple[object, ...]]:
    """Neighbours of one kind are one line."""
    stretches = windows.history((leaf.index, leaf.body) for leaf in leaves)
    for reading, group in groupby(stretches, key=lambda one: one.reading):
        parts = list(group)
        collected = sorted({one.collected for one in parts if one.collected})
        when = (
            ""
            if not collected or reading is windows.Reading.LOST
            else " to ".join(dict.fromkeys((collected[0], collected[-1])))
        )
        count = len({one.leaf for one in parts if reading is windows.Reading.READ})
        yield timestamp(parts[0].span.start), timestamp(parts[-1].span.end), reading.value, count or "", when
