"""Quotas: a bucket for each caller and kind of resource, and the secondary limit, which a control switches on."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.doubles.github.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WINDOW_SECONDS = {"core": 3600, "graphql": 3600, "search": 60}


@dataclass(slots=True)
class Bucket:
    """What is left until `reset`, an epoch second."""

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        """Never below nothing."""
        return max(0, self.limit - self.used)


@dataclass(slots=True)
class Limits:
    """Limits by resource, and windows by caller."""

    limits: dict[str, int] = field(default_factory=lambda: {"core": 5000, "graphql": 5000, "search": 30})
    window_seconds: dict[str, int] = field(default_factory=lambda: dict(_WINDOW_SECONDS))
    at_once: int = 0
    """More requests at the same time than this meet the secondary limit; 0 is no limit."""
    retry_after: int = 1
    _buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, given: Mapping[str, int]) -> None:
        """New limits for some resources, `window`, `at_once` or `retry_after` seconds; buckets start full."""
        with self._lock:
            for name, value in given.items():
                if name == "window":
                    self.window_seconds = dict.fromkeys(self.window_seconds, value)
                elif name in {"at_once", "retry_after"}:
                    setattr(self, name, value)
                elif name in self.limits:
                    self.limits[name] = value
                else:
                    raise ValueError(f"unknown limit {name}; there are {[*self.limits, 'window', 'at_once']}")
            self._buckets.clear()

    def bucket(self, caller: str, resource: str) -> Bucket:
        """The caller's present window."""
        with self._lock:
            return self._bucket(caller, resource)

    def spend(self, caller: str, resource: str, cost: int = 1) -> Bucket:
        """Take from a bucket, or refuse with what is left: nothing."""
        with self._lock:
            bucket = self._bucket(caller, resource)
            if bucket.remaining < cost:
                message = f"API rate limit exceeded for {caller}."
                raise RefusedError(403, message, headers=headers(bucket, resource))
            bucket.used += cost
            return Bucket(bucket.limit, bucket.used, bucket.reset)

    def enter(self) -> None:
        """One more request runs; too many at once are refused with Retry-After."""
        with self._lock:
            if self.at_once and self._running >= self.at_once:
                raise secondary(self.retry_after)
            self._running += 1

    def leave(self) -> None:
        """One request fewer."""
        with self._lock:
            self._running -= 1

    def _bucket(self, caller: str, resource: str) -> Bucket:
        now = int(time.time())
        bucket = self._buckets.get((caller, resource))
        if bucket is None or now >= bucket.reset:
            bucket = Bucket(self.limits[resource], 0, now + self.window_seconds[resource])
            self._buckets[caller, resource] = bucket
        return bucket


def headers(bucket: Bucket, resource: str) -> dict[str, str]:
    """The five headers of a bucket."""
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": str(bucket.reset),
        "X-RateLimit-Used": str(bucket.used),
        "X-RateLimit-Resource": resource,
    }


def secondary(seconds: int, status: int = 403) -> RefusedError:
    """The refusal of one who asks too much at once, which spends nothing of the quota."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    url = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
    return RefusedError(status, message, url=url, headers={"Retry-After": str(seconds)})
