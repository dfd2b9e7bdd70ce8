"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.archive.pin import Head


@dataclass(frozen=True, slots=True)
class Fault:
    """One object (its key in the store, or a run of keys) and what is wrong with it."""

    object: str
    problem: str


@dataclass(slots=True)
class Report:
    """Every fault, what a reader should know though it is no fault, and how much was checked.

    `head` is the archive after the last commit that could be read; None when there is none. Of the commits in
    `segments`, `voids` count as one void leaf each. `length` is the total of the distinct contents, in bytes before
    compression.
    """

    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: Head | None = None
    segments: int = 0
    voids: int = 0
    leaves: int = 0
    contents: int = 0
    length: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.faults

    def fault(self, key: str, problem: str) -> None:
        """Record one fault."""
        self.faults.append(Fault(key, problem))
