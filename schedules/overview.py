"""What the status page shows, read from the archive alone: next slots, last runs, gaps now, coverage day by day."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from collector import ledger as ledgers
from collector.archive.reader import Reader
from collector.cadence import following, parse
from collector.coverage import Open, calendar
from collector.ledger import State, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from collector.archive.reader import Leaf
    from collector.archive.store import Store
    from collector.ledger import Ledger

DAYS = 28
RUNS = 10
WORST = (State.MISSED, State.FAILED, State.PARTIAL, State.SKIPPED, Open.OPEN, State.DONE)
"""What a day is shown as, of all that its slots have become: the first of these."""


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
class Day:
    """One cell of the calendar."""

    date: date
    state: State | Open | None
    """None on a day without a slot."""
    counts: Mapping[State | Open, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """As of one reading of the log."""

    upcoming: Sequence[Upcoming]
    runs: Sequence[Mapping[str, Any]]
    """The leaves of the last runs, newest first."""
    unread: Sequence[Unread]
    days: Sequence[date]
    rows: Mapping[str, Sequence[Day]]
    """By evidence type, over all its scopes."""
    counts: Mapping[State | Open, int]
    """Every slot of these days."""
    leaves: int


def overview(store: Store, now: datetime) -> Overview:
    """Read the log once. ArchiveError when it cannot be read."""
    reader = Reader(store)
    runs: deque[Mapping[str, Any]] = deque(maxlen=RUNS)
    newest: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    seen = 0
    start = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS - 1)

    def leaves() -> Iterator[Leaf]:
        nonlocal seen
        for leaf in reader.leaves():
            seen = leaf.index + 1
            if leaf.body["kind"] == "run":
                runs.appendleft(leaf.body)
            elif leaf.body["kind"] == "evidence":
                newest[leaf.body["type"], leaf.body["provider"], leaf.body["unit"]] = leaf.body
            if _matters(leaf.body, start):
                yield leaf

    ledger = ledgers.read(((leaf.index, leaf.body) for leaf in leaves()), reader.content)
    unread = [
        Unread(body["type"], body["unit"], body["ended"], body["gaps"])
        for _, body in sorted(newest.items())
        if not body["complete"]
    ]
    days = [(now.astimezone(UTC) - timedelta(days=back)).date() for back in reversed(range(DAYS))]
    rows = _rows(ledger, days, start, now)
    counts: Counter[State | Open] = Counter()
    for row in rows.values():
        for day in row:
            counts.update(day.counts)
    return Overview(_upcoming(ledger, now), list(runs), unread, days, rows, counts, seen)


def _upcoming(ledger: Ledger, now: datetime) -> list[Upcoming]:
    entries = ledger.rules[-1].entries.values() if ledger.rules else ()
    found = Counter(entry.cadence for entry in entries)
    return sorted(
        (Upcoming(text, following(parse(text), now), count) for text, count in found.items()), key=lambda one: one.at
    )


def _matters(body: Mapping[str, Any], start: datetime) -> bool:
    """Whether a leaf says something of slots since then. An archive of years is not held in memory for four weeks."""
    if body["kind"] == "evidence":
        return body["slot"] is not None and moment(body["slot"]) >= start
    # A missed leaf is about slots before it, and says nothing of those that come later.
    return moment(body["at"]) >= start if body["kind"] == "missed" else body["kind"] in {"schedule", "claim"}


def _rows(ledger: Ledger, days: Sequence[date], start: datetime, now: datetime) -> dict[str, list[Day]]:
    counted: dict[str, dict[date, Counter[State | Open]]] = {}
    for series, by_day in calendar(ledger, start, now + timedelta.resolution).items():
        of_type = counted.setdefault(series.type, {})
        for day, counts in by_day.items():
            of_type.setdefault(day, Counter()).update(counts)
    return {name: [_day(day, found.get(day, Counter())) for day in days] for name, found in sorted(counted.items())}


def _day(day: date, counts: Mapping[State | Open, int]) -> Day:
    return Day(day, next((state for state in WORST if counts.get(state)), None), counts)
