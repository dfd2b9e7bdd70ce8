"""How Azure writes times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")
_NEVER = 1
"""The year in which Azure puts what never happened: 0001-01-01T00:00:00Z."""


def moment(text: str | None) -> datetime | None:
    """A time as UTC; None where there is none, or where Azure says "never". ValueError when it is no time.

    Azure counts in steps of 100 nanoseconds; what is beyond microseconds is cut off. A time without a zone is UTC.
    """
    if not text:
        return None
    at = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    if at.year == _NEVER:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def written(at: datetime) -> str:
    """A time as filters take it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
