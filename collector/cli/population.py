"""`collector population`: what was read of a population over all its windows, and each of its items once."""

from __future__ import annotations

import csv
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import canonical, trace, windows
from collector.archive.reader import Reader
from collector.cli import display, options
from collector.errors import UsageError
from collector.normalise import timestamp
from collector.population import assembled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.archive.reader import Leaf

_OWN = ("provider", "scope", "row_id", "source_id", "first_collected", "last_collected", "snapshots", "leaf", "row")


@click.command("population")
@click.argument("evidence_type", metavar="TYPE")
@options.config_option
@options.archive_option
@click.option("--csv", "as_csv", is_flag=True, help="Write every item once, as it was last seen, as CSV.")
def command(evidence_type: str, config_file: Path | None, archive_path: str | None, *, as_csv: bool) -> None:
    """Show what of a population's time was read, and what is lost or still open.

    TYPE is an evidence type that is a population. Its windows overlap; an item that several snapshots hold counts once,
    with the time at which it was first collected.
    """
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    scopes = _scopes(reader, evidence_type)
    if not scopes:
        raise UsageError(f"{evidence_type}: the archive has no window of a population of that name")
    if as_csv:
        csv.writer(sys.stdout).writerows([_OWN, *(row for scope in scopes for row in _items(reader, *scope))])
        return
    columns = ("provider", "scope", "from (UTC)", "to (UTC)", "", "windows", "collected")
    rows = [(provider, unit, *row) for (provider, unit), leaves in scopes for row in _time(leaves)]
    display.table(f"Time of {evidence_type}", columns, rows)


def _scopes(reader: Reader, evidence_type: str) -> list[tuple[tuple[str, str], list[Leaf]]]:
    found: dict[tuple[str, str], list[Leaf]] = {}
    for leaf in reader.leaves():
        if leaf.body["kind"] == "evidence" and leaf.body["type"] == evidence_type and leaf.body["window"]:
            found.setdefault((leaf.body["provider"], leaf.body["unit"]), []).append(leaf)
    return sorted(found.items())


def _items(reader: Reader, scope: tuple[str, str], leaves: Sequence[Leaf]) -> Iterator[tuple[Any, ...]]:
    def rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return trace.lines(reader, body["records"])

    for item in assembled(((leaf.index, leaf.body) for leaf in leaves), rows):
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
