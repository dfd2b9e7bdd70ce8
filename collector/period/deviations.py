"""From the looks at an item to its deviations: each with its bounds, none closed by what nobody saw. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.period.intervals import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collector.period.intervals import Interval, Look


@dataclass(slots=True)
class Chain:
    """Intervals in which an item was a deviation, with nothing between them that shows it was none."""

    before: Look | None
    """The look that shows it had not begun."""
    first: Look
    """The first look that shows it."""
    last: Look
    after: Look | None = None
    """The look that shows it was over."""
    least: timedelta = timedelta()
    """What looks show of how long it lasted."""
    unseen: timedelta = timedelta()
    """How long nobody knew whether it went on."""
    unknown: bool = False
    """Whether what follows the last look is not known."""

    def gone_on(self, upto: datetime) -> None:
        """Take in that nobody knows of the time from the last look at it to this moment."""
        if self.unknown:
            self.unseen += max(upto - self.last.end, timedelta())
            self.unknown = False


def chains(found: Sequence[Interval], end: datetime) -> Iterator[Chain]:
    """Each deviation among the intervals of an item, which reach up to `end`, in order.

    Only a look that shows the item to be something else closes one: that nobody looked, or could tell, does not.
    """
    current: Chain | None = None
    for one in found:
        if one.state is State.DEVIATION and one.first and one.last:
            current = current or Chain(one.before, one.first, one.last)
            current.gone_on(one.first.begin)
            current.least += one.least
            current.last = one.last
        elif current and not one.state.known:
            current.unknown = True
        elif current and one.first:
            current.gone_on(one.first.begin)
            current.after = one.first
            yield current
            current = None
    if current:
        current.gone_on(end)
        yield current


def runs(looks: Sequence[Look]) -> Iterator[Chain]:
    """Each stretch of looks at an event that find a deviation; what could not be told in between ends none."""
    before = current = None
    for one in looks:
        if one.state is State.DEVIATION:
            current = current or Chain(before, one, one)
            current.last = one
            current.least = max(current.last.begin - current.first.end, timedelta())
        elif one.state.known:
            if current:
                current.after = one
                yield current
            before, current = one, None
    if current:
        yield current
