"""What signs a request: a token, renewed by one thread while the others wait for it. No token is ever shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from collector.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.model import Cause

_BEFORE_EXPIRY = timedelta(minutes=5)
_SHORT_LIVED = 3
"""A token that lives less than this many times the margin is used up to a third of its life before its end."""


class NoTokenError(CollectorError):
    """No token could be had: why, and as which gap that counts."""

    def __init__(self, cause: Cause, detail: str, *, code: str = "") -> None:
        super().__init__(detail)
        self.cause = cause
        self.code = code
        """The endpoint's own word for it (RFC 6749, 5.2), where it gave one."""


class Credential(Protocol):
    """Gives the token for a request, from any thread."""

    def token(self) -> str:
        """The token to send now; NoTokenError when there is none."""

    def renew(self, refused: str) -> bool:
        """Whether there is now another token than the one that was refused."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token and how long it is good for."""

    value: str = field(repr=False)
    expires_at: datetime


class Renewed:
    """A token that runs out. It is fetched when first asked for, and again before it ends."""

    def __init__(self, fetch: Callable[[], Token], clock: Callable[[], datetime]) -> None:
        """`fetch` asks for a new token; NoTokenError when it gets none. One thread asks at a time."""
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._fresh_until: datetime | None = None

    def token(self) -> str:
        """The token in force, or a new one where that is about to end."""
        with self._lock:
            if self._token is None or self._fresh_until is None or self._clock() >= self._fresh_until:
                self._take()
            return self._value()

    def renew(self, refused: str) -> bool:
        """Fetch another one, unless another thread has done so since."""
        with self._lock:
            if self._token is None or self._token.value == refused:
                self._take()
            return self._value() != refused

    def _take(self) -> None:
        token = self._fetch()
        life = token.expires_at - self._clock()
        self._token = token
        self._fresh_until = token.expires_at - min(_BEFORE_EXPIRY, life / _SHORT_LIVED)

    def _value(self) -> str:
        return self._token.value if self._token else ""
