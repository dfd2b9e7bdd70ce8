"""From single looks at an item to what can be said of every moment between the first and the last: pure.

A look tells the state at one instant. Between two looks that agree the state is said to have gone on, if all was looked
at that was to be; a stretch in which something was missed is a state of its own, and nothing is copied into it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime


class State(StrEnum):
    """What an item was, or what we know of it."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    DEVIATION = "deviation"
    NOT_APPLICABLE = "not_applicable"
    ABSENT = "not there"
    """Whole evidence was read, and the item was not in it."""
    CANNOT_TELL = "cannot_tell"
    """It was looked at, and could not be told."""
    NOT_LOOKED = "not looked"
    """Something that was due was not read, so nobody knows."""

    @property
    def known(self) -> bool:
        """Whether it says something of the item, and not of us."""
        return self not in {State.CANNOT_TELL, State.NOT_LOOKED}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one item."""

    begin: datetime
    """When the oldest evidence it rests on was begun."""
    end: datetime
    """When the newest was done. At some instant of these two it was so."""
    state: State
    because: str
    leaves: tuple[int, ...]
    """The evidence leaves that it rests on."""
    outcome: int
    """The leaf of the outcomes that say so."""
    rule: str = ""
    """SHA-256 of the rule in force."""
    renewed: datetime | None = None
    """When the oldest of its evidence that no look before rests on was begun; None: all of it is new, see `begin`."""

    @property
    def anew(self) -> datetime:
        """When it began to look again. Evidence that is due less often stands beside what is read each time."""
        return self.renewed or self.begin


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch in which every look found the same state; one that nobody looked at has no looks."""

    state: State
    because: str
    seen_from: datetime
    """The end of the first look that found it so; for a stretch without looks, where it begins."""
    seen_to: datetime
    """When the last one that did began to look anew."""
    not_before: datetime
    """It cannot have begun earlier: then it was known to be otherwise, or the period had not begun."""
    not_after: datetime
    """It cannot have ended later."""
    looks: int
    before: Look | None = None
    """The look that shows it had not begun; None where there was none."""
    first: Look | None = None
    last: Look | None = None
    after: Look | None = None
    """The look that shows it was over; None where there was none yet."""

    @property
    def least(self) -> timedelta:
        """How long it lasted at least."""
        return max(self.seen_to - self.seen_from, timedelta())

    @property
    def most(self) -> timedelta:
        """How long it can have lasted at most."""
        return self.not_after - self.not_before

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether it may have lasted into this stretch of time."""
        return self.not_before < end and self.not_after > start


def intervals(
    looks: Sequence[Look], start: datetime, end: datetime, missed: Callable[[datetime, datetime], str]
) -> list[Interval]:
    """The intervals of one item that touch the period, in order; together they cover every moment from start to end.

    `looks` are in the order in which they were made, those before the period included: what held when it began is
    known from them. `missed` says what was due between two moments and not read; empty when nothing was.
    """
    inside = [one for one in looks if one.begin < end]
    if not inside:
        return [_unseen(start, end, missed(start, end) or "nothing has looked at it yet")]
    found = list(_joined(inside, missed))
    if inside[0].begin > start:
        why = missed(start, inside[0].begin) or "nothing had looked at it yet"
        found.insert(0, _unseen(start, inside[0].begin, why))
    if why := missed(inside[-1].end, end):
        found.append(_unseen(inside[-1].end, end, why))
    bounded = [_bounded(found, place, start, end) for place in range(len(found))]
    return [one for one in bounded if one.touches(start, end)]


def _joined(looks: Sequence[Look], missed: Callable[[datetime, datetime], str]) -> Iterator[Interval]:
    """Neighbours of one state as one; what was missed between two looks parts them."""
    current = _of(looks[0])
    for one, other in pairwise(looks):
        why = missed(one.end, other.anew)
        if not why and other.state is current.state:
            current = replace(current, seen_to=max(current.seen_to, other.anew), last=other, looks=current.looks + 1)
            continue
        yield current
        if why:
            yield _unseen(one.end, other.anew, why)
        current = _of(other)
    yield current


def _of(look: Look) -> Interval:
    return Interval(
        look.state, look.because, look.end, look.begin, look.begin, look.end, looks=1, first=look, last=look
    )


def _unseen(start: datetime, end: datetime, why: str) -> Interval:
    return Interval(State.NOT_LOOKED, why, start, end, start, end, looks=0)


def _bounded(found: Sequence[Interval], place: int, start: datetime, end: datetime) -> Interval:
    """With the looks on both sides that bound it. What we do not know of an item bounds nothing of what it was."""
    one = found[place]
    if not one.looks:
        return one
    earlier = next((other.last for other in reversed(found[:place]) if _bounds(other, one)), None)
    later = next((other.first for other in found[place + 1 :] if _bounds(other, one)), None)
    return replace(
        one,
        before=earlier,
        after=later,
        not_before=earlier.begin if earlier else min(start, one.not_before),
        not_after=later.end if later else max(end, one.not_after),
    )


def _bounds(other: Interval, one: Interval) -> bool:
    """A known state is bounded by a known one; that it could not be told, by any look at all."""
    return other.looks > 0 and (other.state.known or not one.state.known)
