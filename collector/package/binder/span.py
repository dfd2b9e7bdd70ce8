"""The period a package is about: whole days of one time zone, or one day for a Type I view."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.errors import UsageError

if TYPE_CHECKING:
    from datetime import tzinfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From the first moment of `first` up to, but without, the moment after `last`, as the clocks of `zone` show it."""

    first: date
    last: date
    zone: str
    start: datetime
    end: datetime
    """In UTC. Never later than what the archive knows of: nothing can be said of what had not happened yet."""
    cut: bool = False
    """Whether the archive ends before the period does."""
    one_date: bool = False
    """Whether it is a Type I view: how things stood at the end of one day."""

    @property
    def name(self) -> str:
        """Its part of the package's name."""
        return f"{self.first}_type1" if self.one_date else f"{self.first}_{self.last}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def span(first: date, last: date, zone: str, known_until: datetime, *, one_date: bool = False) -> Span:
    """The period of these days; UsageError for one that is none, or that the archive knows nothing of."""
    shown = _zone(zone)
    start, end = _midnight(first, shown), _midnight(last + _DAY, shown)
    if start >= end:
        raise UsageError(f"--from {first} is after --to {last}; a period ends on its first day or later")
    if start >= known_until:
        raise UsageError(f"the archive ends at {known_until:%Y-%m-%d %H:%M} UTC, before the period begins ({first})")
    return Span(first, last, zone, start, min(end, known_until), cut=known_until < end, one_date=one_date)


def folder_name(organisation: str, period: Span) -> str:
    """`package-northwind-2025-10-01_2026-09-30`."""
    word = re.sub(r"[^a-z0-9]+", "-", organisation.lower()).strip("-")
    return "-".join(part for part in ("package", word, period.name) if part)


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"--zone {name}: no such time zone; give one such as UTC or Europe/Berlin") from error


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
