"""What the status page shows, read from the archive alone: next slots, last runs, gaps now, coverage."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from collector import ledger as ledgers
from collector.archive.reader import Reader
from collector.cadence import following, parse
from collector.coverage import matters
from collector.ledger import Ledger
from collector.package.picture import pictured

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.archive.store import Store
    from collector.package.picture import Picture

DAYS = 28
RUNS = 10


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next slot of a cadence."""

    cadence: str
    at: datetime
    series: int
    """How many evidence types times scopes have it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The newest evidence of a type and scope, where something is missing from it."""

    type: str
    unit: str
    ended: str
    causes: Mapping[str, int]
    """Empty when only a total does not tie."""


@dataclass(frozen=True, slots=True)
class Overview:
    """As of one reading of the log."""

    upcoming: Sequence[Upcoming]
    runs: Sequence[Mapping[str, Any]]
    """The leaves of the last runs, newest first."""
    unread: Sequence[Unread]
    picture: Picture
    """The slots of the last days, up to now."""
    leaves: int


class Follower:
    """Reads a log as it grows, each leaf once; it holds the last weeks of slots, however old the archive."""

    def __init__(self, store: Store) -> None:
        self._reader = Reader(store)
        self._ledger = Ledger()
        self._runs: deque[Mapping[str, Any]] = deque(maxlen=RUNS)
        self._newest: dict[tuple[str, str, str], Mapping[str, Any]] = {}
        self._seen = 0

    def overview(self, now: datetime) -> Overview:
        """As of the last commit. ArchiveError when the log cannot be read; ValueError for a leaf that is no such."""
        start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)
        ledgers.read(self._leaves(start), self._reader.content, known=self._ledger)
        self._forget(start)
        rules = self._ledger.rules
        unread = [
            Unread(body["type"], body["unit"], body["ended"], body["gaps"])
            for _, body in sorted(self._newest.items())
            if not body["complete"]
        ]
        picture = pictured(self._ledger, max([start, *(rule.at for rule in rules[:1])]), now + timedelta.resolution)
        ledgers.moments.cache_clear()  # worked out up to this very moment, so of no use to the next page
        return Overview(_upcoming(self._ledger, now), list(self._runs), unread, picture, self._seen)

    def _leaves(self, start: datetime) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for leaf in self._reader.newer():
            self._seen = leaf.index + 1
            if leaf.body["kind"] == "run":
                self._runs.appendleft(leaf.body)
            elif leaf.body["kind"] == "evidence":
                self._newest[leaf.body["type"], leaf.body["provider"], leaf.body["unit"]] = leaf.body
            if matters(leaf.body, start):
                yield leaf.index, leaf.body

    def _forget(self, start: datetime) -> None:
        """Let go of what is older than the picture. The latest claim bounds the schedules that are to come."""
        ledger = self._ledger
        ledger.claims[:] = sorted(ledger.claims, key=lambda claim: claim.at)[-1:]
        ledger.again.clear()
        for series, answers in ledger.served.items():
            ledger.served[series] = {slot: answer for slot, answer in answers.items() if slot >= start}
        for series, stretches in ledger.missed.items():
            ledger.missed[series] = [one for one in stretches if one[0].last >= start]
        ruling = sum(rule.at < start for rule in ledger.rules)
        del ledger.rules[: max(0, ruling - 1)]


def _upcoming(ledger: Ledger, now: datetime) -> list[Upcoming]:
    entries = ledger.rules[-1].entries.values() if ledger.rules else ()
    found = Counter(entry.cadence for entry in entries)
    return sorted(
        (Upcoming(text, following(parse(text), now), count) for text, count in found.items()), key=lambda one: one.at
    )
