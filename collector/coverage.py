"""How much of what was due was collected: counts for each evidence type and scope, over any period and day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from collector.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.ledger import Ledger, Series


class Open(StrEnum):
    """What a slot is that has no answer yet."""

    OPEN = "open"


COLUMNS: tuple[State | Open, ...] = (*State, Open.OPEN)
"""What a slot can have become, in the order it is shown."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The slots of one series in a period, counted by what became of them."""

    series: Series
    counts: Mapping[State | Open, int]

    @property
    def due(self) -> int:
        """How many slots there were."""
        return sum(self.counts.values())


def coverage(ledger: Ledger, start: datetime, end: datetime) -> list[Coverage]:
    """The coverage of each series that has slots from `start` up to, but without, `end`."""
    found = [
        Coverage(series, Counter(state for _, state in _states(ledger, series, start, end))) for series in ledger.series
    ]
    return [one for one in found if one.due]


def calendar(ledger: Ledger, start: datetime, end: datetime) -> dict[Series, dict[date, Counter[State | Open]]]:
    """The same day by day (UTC), for each series; a day without a slot is not among its days."""
    found: dict[Series, dict[date, Counter[State | Open]]] = {}
    for series in ledger.series:
        for slot, state in _states(ledger, series, start, end):
            found.setdefault(series, {}).setdefault(slot.astimezone(UTC).date(), Counter())[state] += 1
    return found


def _states(ledger: Ledger, series: Series, start: datetime, end: datetime) -> Iterator[tuple[datetime, State | Open]]:
    tick = timedelta.resolution
    for slot in ledger.slots(series, start - tick, end - tick):
        answer = ledger.answer(series, slot)
        yield slot, answer.state if answer else Open.OPEN
