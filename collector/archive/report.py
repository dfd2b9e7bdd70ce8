"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from collector.archive.pin import Head
    from collector.archive.timestamp_verify import GenTime
    from collector.errors import ArchiveError

_MOST_UNREAD = 20
"""One bad sector is an object; a store that has gone away is no list of objects."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One object (its key in the store, or a run of keys) and what is wrong with it."""

    object: str
    problem: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp token that holds: over the head of which commit, in which object, and the time it shows."""

    commit: int
    object: str
    time: GenTime


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A cosignature that holds: on the head of which commit, by which witness (its name), at what time (UTC)."""

    commit: int
    witness: str
    time: datetime


@dataclass(slots=True)
class Report:
    """Every fault, what a reader should know though it is no fault, and how much was checked.

    `unread` are the objects that are there and could not be read: nothing is known of them, so nothing is sound.
    `head` is the archive after the last commit that could be read; None when there is none. Of the commits in
    `segments`, `voids` count as one void leaf each. `length` is the total of the distinct contents, in bytes before
    compression. `stamps` and `cosigned` are in the order of the log.
    """

    faults: list[Fault] = field(default_factory=list)
    unread: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: Head | None = None
    segments: int = 0
    voids: int = 0
    leaves: int = 0
    contents: int = 0
    length: int = 0
    stamps: list[Stamp] = field(default_factory=list)
    cosigned: list[Cosigned] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything was read and nothing at all is wrong."""
        return not self.faults and not self.unread

    @property
    def trusted_time(self) -> str:
        """What the tokens that hold cover, in one sentence."""
        if not self.stamps:
            return "no token of a trusted authority"
        times = sorted(stamp.time.time for stamp in self.stamps)
        longest = max((later - earlier for earlier, later in pairwise(times)), default=timedelta(0))
        tokens = "1 token" if len(times) == 1 else f"{len(times)} tokens"
        return f"{tokens}, from {_text(times[0])} to {_text(times[-1])}; longest stretch without: {longest}"

    def fault(self, key: str, problem: str) -> None:
        """Record one fault."""
        self.faults.append(Fault(key, problem))

    def could_not_read(self, key: str, error: ArchiveError) -> None:
        """Record an object that could not be read, and go on; the error itself when they become many."""
        if len(self.unread) == _MOST_UNREAD:
            raise error
        self.unread.append(Fault(key, str(error)))


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
