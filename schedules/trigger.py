"""When the service fires: at the slots of our own arithmetic, each a little late by its own fixed jitter."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from apscheduler.triggers.base import BaseTrigger

from collector.cadence import following, parse, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_TICK = timedelta.resolution
_AT_ONCE = 2**32


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires for each slot of any of these cadences. What `cadences` returns may change from one call to the next.

    Slots that went by while nothing fired count as one: whoever runs then sees in the archive what is due.
    """

    def __init__(self, cadences: Callable[[], Collection[str]], jitter: timedelta, instance: str) -> None:
        self._cadences = cadences
        self._jitter = jitter
        self._instance = instance

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next moment to fire, later than the previous one; for the first, not before now."""
        after = previous_fire_time or now - _TICK
        newest = self.newest(now)
        before, then = self.newest(newest - _TICK), self.following(newest)
        candidates = [self.fire_time(slot) for slot in (before, newest, then)]
        if after >= candidates[-1]:  # the clock was set back: what has fired does not fire again
            candidates = [self.fire_time(self.following(after))]
        return next(moment for moment in candidates if moment > after)

    def newest(self, instant: datetime) -> datetime:
        """The newest slot up to an instant."""
        return max(slot_of(parse(text), instant) for text in self._cadences())

    def following(self, instant: datetime) -> datetime:
        """The first slot after an instant."""
        return min(following(parse(text), instant) for text in self._cadences())

    def fire_time(self, slot: datetime) -> datetime:
        """When a slot is fired: always the same for one slot and one instance, and before half the time to the next."""
        most = min(self._jitter, (self.following(slot) - slot) / 2)
        seed = int.from_bytes(sha256(f"{self._instance} {slot.isoformat()}".encode()).digest()[:4])
        return slot + most * (seed / _AT_ONCE)
