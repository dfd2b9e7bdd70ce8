"""A slot of the schedule in words: whose it is, how it was answered and why not; and the documents that say so. Pure.

FORMAT.md, "Schedules and slots", has both documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from collector import canonical
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Series(NamedTuple):
    """One evidence type in one scope, over time: what a slot belongs to."""

    type: str
    provider: str
    unit: str


class Entry(NamedTuple):
    """One line of a schedule."""

    series: Series
    unit_name: str
    cadence: str


class State(StrEnum):
    """How a slot was answered."""

    DONE = "done"
    """All of it was read."""
    PARTIAL = "partial"
    """Some of it was read, and what is missing is named."""
    FAILED = "failed"
    """It was tried, and nothing was read."""
    SKIPPED = "skipped"
    """Somebody decided against it."""
    MISSED = "missed"
    """Nobody tried."""

    @staticmethod
    def of(*, complete: bool, records: int) -> State:
        """The state of a slot that evidence answers."""
        return State.DONE if complete else State.PARTIAL if records else State.FAILED


class Cause(StrEnum):
    """Why a slot was not served."""

    NOT_RUNNING = "not_running"
    """No run took it up."""
    FAILED = "failed"
    """A run took it up and did not end, or its provider could not be started."""
    SKIPPED = "skipped"
    """Somebody decided against it; `by` says who."""
    REMOVED = "removed"
    """It was the newest when a run came, and the evidence type or the scope was in the schedule no more."""

    @property
    def state(self) -> State:
        """What it makes of the slot."""
        return State(self.value) if self.value in list(State) else State.MISSED


@dataclass(frozen=True, slots=True)
class Missed:
    """Every slot of a series from `first` to `last` went by unserved; `count` is their number."""

    series: Series
    first: datetime
    last: datetime
    count: int
    cause: Cause
    by: str = ""
    because: str = ""


def entries_document(entries: Iterable[Entry]) -> bytes:
    """The schedule's content: one line for each entry, ordered by evidence type, provider and unit."""
    return b"".join(
        canonical.encode(entry.series._asdict() | {"unit_name": entry.unit_name, "cadence": entry.cadence}) + b"\n"
        for entry in sorted(entries)
    )


def read_entries(document: bytes) -> Iterator[Entry]:
    """The entries of a schedule's content."""
    for row in map(canonical.decode, document.splitlines()):
        yield Entry(series_of(row), row["unit_name"], row["cadence"])


def missed_document(missed: Iterable[Missed]) -> bytes:
    """One line for each stretch of slots that were not served."""
    return b"".join(
        canonical.encode(
            one.series._asdict()
            | {"first": timestamp(one.first), "last": timestamp(one.last)}
            | {"count": one.count, "cause": one.cause.value, "by": one.by, "because": one.because}
        )
        + b"\n"
        for one in sorted(missed, key=lambda one: (one.series, one.first))
    )


def read_missed(document: bytes) -> Iterator[Missed]:
    """The stretches of a missed leaf's content."""
    for row in map(canonical.decode, document.splitlines()):
        first, last = moment(row["first"]), moment(row["last"])
        yield Missed(series_of(row), first, last, row["count"], Cause(row["cause"]), row["by"], row["because"])


def moment(text: str) -> datetime:
    """RFC 3339 with a zone; ValueError for anything else."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found


def series_of(row: Mapping[str, Any]) -> Series:
    """The series that a leaf or a line is about."""
    return Series(*(row[name] for name in Series._fields))
