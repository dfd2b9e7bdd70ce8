"""How Okta writes times."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 time as UTC; None where there is none. ValueError when it is no time."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
