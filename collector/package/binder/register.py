"""The register of deviations: each with its bounds, how it was found and whether it is over. Nothing leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.ledger import moment
from collector.model import Verdict
from collector.period.intervals import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.package.binder.span import Span
    from collector.package.binder.tested import Item, Tested
    from collector.period.intervals import Interval, Look

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One stretch in which a control did not work for one item."""

    number: int
    tested: Tested
    item: Item
    interval: Interval
    carried: bool
    """Whether it was known before the period began."""
    over: bool

    @property
    def detected(self) -> datetime:
        """The end of the first look that shows it."""
        return self.interval.first.end if self.interval.first else self.interval.seen_from

    @property
    def least(self) -> float:
        """For how many hours it lasted at least, within what was seen."""
        return self.interval.least / _HOUR

    @property
    def most(self) -> float:
        """For how many hours it can have lasted at most."""
        return self.interval.most / _HOUR


@dataclass(frozen=True, slots=True)
class Register:
    """All deviations of the period. Carried in + opened = closed + open."""

    rows: Sequence[Deviation]

    @property
    def carried(self) -> int:
        """How many were there when it began."""
        return sum(one.carried for one in self.rows)

    @property
    def opened(self) -> int:
        """How many began in it."""
        return len(self.rows) - self.carried

    @property
    def closed(self) -> int:
        """How many ended in it."""
        return sum(one.over for one in self.rows)

    @property
    def open(self) -> int:
        """How many have not."""
        return len(self.rows) - self.closed


def register(controls: Iterable[Tested], period: Span) -> Register:
    """Every deviation of every item, in order of control and time."""
    rows: list[Deviation] = []
    for control in controls:
        found = [(one, item) for item in control.items for one in _failing(item)]
        for interval, item in sorted(found, key=lambda pair: (pair[0].not_before, pair[1].place)):
            first = interval.first
            carried = first is not None and first.end < period.start
            rows.append(Deviation(len(rows) + 1, control, item, interval, carried, _over(item, interval, period)))
    return Register(rows)


def _failing(item: Item) -> Iterator[Interval]:
    return (one for one in item.intervals if one.state is State.DEVIATION)


def _over(item: Item, interval: Interval, period: Span) -> bool:
    """A state is over when a later look knows another. What has happened is over when a later judgement says so."""
    if interval.after is not None:
        return interval.after.begin < period.end
    later = [one for one in item.told if moment(one.last.said.assessed) > interval.seen_to]
    return bool(interval.looks and later and later[-1].line.outcome in {Verdict.PASS, Verdict.NOT_APPLICABLE})


def named(look: Look | None) -> str:
    """The evidence leaves of a look."""
    return " ".join(map(str, look.leaves)) if look else ""
