"""One pass over the schedule, as it came out: what the service, its metrics and its messages are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.archive.pin import Head
    from collector.archive.traffic import Traffic
    from collector.run import Finished
    from collector.slots import Entry
    from collector.turn import Turn


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass found and did."""

    origin: str
    """The archive's name."""
    entries: Sequence[Entry]
    """The schedule in force from it on."""
    turn: Turn
    traffic: Traffic
    head: Head
    finished: Finished | None
    """None when nothing was due."""

    @property
    def cadences(self) -> tuple[str, ...]:
        """Every cadence of the schedule once, in order."""
        return tuple(sorted({entry.cadence for entry in self.entries}))

    @property
    def outcome(self) -> str:
        """`nothing` was due, or all of it was `complete`, or some of it was `incomplete`."""
        if self.finished is None:
            return "nothing"
        return "complete" if self.finished.complete else "incomplete"
