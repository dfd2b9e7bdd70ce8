"""How Google writes times."""

from __future__ import annotations

from datetime import UTC, datetime

_FOREVER = 9999
"""The year of a key that does not run out."""


def moment(text: str | None) -> datetime | None:
    """A time in UTC, to the microsecond; None where there is none, or it stands for "never"."""
    if not text:
        return None
    found = datetime.fromisoformat(text).astimezone(UTC) if not text.startswith(str(_FOREVER)) else None
    return found if found is not None and found.year > 1970 else None  # noqa: PLR2004 - Google's "never was"


def written(time: datetime) -> str:
    """A time as Google's filters take it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
