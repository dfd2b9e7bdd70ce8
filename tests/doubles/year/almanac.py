"""When the year is, and what goes wrong in it: the oracle that its tests are held against. Days count from 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ONE_DAY = timedelta(days=1)
START = datetime(2025, 10, 1, tzinfo=UTC)
DAYS = 365
END = START + timedelta(days=DAYS)
INSTALLED = START - timedelta(days=2)
"""The Monday before, when everything is due: so what held when the period began was seen."""
RUN_AT = timedelta(minutes=5)
"""How long after its slot a run starts: as a cron job that comes every few minutes would."""
SLOT_HOUR = 2
ACCOUNT = "123456789012"
REGIONS = ("eu-central-1", "us-east-1")
LIMIT_SECONDS = 300
PATIENCE_SECONDS = 300
"""How long a double may take to start, on a machine that has much else to do."""
AHEAD = timedelta(minutes=10)
"""How far the collector's clock is ahead while it is wrong; all providers have the right time."""


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of whole days, the first up to, but without, the other."""

    first: int
    end: int

    @property
    def start(self) -> datetime:
        """Midnight before the first day."""
        return at(self.first)

    @property
    def stop(self) -> datetime:
        """Midnight after the last."""
        return at(self.end)

    def __contains__(self, moment: object) -> bool:
        return isinstance(moment, datetime) and self.start <= moment < self.stop


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of the year."""
    return START + timedelta(days=day, hours=hour, minutes=minute)


HOURLY = Days(20, 25)
"""While somebody looked into an incident, backup jobs were collected every hour: two changes of the schedule."""
CLOCK_WRONG = Days(60, 63)
OPENED, CLOSED = at(100, 9, 30), at(103, 16)
"""A bucket was open to the world in between."""
DENIED = Days(150, 155)
"""The list of buckets was refused."""
RULE_CHANGED, OLDEST_KEY, APPROVER = at(151), 180, "CISO"
"""From then on a key may be 180 days old, and not 90 as before: somebody approved it."""
STOPPED = Days(200, 240)
"""The collector did not run."""
BROKEN = Days(270, 310)
"""GitHub's connector could not be loaded, while all others ran."""
BACKUPS_KEPT = timedelta(days=30)
"""How long AWS Backup remembers its jobs: of those nights, the first ten are lost for ever."""
BUCKET = "nw-exports"
