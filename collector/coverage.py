"""How much of what was due was collected: counts for each evidence type and scope, over any period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any

from collector.cadence import following, parse
from collector.slots import State, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.ledger import Ledger
    from collector.slots import Series


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


@dataclass(frozen=True, slots=True)
class Spell:
    """Slots of one series, one after another, of which the same became."""

    state: State | Open
    cause: str
    """Why they were not served; empty for those that were, or are open."""
    first: datetime
    last: datetime
    until: datetime
    """When the slot after the last one is due: up to then the last one speaks for the time."""
    count: int


def spells(ledger: Ledger, series: Series, start: datetime, end: datetime) -> list[Spell]:
    """The slots of a series in a period, in order, those that came to the same joined."""
    found = [
        (state, cause, [slot for slot, *_ in group])
        for (state, cause), group in groupby(_causes(ledger, series, start, end), key=lambda one: one[1:])
    ]
    firsts = [slots[0] for _, _, slots in found[1:]]
    return [
        Spell(state, cause, slots[0], slots[-1], _until(ledger, series, slots[-1], then), len(slots))
        for (state, cause, slots), then in zip_longest(found, firsts)
    ]


def matters(body: Mapping[str, Any], start: datetime) -> bool:
    """Whether a leaf says anything of slots since `start`: a ledger of these is as large as the period, not the log."""
    if body["kind"] == "evidence":
        return body.get("slot") is not None and moment(body["slot"]) >= start
    # A missed leaf is about slots before it, and says nothing of those that come later.
    return moment(body["at"]) >= start if body["kind"] == "missed" else body["kind"] in {"schedule", "claim"}


def _causes(
    ledger: Ledger, series: Series, start: datetime, end: datetime
) -> Iterator[tuple[datetime, State | Open, str]]:
    for slot, state in _states(ledger, series, start, end):
        answer = ledger.answer(series, slot)
        yield slot, state, answer.missed.cause.value if answer and answer.missed else ""


def _until(ledger: Ledger, series: Series, last: datetime, then: datetime | None) -> datetime:
    """When the slot after `last` is due, where `then` is the next one there was."""
    ruling = [rule for rule in ledger.rules if rule.at < last][-1]
    if then and not any(last <= rule.at < then for rule in ledger.rules):
        return then
    due = following(parse(ruling.entries[series].cadence), last)
    # Where the cadence changed in between, the next slot may have come sooner than the old one had it.
    return min(due, then) if then else due


def _states(ledger: Ledger, series: Series, start: datetime, end: datetime) -> Iterator[tuple[datetime, State | Open]]:
    tick = timedelta.resolution
    for slot in ledger.slots(series, start - tick, end - tick):
        answer = ledger.answer(series, slot)
        yield slot, answer.state if answer else Open.OPEN
