"""What was due in a period and not done, and what became of it: back-filled, lost for ever, or still open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from collector.period.shortfall import Shortfall


class Recovery(StrEnum):
    """What became of a gap."""

    BACK_FILLED = "back-filled"
    """A later complete window covers all of its time."""
    PARTLY = "partly back-filled"
    """A later window covers some; the rest is lost, or still open."""
    LOST = "unrecoverable"
    """Nothing can read it any more: the source has forgotten it, or it was a state that nobody looked at."""
    OPEN = "still open"
    """Its source may still tell, and nothing has read it whole yet."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a gap's time."""

    start: datetime
    end: datetime
    recovery: Recovery
    leaf: int | None
    """The evidence leaf that read it, or that shows it to be lost; None for what is open, and for states."""
    collected: datetime | None
    """When that was."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots of one series, one after another, that were not done for the same reason."""

    slots: Shortfall
    """Its series, first and last slot, count, state, cause, and why."""
    start: datetime
    """From here its time is not told by its own slots: the slot done before, or the start of the period."""
    end: datetime
    """Up to here: the next slot that was done, or the end of the period."""
    population: bool
    """Whether it is of what happened, which may be read later; a state that nobody looked at cannot."""
    recovery: Recovery
    stretches: tuple[Stretch, ...]
    """Its time, in order, without a hole."""
