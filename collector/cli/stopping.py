"""What a run that is told to stop does: SIGTERM and Ctrl-C let it seal what it has read, a second one ends it at once.

A container's first process has no one else to do this for it: a signal it does not handle is not even delivered.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, NoReturn

from collector.cli import display
from collector.cli.main import INCOMPLETE
from collector.ending import Ending
from collector.engine.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Stoppable:
    """The threads of a run that can be told to stop, and when it is."""

    pool: Pool
    until: Ending

    def leave(self, code: int) -> NoReturn:
        """End the process, without waiting for threads that were left behind: they may wait for a provider for long."""
        if not self.until.abandoned:
            sys.exit(code)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@contextmanager
def stoppable(threads: int, grace_seconds: float) -> Iterator[Stoppable]:
    """A pool, and an `Ending` that signals ask for; what is still unread after the grace is abandoned."""
    pool, until = Pool(threads), Ending()
    over = Timer(grace_seconds, until.abandon)
    over.daemon = True

    def end(_number: int, _frame: object) -> None:
        if until.asked:
            os._exit(INCOMPLETE)  # whatever is cut off here, the archive has whole or not at all
        until.ask()
        display.note(f"told to stop: what is read within {grace_seconds:g} s is sealed; once more stops at once")
        over.start()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield Stoppable(pool, until)
    finally:
        over.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
        if until.abandoned:
            pool.leave()
        else:
            pool.__exit__(None, None, None)
