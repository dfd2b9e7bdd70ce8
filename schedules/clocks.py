"""Notices that the wall clock was set, or that the machine slept: two clocks that go alike do not any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

TOLERANCE = timedelta(seconds=5)
"""Clocks that are kept right by slewing never part this far between two looks."""


@dataclass(frozen=True, slots=True)
class Times:
    """The clocks of the machine, as the command line reads them."""

    now: Callable[[], datetime]
    """The time of day, with a zone."""
    monotonic: Callable[[], float]
    """Seconds that only ever go on, and on Linux stand still while the machine is suspended."""


class ClockWatch:
    """Compares the two clocks at each look."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._wall, self._steady = times.now(), times.monotonic()

    def jump(self) -> timedelta | None:
        """How much further the wall clock went than the steady one since the last look; None when they agree."""
        wall, steady = self._times.now(), self._times.monotonic()
        apart = (wall - self._wall) - timedelta(seconds=steady - self._steady)
        self._wall, self._steady = wall, steady
        return apart if abs(apart) > TOLERANCE else None
