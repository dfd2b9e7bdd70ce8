"""How Graph writes times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")
_NEVER = 1
"""The year in which Graph puts what never happened: 0001-01-01T00:00:00Z."""


def moment(text: str | None) -> datetime | None:
    """A time as UTC; None where there is none, or where Graph says "never". ValueError when it is no time.

    Graph counts in steps of 100 nanoseconds; what is beyond microseconds is cut off.
    """
    if not text:
        return None
    at = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    return None if at.year == _NEVER else at.astimezone(UTC)


def written(at: datetime) -> str:
    """A time as a Graph filter takes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
