"""`collector gaps`: what was missed of a period, why, and what became of it."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from collector.cli import display, options, periods
from collector.normalise import timestamp
from collector.period.gaps import gaps_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from collector.period.gaps import Gap

_COLUMNS = (
    "evidence type", "provider", "scope", "first slot", "last slot", "slots", "state", "cause", "because", "recovery",
    "from", "to", "of it", "leaf", "collected",
)  # fmt: skip


@click.command("gaps")
@options.config_option
@options.archive_option
@periods.period_options
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
def command(
    config_file: Path | None, archive_path: str | None, first: datetime, last: datetime, zone: str, *, as_csv: bool
) -> None:
    """Show every slot of a period that was not done, with its cause, and whether its time was read later.

    What has happened is back-filled by a later window, as far back as the source remembers; what lies beyond that is
    lost, by its dates. A state that nobody looked at cannot be looked at later. Each line is a part of a gap's time.
    """
    found = periods.told(config_file, archive_path, periods.period_of(first, last, zone))
    gaps = gaps_in(found.leaves, found.reader.content, found.period)
    rows = [row for gap in gaps for row in _rows(gap)]
    if as_csv:
        csv.writer(sys.stdout).writerows([_COLUMNS, *rows])
        return
    display.table(f"Gaps from {found.period.first} to {found.period.last} ({zone})", _COLUMNS, rows)
    counted = Counter(gap.recovery.value for gap in gaps)
    click.echo(", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or "no gaps")


def _rows(gap: Gap) -> Iterator[tuple[object, ...]]:
    one = gap.slots
    for part in gap.stretches:
        yield (
            *one.series, timestamp(one.first), timestamp(one.last), one.count, one.state.value, one.cause, one.because,
            gap.recovery.value, timestamp(part.start), timestamp(part.end), part.recovery.value,
            "" if part.leaf is None else part.leaf, timestamp(part.collected) if part.collected else "",
        )  # fmt: skip
