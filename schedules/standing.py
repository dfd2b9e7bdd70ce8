"""How the service stands, for whoever asks: is it alive, is it ready, and if not, why. Safe from many threads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from collector.cadence import following, parse

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from schedules.clocks import Times
    from schedules.passed import Passed

HEARTBEAT_SECONDS = 30.0
"""A loop that has not come round for so long is stuck: it does nothing that waits for anybody."""
NOTHING_PLANNED = ("every 5 minutes",)
"""How often a first pass is tried again that could not find out what there is to collect."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known after the last pass."""

    cadences: tuple[str, ...] = NOTHING_PLANNED
    looked_at: datetime | None = None
    """The moment up to which the last pass that succeeded looked for slots."""
    problem: str = "no pass has ended yet"
    """Why the last pass failed; empty when it did not."""
    ending: bool = False


class Standing:
    """Written by the service, read by its port."""

    def __init__(self, times: Times, patience: timedelta) -> None:
        """`patience` is how long after a slot its pass may still be under way."""
        self._times = times
        self._patience = patience
        self._lock = Lock()
        self._beat = times.monotonic()
        self._state = State()

    @property
    def state(self) -> State:
        """As of now."""
        return self._state

    def beat(self) -> None:
        """The loop has come round."""
        self._beat = self._times.monotonic()

    def passed(self, passed: Passed) -> bool:
        """A pass succeeded; whether the cadences are others than before."""
        with self._lock:
            before = self._state.cadences
            cadences = passed.cadences or NOTHING_PLANNED
            self._state = replace(self._state, cadences=cadences, looked_at=passed.turn.at, problem="")
            return cadences != before

    def failed(self, problem: str) -> None:
        """A pass failed."""
        with self._lock:
            self._state = replace(self._state, problem=problem)

    def end(self) -> None:
        """No more slots are taken."""
        with self._lock:
            self._state = replace(self._state, ending=True)

    def dead(self) -> str:
        """Why it is not alive; empty when it is."""
        silent = self._times.monotonic() - self._beat
        return f"the loop has not come round for {silent:.0f} seconds" if silent > HEARTBEAT_SECONDS else ""

    def unready(self) -> str:
        """Why it is not ready: ending, the last pass failed, or a slot went by without a pass. Empty when it is."""
        state = self._state
        if state.ending:
            return "it is ending"
        if state.problem or state.looked_at is None:
            return state.problem
        slot = min(following(parse(text), state.looked_at) for text in state.cadences)
        if self._times.now() > slot + self._patience:
            return f"the slot of {slot:%Y-%m-%d %H:%M} UTC has had no pass; the last one looked at {state.looked_at}"
        return ""
