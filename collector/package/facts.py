"""What the page says that no sealed leaf can say: handed in by the command, which has the clock and has verified."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.archive.report import Cosigned, Stamp


@dataclass(frozen=True, slots=True)
class Description:
    """An evidence type in words, as its declaration gives them."""

    title: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` said of the archive. `sound` is None when nobody asked it."""

    sound: bool | None = None
    key: str = ""
    """The log's verifier key that it was checked against."""
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()
    """The time-stamp tokens that hold, in the order of the log."""
    cosigned: tuple[Cosigned, ...] = ()
    """The cosignatures that hold."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How many slots were due from the first schedule to the end of the run, and how many were done."""

    done: int
    due: int
    start: datetime
    end: datetime

    @property
    def share(self) -> str:
        """Per cent to one place, rounded down: what is not whole never reads 100."""
        return f"{self.done * 1000 // self.due / 10:.1f} %" if self.due else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the page takes from outside the archive; it marks each of these as such."""

    generated: datetime
    """When the page is written, with time zone."""
    generator: str
    """The version of the program that writes it."""
    organisation: str
    origin: str
    """The archive's name: the first line of its checkpoints."""
    size: int
    """How many leaves the archive has."""
    root: str
    """The root hash over them, in hex."""
    verification: Verification = field(default_factory=Verification)
    lock: str
    """What keeps the place itself from being changed, or that nothing does, in a sentence or two."""
    covered: Covered | None = None
    """None where nothing was ever due."""
    simulated: bool = False
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    """By evidence type."""
