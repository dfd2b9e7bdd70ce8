"""A stretch of time, and which commits are of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIMES = ("created", "started", "ended", "assessed", "read")
"""The members of a leaf that say when what it records was done."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to but not including `end`; both have a time zone."""

    start: datetime
    end: datetime

    def holds(self, leaves: Iterable[dict[str, Any]]) -> bool:
        """Whether a commit of these leaves is of the period, that is: not known to lie outside of it.

        A commit lasts from the first to the last time that its leaves tell; one that tells none counts to every period.
        """
        times = [at for leaf in leaves for name in _TIMES if (at := _time(leaf.get(name))) is not None]
        return not times or (min(times) < self.end and max(times) >= self.start)


def _time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
