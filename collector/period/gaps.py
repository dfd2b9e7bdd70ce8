"""What was due in a period and not done, and what became of it: back-filled, lost for ever, or still open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from collector import ledger as ledgers
from collector import windows
from collector.coverage import Open
from collector.ledger import Series, moment
from collector.period.shortfall import shortfalls
from collector.windows import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.ledger import Ledger
    from collector.period.looks import Leaf
    from collector.period.shortfall import Shortfall
    from collector.period.span import Period

_TICK = timedelta.resolution


class Recovery(StrEnum):
    """What became of a gap."""

    BACK_FILLED = "back-filled"
    """A later complete window covers all of its time."""
    PARTLY = "partly back-filled"
    """A later window covers some; the rest is lost, or still open."""
    LOST = "unrecoverable"
    """Nothing can read it any more: the source has forgotten it, or it was a state that nobody looked at."""
    OPEN = "still open"
    """Its source may still tell, and nothing has read it whole yet."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a gap's time."""

    start: datetime
    end: datetime
    recovery: Recovery
    leaf: int | None
    """The evidence leaf that read it, or that shows it to be lost; None for what is open, and for states."""
    collected: datetime | None
    """When that was."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots of one series, one after another, that were not done for the same reason."""

    slots: Shortfall
    """Its series, first and last slot, count, state, cause, and why."""
    start: datetime
    """From here its time is not told by its own slots: the slot before the first one."""
    end: datetime
    """Up to here: the last slot of a population, which tells what was before it; of a state, the slot after."""
    population: bool
    """Whether it is of what happened, which may be read later; a state that nobody looked at cannot."""
    recovery: Recovery
    stretches: tuple[Stretch, ...]
    """Its time, in order, without a hole."""


def gaps_in(leaves: Sequence[Leaf], content: Callable[[str], bytes], period: Period) -> list[Gap]:
    """Every gap of the period, by series and time. `leaves` are those of the whole log, in its order.

    ValueError when a leaf is not as FORMAT.md says.
    """
    ledger = ledgers.read(leaves, content)
    missing: dict[int, Mapping[str, int]] = {}
    over_time: dict[Series, list[Leaf]] = {}
    for index, body in leaves:
        if body["kind"] == "evidence":
            if not body["complete"]:
                missing[index] = body["gaps"]
            if body["window"]:
                over_time.setdefault(Series(body["type"], body["provider"], body["unit"]), []).append((index, body))
    known = {series: windows.history(read) for series, read in over_time.items()}
    return [_gap(one, ledger, known.get(one.series)) for one in shortfalls(ledger, missing, period.start, period.end)]


def _gap(slots: Shortfall, ledger: Ledger, known: Sequence[windows.Stretch] | None) -> Gap:
    before = max(ledger.slots(slots.series, ledger.rules[0].at, slots.first - _TICK), default=ledger.rules[0].at)
    if known is None:
        end = _following(slots, ledger)
        recovery = Recovery.OPEN if slots.state is Open.OPEN else Recovery.LOST
        return Gap(slots, before, end, False, recovery, (Stretch(before, end, recovery, None, None),))
    stretches = tuple(_told(known, before, slots.last))
    kinds = {one.recovery for one in stretches}
    recovery = kinds.pop() if len(kinds) == 1 else _mixed(kinds)
    return Gap(slots, before, slots.last, True, recovery, stretches)


def _mixed(kinds: set[Recovery]) -> Recovery:
    """Of parts that came to different ends."""
    return Recovery.PARTLY if Recovery.BACK_FILLED in kinds else Recovery.OPEN


def _following(slots: Shortfall, ledger: Ledger) -> datetime:
    """The slot after the last one; the last one itself, where no schedule has one within a quarter and more."""
    later = ledger.slots(slots.series, slots.last, slots.last + timedelta(days=100))
    return next(iter(later), slots.last)


def _told(known: Sequence[windows.Stretch], start: datetime, end: datetime) -> Iterator[Stretch]:
    """The time of a gap, by what windows of any time tell of it."""
    reached = start
    for one in known:
        begin, until = max(one.span.start, reached), min(one.span.end, end)
        if begin >= until:
            continue
        if reached < begin:
            yield Stretch(reached, begin, Recovery.OPEN, None, None)
        collected = moment(one.collected) if one.collected else None
        yield Stretch(begin, until, _RECOVERY[one.reading], one.leaf, collected)
        reached = until
    if reached < end:
        yield Stretch(reached, end, Recovery.OPEN, None, None)


_RECOVERY = {Reading.READ: Recovery.BACK_FILLED, Reading.LOST: Recovery.LOST, Reading.OPEN: Recovery.OPEN}
