"""How fast a host may be asked: one budget for all threads, which leaves a share of the customer's quota untouched."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from collector.source.rest.quota import Quota

RESERVE = 0.2
PATIENCE = 900.0
_REFILL = 10.0
"""Seconds to wait on a bucket that refills all the time, before it is asked again."""
_SAME_WINDOW = 5.0
"""Resets told by one provider differ by a second or two for the same window."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_LEAST = 0.01
"""No sleep is shorter: a clock need not show that it passed."""


class SpentError(CollectorError):
    """The quota is used up for longer than we wait; `seconds` are left until it is full again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the quota is used up for another {seconds:.0f} seconds, longer than the collector waits")
        self.seconds = seconds


@dataclass(slots=True)
class _Bucket:
    """Times are seconds since 1970, by our own clock."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: float = 0.0
    shut_until: float = 0.0
    sent: int = 0
    """Sends that are not answered yet."""


class Pace:
    """The budget at one host for one identity."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        reserve: float = RESERVE,
        patience: float = PATIENCE,
    ) -> None:
        """`reserve` is the share of each bucket that is left for others; `patience`, seconds that one send may wait."""
        self._clock = clock
        self._sleep = sleep
        self._reserve = reserve
        self._patience = patience
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._told: dict[str, str] = {}

    @contextmanager
    def turn(self, operation: str, bucket: str) -> Iterator[None]:
        """Wait until the operation may be sent, and count it until it is answered; SpentError when that is too long.

        `bucket` is the declared one, until an answer says which it really is.
        """
        kept = self._taken(operation, bucket)
        try:
            yield
        finally:
            with self._lock:
                kept.sent -= 1

    def learn(self, operation: str, bucket: str, quota: Quota) -> None:
        """Take note of what an answer said. Answers overtake each other: within a window the lowest count stands."""
        with self._lock:
            if quota.bucket:
                self._told[operation] = quota.bucket
            kept = self._bucket(operation, bucket)
            kept.limit = quota.limit or max(kept.limit or 0, quota.remaining)
            if quota.resets_in == 0:
                return  # of a window that is over: it says nothing of the present one
            # In a new window the count may not have what is still under way; the one who asked is in it.
            others = max(0, kept.sent - 1)
            now = self._clock().timestamp()
            resets_at = now + (_REFILL if quota.resets_in is None else quota.resets_in)
            same = kept.remaining is not None and (
                quota.resets_in is None or abs(resets_at - kept.resets_at) < _SAME_WINDOW
            )
            kept.remaining = min(kept.remaining or 0, quota.remaining) if same else quota.remaining - others
            if not same:
                kept.resets_at = resets_at
            elif quota.resets_in is not None:  # of several ends told for one window, the latest is safe
                kept.resets_at = max(kept.resets_at, resets_at)

    def shut(self, operation: str, bucket: str, seconds: float) -> None:
        """Send nothing of the bucket for so long: the provider refused one of us, and means all."""
        with self._lock:
            kept = self._bucket(operation, bucket)
            kept.shut_until = max(kept.shut_until, self._clock().timestamp() + seconds)

    def rest(self, tries: int) -> None:
        """Wait before the next of several tries, longer each time, and never in step with the other threads."""
        self._sleep(pause(tries))

    def wait(self, seconds: float) -> None:
        """Wait as long as the provider asked; SpentError when that is too long."""
        if seconds > self._patience:
            raise SpentError(seconds)
        self._sleep(seconds)

    def _taken(self, operation: str, bucket: str) -> _Bucket:
        """The bucket that one send was taken from, when there was one to take."""
        waited = 0.0
        while True:
            with self._lock:
                kept = self._bucket(operation, bucket)
                pause = self._pause(kept)
                if pause == 0:
                    kept.sent += 1
                    return kept
            if waited + pause > self._patience:
                raise SpentError(pause)
            self._sleep(pause)
            waited += pause

    def _pause(self, kept: _Bucket) -> float:
        """Seconds until it is worth asking again; 0 takes one from the bucket."""
        now = self._clock().timestamp()
        if now < kept.shut_until:
            return max(_LEAST, kept.shut_until - now)
        if kept.remaining is None or kept.limit is None:
            return 0.0
        if now >= kept.resets_at:  # a new window: as full as the last one was, until an answer says otherwise
            kept.remaining, kept.resets_at = kept.limit - kept.sent, now + _REFILL
        if kept.remaining <= int(kept.limit * self._reserve):
            return max(_LEAST, kept.resets_at - now)
        kept.remaining -= 1
        return 0.0

    def _bucket(self, operation: str, bucket: str) -> _Bucket:
        return self._buckets.setdefault(self._told.get(operation, bucket), _Bucket())


def pause(tries: int) -> float:
    """Seconds before the next try, after so many: doubled each time, and spread."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 10))
    return random.uniform(longest / 2, longest)  # noqa: S311 - it spreads threads, it guards nothing
