"""A period as an auditor states it: whole days in one time zone, from midnight to midnight. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.errors import UsageError

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, but without, `end`; both are midnights by the clocks of `zone`, given in UTC."""

    start: datetime
    end: datetime
    zone: str
    """A name of the tz database."""
    first: date
    """Its first day."""
    last: date
    """Its last day."""

    @classmethod
    def of(cls, first: date, last: date, zone: str = "UTC") -> Self:
        """The period of these days, both included; UsageError for a zone nobody knows or days in the wrong order."""
        if last < first:
            raise UsageError(f"a period cannot end ({last}) before it begins ({first})")
        return cls(midnight(first, zone), midnight(last + ONE_DAY, zone), zone, first, last)

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self.start <= moment < self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a day in a zone, UTC. Where clocks skip midnight, the day begins when they next show one."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{zone!r} is no time zone of the tz database, such as Europe/Berlin") from error
    return datetime.combine(day, time(), known).astimezone(UTC)
