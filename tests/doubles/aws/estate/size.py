"""How big the estate is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Totals over both member accounts; the named users, buckets and events of the story come first."""

    users: int = 24
    buckets: int = 14
    events: int = 240
    directory_users: int = 12

    def times(self, factor: int) -> Size:
        """The same estate, so many times as large."""
        return Size(self.users * factor, self.buckets * factor, self.events * factor, self.directory_users * factor)


DEMO = Size()
TENFOLD = Size(users=500, buckets=300, events=2400, directory_users=120)
