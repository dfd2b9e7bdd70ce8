"""How Google writes times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_REPORT_DAY = timedelta(days=1, hours=8)
"""A day of the reports begins and ends by Pacific standard time, all year round."""


def moment(text: str | None) -> datetime | None:
    """A time in UTC; None where there is none, or Google writes 1970 for "never"."""
    if not text:
        return None
    found = datetime.fromisoformat(text).astimezone(UTC)
    return None if found <= _NEVER else found


def written(time: datetime) -> str:
    """A time as Google's parameters take it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def end_of_day(date: str) -> datetime:
    """When the day of a report is over: what the report says is as of then, whenever it is read."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC) + _REPORT_DAY
