"""The register of deviations of all controls, as the period engine tells it. Nothing leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.package.binder.tested import Item, Tested
    from collector.period.intervals import Look
    from collector.period.register import Deviation as Found

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deviation:
    """One stretch in which a control did not work for one item, with where the package shows the item."""

    number: int
    tested: Tested
    item: Item
    found: Found

    @property
    def least(self) -> float:
        """For how many hours it lasted at least."""
        return self.found.least / _HOUR

    @property
    def most(self) -> float | None:
        """For how many hours it can have lasted at most; None where no look before shows that it was not there."""
        return None if self.found.most is None else self.found.most / _HOUR

    def span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Its outer bounds within these moments."""
        return max(self.found.opened_after or start, start), min(self.found.closed_by or end, end)


@dataclass(frozen=True, slots=True)
class Register:
    """All deviations of the period. Carried in + opened - closed = open."""

    rows: Sequence[Deviation]

    @property
    def carried(self) -> int:
        """How many were there when it began."""
        return sum(one.found.carried_in for one in self.rows)

    @property
    def opened(self) -> int:
        """How many were first seen in it."""
        return sum(one.found.opened for one in self.rows)

    @property
    def closed(self) -> int:
        """How many were shown to be over in it."""
        return sum(one.found.closed for one in self.rows)

    @property
    def open(self) -> int:
        """How many are open at its end."""
        return sum(one.found.open for one in self.rows)

    def of(self, control: Tested) -> Sequence[Deviation]:
        """Those of one control."""
        return [one for one in self.rows if one.tested is control]


def register(controls: Iterable[Tested]) -> Register:
    """Every deviation of every item, in the order of the controls, and of time."""
    rows: list[Deviation] = []
    for control in controls:
        items = {item.place: item for item in control.items}
        for found in control.over.register.deviations:
            if found.item not in items:
                raise ArchiveError(
                    f"{control.id}: deviation {found.id} is of {found.item.item}, which no judgement names"
                )
            rows.append(Deviation(len(rows) + 1, control, items[found.item], found))
    return Register(rows)


def named(look: Look | None) -> str:
    """The evidence leaves of a look."""
    return " ".join(map(str, look.leaves)) if look else ""
