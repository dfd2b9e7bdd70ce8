"""How a run that has to end early ends: what was read is kept, and what was not is said to be abandoned.

A thread that waits for a provider cannot be stopped. So nobody waits for it any more, and whatever it still brings
finds the door shut: what is sealed stands still while it is sealed.
"""

from __future__ import annotations

from concurrent.futures import Future
from threading import Condition, Event
from typing import TYPE_CHECKING

from collector.errors import ArchiveError, UsageError
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Callable


class Ending:
    """Asked to end, and later: given up waiting. Safe to use from many threads."""

    def __init__(self) -> None:
        self.over: Future[None] = Future()
        """Done once what is still unread is abandoned."""
        self._asked = Event()
        self._door = Condition()
        self._inside = 0

    @property
    def asked(self) -> bool:
        """Whether it was told to end."""
        return self._asked.is_set()

    def refuse(self) -> None:
        """UsageError when a run that has taken up nothing yet is to leave it at that."""
        if self.asked:
            raise UsageError("told to end before anything was taken up; nothing was done")

    @property
    def abandoned(self) -> bool:
        """Whether reading is over."""
        return self.over.done()

    def ask(self) -> None:
        """Let what is under way come to its end, and begin nothing new."""
        self._asked.set()

    def abandon(self) -> None:
        """Wait no longer. Returns when nothing is being kept any more, which takes a moment."""
        self.ask()
        with self._door:
            if not self.over.done():
                self.over.set_result(None)
            self._door.wait_for(lambda: self._inside == 0)

    def gated(self, keep: Callable[[bytes], str]) -> Callable[[bytes], str]:
        """The same `keep`, until reading is over; ArchiveError from then on."""

        def kept(content: bytes) -> str:
            with self._door:
                if self.abandoned:
                    raise ArchiveError("the run has ended without what this would have been evidence of")
                self._inside += 1
            try:
                return keep(content)
            finally:
                with self._door:
                    self._inside -= 1
                    self._door.notify_all()

        return kept


def abandoned(evidence_type: str) -> Gap:
    """The gap of a task that was under way, or had not begun, when its run had to end."""
    return Gap(Cause.TIMEOUT, evidence_type, "abandoned at shutdown: the collector had to end before it was read")
