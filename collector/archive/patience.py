"""How long a request to a bucket is repeated while what went wrong may pass."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

Answer = TypeVar("Answer")

TRIES = 5
DEADLINE = timedelta(minutes=2)
CONNECT_SECONDS = 10
READ_SECONDS = 60
PASSING = {408, 429, 500, 502, 503, 504}
"""The statuses that may be others a moment later."""
_PAUSE_SECONDS = 0.2


def patiently(
    ask: Callable[[], Answer],
    errors: tuple[type[Exception], ...],
    pause: Callable[[Exception], float | None],
    clock: Callable[[], datetime],
) -> Answer:
    """What `ask` returns, asked at most TRIES times; none is begun after DEADLINE. The last error is raised.

    `pause` says of one of `errors` how many seconds the server wants to be left alone, or None when it is final.
    """
    end = clock() + DEADLINE
    for attempt in range(TRIES):
        try:
            return ask()
        except errors as error:
            wanted = pause(error)
            wait = max(wanted or 0, _PAUSE_SECONDS * 2**attempt)
            if wanted is None or attempt == TRIES - 1 or clock() + timedelta(seconds=wait) > end:
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt either returns or raises")


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds in a Retry-After header; 0 without one, or when it names a date."""
    wanted = headers.get("Retry-After", "")
    return float(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0.0  # noqa: PLR2004 - no overflow
