"""What was due in a period and what became of it, for the page: the picture, every series counted, every hole named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector import ledger as ledgers
from collector.coverage import coverage, matters
from collector.package.picture import pictured
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.coverage import Coverage
    from collector.ledger import Ledger
    from collector.package.picture import Picture
    from collector.package.sealed import Archived
    from collector.slots import Series

    Period = tuple[datetime | None, datetime | None]

_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Hole:
    """Slots that went by unserved for one reason, of all the series for which the same leaf says the same."""

    first: datetime
    last: datetime
    cause: str
    because: str
    by: str
    leaf: int
    slots: int
    """Of all these series."""
    series: Sequence[Series]


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of a period."""

    picture: Picture
    coverage: Sequence[Coverage]
    holes: Sequence[Hole]


def covered(archive: Archived, ended: str, period: Period) -> Covered | None:
    """The coverage of a period, by default of at most a year up to `ended`. None when nothing was due in it."""
    until = period[1] or moment(ended)
    since = period[0] or until - _LONGEST
    leaves = ((leaf.index, leaf.body) for leaf in archive.leaves())
    ledger = ledgers.read(((index, body) for index, body in leaves if matters(body, since)), archive.content)
    if not ledger.rules:
        return None
    start = period[0] or max(since, ledger.rules[0].at)
    if start >= until or not (found := coverage(ledger, start, until)):
        return None
    return Covered(pictured(ledger, start, until), found, _holes(ledger, start, until))


def _holes(ledger: Ledger, start: datetime, end: datetime) -> list[Hole]:
    grouped: dict[tuple[datetime, datetime, str, str, str, int], list[tuple[Series, int]]] = {}
    for stretches in ledger.missed.values():
        for one, answer in stretches:
            if one.last >= start and one.first < end:
                key = (one.first, one.last, one.cause.value, one.because, one.by, answer.leaf)
                grouped.setdefault(key, []).append((one.series, one.count))
    return [
        Hole(*key, sum(count for _, count in found), sorted(series for series, _ in found))
        for key, found in sorted(grouped.items())
    ]
