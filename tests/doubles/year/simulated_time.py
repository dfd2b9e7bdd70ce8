"""A process whose Python lives in another time: to be set before anything that reads the clock is imported.

For doubles only: an emulator writes the present into what it makes, and remembers so many days back from it. The
program under test has its clock handed in.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

_REAL = dt.datetime
_now = [_REAL.now(dt.UTC)]


class _Alike(type):
    """What the real class made is of the other one too: libraries ask."""

    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, _REAL)


class Simulated(_REAL, metaclass=_Alike):
    """A datetime whose present is the one that was set."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        """The present; without a zone, UTC."""
        moment = _now[0]
        return moment.astimezone(tz) if tz else moment.replace(tzinfo=None)

    @classmethod
    def utcnow(cls) -> Any:
        """The present, as old code asks for it."""
        return _now[0].replace(tzinfo=None)


def begin() -> None:
    """From now on whoever imports `datetime` or asks `time.time` gets the simulated one."""
    dt.datetime = Simulated  # type: ignore[misc]  # that is the purpose
    time.time = _seconds


def _seconds() -> float:
    return _now[0].timestamp()


def present() -> dt.datetime:
    """The moment that was set last."""
    return _now[0]


def move(moment: dt.datetime) -> None:
    """Set the present."""
    _now[0] = moment
