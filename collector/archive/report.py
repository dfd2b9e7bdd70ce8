"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.errors import ArchiveError

_MOST_UNREAD = 20
"""One bad sector is an object; a store that has gone away is no list of objects."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One object (its key in the store, or a run of keys) and what is wrong with it."""

    object: str
    problem: str


@dataclass(slots=True)
class Report:
    """Every fault, what a reader should know though it is no fault, and how much was checked.

    `unread` are the objects that are there and could not be read: nothing is known of them, so nothing is sound.
    `head` is the archive after the last commit that could be read; None when there is none. `length` is the total of
    the distinct contents, in bytes before compression.
    """

    faults: list[Fault] = field(default_factory=list)
    unread: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: Head | None = None
    segments: int = 0
    leaves: int = 0
    contents: int = 0
    length: int = 0

    @property
    def sound(self) -> bool:
        """Whether everything was read and nothing at all is wrong."""
        return not self.faults and not self.unread

    def fault(self, key: str, problem: str) -> None:
        """Record one fault."""
        self.faults.append(Fault(key, problem))

    def could_not_read(self, key: str, error: ArchiveError) -> None:
        """Record an object that could not be read, and go on; the error itself when they become many."""
        if len(self.unread) == _MOST_UNREAD:
            raise error
        self.unread.append(Fault(key, str(error)))
