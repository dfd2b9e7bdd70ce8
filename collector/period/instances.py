"""Controls that operate by the calendar: the instances a period should have, and which of them are there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime


class Happened(StrEnum):
    """What is known of an instance."""

    DONE = "done"
    MISSING = "missing"
    """Its time is over, all evidence was read, and there is none."""
    CANNOT_TELL = "cannot_tell"
    """There is none, and what was read is not whole, or nothing was read."""
    RUNNING = "not over"
    """Its time is not over yet."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One expected operation of a control: the second quarter's review."""

    control: str
    label: str
    """`2026-Q2`, `2026-05`, `2026-W07`, `2026-H1`, `2026`."""
    first: date
    last: date
    """Its days, in the time zone of the period; cut to the period at its edges."""
    partial: bool
    """Whether the period has not all of its days."""
    happened: Happened
    because: str
    performed: Sequence[Performed] = ()
    """What shows it, oldest first."""


@dataclass(frozen=True, slots=True)
class Performed:
    """A row that shows an operation of the control."""

    at: datetime
    table: str
    row_id: str
    leaf: int
    who: str | None
