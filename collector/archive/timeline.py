"""The slots of one series over all time, and which of them are answered, in memory that does not grow with time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from collector import cadence
from collector.ledger import moments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_TICK = timedelta.resolution


class _Change(NamedTuple):
    """From when on which cadence holds; None: none."""

    at: datetime
    cadence: str | None


class _Span(NamedTuple):
    """Slots without a hole between them, all answered."""

    first: datetime
    last: datetime


class Timeline:
    """What it keeps is one line for each change of the cadence and one for each hole among the answered slots.

    Slots up to some time are final once no schedule can begin before it. Only final slots may be answered.
    """

    def __init__(self) -> None:
        self._changes: list[_Change] = []
        self._answered: list[_Span] = []

    def rule(self, at: datetime, text: str | None) -> None:
        """Another schedule begins, not earlier than the one before; `text` is the series' cadence in it, if any."""
        while self._changes and self._changes[-1].at >= at:
            self._changes.pop()
        if text != (self._changes[-1].cadence if self._changes else None):
            self._changes.append(_Change(at, text))

    def slots(self, after: datetime, upto: datetime) -> Iterator[datetime]:
        """Every slot that is later than `after` and not later than `upto`, in order."""
        for number in range(self._ruling(after), len(self._changes)):
            at, text = self._changes[number]
            end = self._changes[number + 1].at if number + 1 < len(self._changes) else upto
            if text is not None:
                yield from moments(text, max(after, at), min(upto, end))

    def has(self, slot: datetime) -> bool:
        """Whether this is one of its slots."""
        return self._next(slot - _TICK) == slot

    def answer(self, slots: Sequence[datetime]) -> int:
        """Note that these slots, which follow one upon the other, are answered; how many of them were already."""
        first, last = slots[0], slots[-1]
        low = bisect_left(self._answered, first, key=_last)
        high = bisect_right(self._answered, last, key=_first)
        before = self._answered[low:high]
        again = sum(any(one.first <= slot <= one.last for one in before) for slot in slots) if before else 0
        if before:
            first, last = min(first, before[0].first), max(last, before[-1].last)
        if low and self._next(self._answered[low - 1].last) == first:
            low -= 1
            first = self._answered[low].first
        if high < len(self._answered) and self._next(last) == self._answered[high].first:
            last = self._answered[high].last
            high += 1
        self._answered[low:high] = [_Span(first, last)]
        return again

    def first_open(self) -> datetime | None:
        """The first slot without an answer, however late; None when no schedule has one."""
        slot = self._next(self._changes[0].at) if self._changes else None
        if self._answered and slot == self._answered[0].first:
            return self._next(self._answered[0].last)
        return slot

    def open(self, upto: datetime) -> Iterator[datetime]:
        """Every slot up to `upto` without an answer, in order."""
        if self._changes:
            after = self._changes[0].at
            for one in self._answered:
                yield from self.slots(after, min(one.first - _TICK, upto))
                after = one.last
            yield from self.slots(after, upto)

    def _next(self, instant: datetime) -> datetime | None:
        for number in range(self._ruling(instant), len(self._changes)):
            at, text = self._changes[number]
            slot = text and _following(text, max(instant, at))
            if slot and (number + 1 == len(self._changes) or slot <= self._changes[number + 1].at):
                return slot
        return None

    def _ruling(self, instant: datetime) -> int:
        """The number of the change that rules the slots right after an instant, or of the first one."""
        return max(0, bisect_right(self._changes, instant, key=_at) - 1)


@lru_cache(maxsize=4096)
def _following(text: str, instant: datetime) -> datetime:
    """The first slot of a cadence after an instant; many series ask the same."""
    return cadence.following(cadence.parse(text), instant)


def _at(change: _Change) -> datetime:
    return change.at


def _first(span: _Span) -> datetime:
    return span.first


def _last(span: _Span) -> datetime:
    return span.last
