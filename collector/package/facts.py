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
    estate: bool = False
    """Whether it is read once for all scopes, so that its scope is not what its rows are of."""


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
    period: tuple[datetime | None, datetime | None] = (None, None)
    """Whose coverage is shown: from the first up to the second; by default at most a year up to the end of the run."""
    simulated: bool = False
    descriptions: Mapping[str, Description] = field(default_factory=dict)
    """By evidence type."""
