"""Whether the archive could be written to now: asked of its place, and not by each of those who want to know."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from collector.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_FRESH = timedelta(minutes=1)


class Writable:
    """Asks at most once a minute, one thread at a time: a place that hangs holds up one who asks and nobody else."""

    def __init__(self, now: Callable[[], datetime], check: Callable[[], None]) -> None:
        """`check` raises CollectorError with the reason when nothing could be put."""
        self._now = now
        self._check = check
        self._lock = Lock()
        self._asked: datetime | None = None
        self._problem = ""

    def problem(self) -> str:
        """Why it could not be written to when last asked; empty when it could."""
        if self._lock.acquire(blocking=False):
            try:
                if self._asked is None or abs(self._now() - self._asked) > _FRESH:
                    self._asked, self._problem = self._now(), self._tried()
            finally:
                self._lock.release()
        return self._problem

    def _tried(self) -> str:
        try:
            self._check()
        except CollectorError as error:
            return str(error)
        return ""
