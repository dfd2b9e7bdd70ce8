"""Sends notifications: signed, tried again, and never in the way of a run."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from hashlib import sha256
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from collector import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schedules.clocks import Times

log = structlog.get_logger()
SIGNATURE = "Evidence-Signature"
PAUSES = (1.0, 5.0, 25.0, 120.0)
"""Seconds before each further try."""
_WAITING = 100
"""Notifications that may wait; more than these are dropped, and it is said."""
_SECONDS = 10.0
_REDIRECT, _REFUSED, _SERVER = 300, 400, 500
_AGAIN = frozenset({408, 425, 429})


def signature(secret: bytes, moment: int, body: bytes) -> str:
    """The header's value: `t=MOMENT,v1=HEX`, HMAC-SHA256 over the moment (Unix seconds), a dot and the body."""
    return f"t={moment},v1={hmac.new(secret, f'{moment}.'.encode() + body, sha256).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Target:
    """Where notifications go, and what signs them."""

    url: str
    secret: bytes = field(repr=False)


class Notifier:
    """One thread and a bounded queue; `tell` never waits. `told` hears how each one went."""

    def __init__(self, target: Target, times: Times, told: Callable[[str], None]) -> None:
        self._target = target
        self._times = times
        self._told = told
        self._queue: Queue[bytes] = Queue(_WAITING)
        self._ending = Event()
        self._thread = Thread(target=self._work, name="notify", daemon=True)
        self._thread.start()

    def tell(self, payload: Mapping[str, Any]) -> None:
        """Send this when its turn comes."""
        try:
            self._queue.put_nowait(json.dumps(payload, ensure_ascii=False, sort_keys=True).encode())
        except Full:
            log.error("notification dropped: too many wait", run=payload.get("run"))  # noqa: TRY400 - no bug
            self._told("dropped")

    def end(self, seconds: float) -> None:
        """Try what still waits once, for so many seconds at most, and end."""
        self._ending.set()
        self._thread.join(seconds)
        if left := self._queue.qsize() + self._thread.is_alive():
            log.error("notifications were not delivered", left=left)

    def _work(self) -> None:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client:
            while not (self._ending.is_set() and self._queue.empty()):
                try:
                    body = self._queue.get(timeout=0.2)
                except Empty:
                    continue
                self._told("delivered" if self._delivered(client, body) else "given_up")

    def _delivered(self, client: httpx.Client, body: bytes) -> bool:
        for pause in (*PAUSES, None):
            problem, again = self._sent(client, body)
            if not problem:
                return True
            log.warning("notification not delivered", problem=problem, again_in_seconds=pause if again else None)
            if not again or pause is None or self._ending.wait(pause):
                break
        log.error("notification given up")
        return False

    def _sent(self, client: httpx.Client, body: bytes) -> tuple[str, bool]:
        """What went wrong, if anything, and whether another try could help."""
        moment = int(self._times.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"evidence-collector/{__version__}",
            SIGNATURE: signature(self._target.secret, moment, body),
        }
        try:
            status = client.post(self._target.url, content=body, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{type(error).__name__}", True  # its text may hold the address, which may hold a token
        if status < _REDIRECT:
            return "", False
        return f"HTTP {status}", status >= _SERVER or status in _AGAIN
