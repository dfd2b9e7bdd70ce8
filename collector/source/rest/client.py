"""One call: signed, paced, tried again where that can help, and pinned to its address. What it cannot get, it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from collector.model import Cause
from collector.source.rest import refusals
from collector.source.rest.auth.credential import NoTokenError
from collector.source.rest.base import StrayError
from collector.source.rest.pace import SpentError
from collector.source.rest.quota import quota, retry_after
from collector.source.rest.wire import NoReplyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import httpx

    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential
    from collector.source.rest.base import Base
    from collector.source.rest.dialect import Dialect
    from collector.source.rest.pace import Pace
    from collector.source.rest.wire import Reply, Wire

ATTEMPTS = 6
_HOPS = 3
_REDIRECTS = frozenset({301, 302, 307, 308})


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be sent."""

    operation: str
    bucket: str
    base: Base
    url: httpx.URL
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


@dataclass(slots=True)
class Call:
    """What sending it came to: the last reply, or why there is none."""

    url: httpx.URL
    started_at: datetime
    ended_at: datetime
    attempts: int = 0
    reply: Reply | None = None
    slow: bool = False
    """Whether the reply is a request to slow down."""
    cause: Cause | None = None
    kind: str | None = None
    """How the transport failed."""
    detail: str = ""


class Calls(Protocol):
    """What makes calls: one client, or several that each have a credential of their own."""

    def call(self, ask: Ask) -> Call:
        """What sending it came to."""


class Client:
    """Sends for one identity at one provider, from any thread."""

    def __init__(
        self,
        wire: Wire,
        pace: Pace,
        credential: Credential,
        dialect: Dialect,
        outside: Outside,
        *,
        attempts: int = ATTEMPTS,
    ) -> None:
        """`attempts` counts every send of a call, but for redirects and the one after a renewed token."""
        self._wire = wire
        self._pace = pace
        self._credential = credential
        self._dialect = dialect
        self._outside = outside
        self._attempts = attempts

    def call(self, ask: Ask) -> Call:
        """Send it until it is answered, or no further try can help. What is asked only reads, so it may be repeated."""
        now = self._outside.clock()
        call = Call(ask.url, now, now)
        try:
            self._until_answered(ask, call)
        except NoReplyError as error:
            call.cause, call.kind, call.detail = error.cause, error.kind, error.detail
        except SpentError as error:
            call.cause, call.kind, call.detail = Cause.THROTTLED, "QuotaSpent", str(error)
        except NoTokenError as error:
            call.cause, call.kind, call.detail = error.cause, "NoToken", str(error)
        except StrayError as error:
            call.cause, call.kind = Cause.UNAVAILABLE, "RedirectedElsewhere"
            call.detail = f"redirected elsewhere, which is not followed: {error}"
        call.ended_at = self._outside.clock()
        return call

    def _until_answered(self, ask: Ask, call: Call) -> None:
        renewed, hops, tries = False, 0, 0
        while True:
            token = self._credential.token()
            reply = self._sent(ask, call, token, last=tries + 1 >= self._attempts)
            if reply is None:
                tries += 1
                self._pace.rest(tries)
            elif reply.status == HTTPStatus.UNAUTHORIZED and not renewed and self._credential.renew(token):
                renewed = True
            elif reply.status in _REDIRECTS and ask.method == "GET" and hops < _HOPS:
                call.url = ask.base.follow(reply.headers.get("location", ""), call.url)
                hops += 1
            elif self._worth_another_try(ask, call, reply) and tries + 1 < self._attempts:
                tries += 1
                self._wait(call, reply, tries)
            else:
                return

    def _sent(self, ask: Ask, call: Call, token: str, *, last: bool) -> Reply | None:
        """One send; None when no answer came and another try may help."""
        headers = {**self._dialect.headers, **ask.headers}
        if token:
            headers["authorization"] = f"{self._dialect.scheme} {token}"
        with self._pace.turn(ask.operation, ask.bucket):
            call.attempts += 1
            call.reply = None
            try:
                call.reply = self._wire.send(ask.method, call.url, headers, ask.content)
            except NoReplyError as error:
                if last or not error.again:
                    raise
                return None
            if told := quota(call.reply.headers, self._outside.clock()):
                self._pace.learn(ask.operation, ask.bucket, told)
        return call.reply

    def _worth_another_try(self, ask: Ask, call: Call, reply: Reply) -> bool:
        now = self._outside.clock()
        call.slow = refusals.throttled(reply, quota(reply.headers, now), self._dialect, now)
        seconds = retry_after(reply.headers, now)
        if call.slow and seconds is not None:
            self._pace.shut(ask.operation, ask.bucket, seconds)
        return call.slow or reply.status in {408, 425} or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def _wait(self, call: Call, reply: Reply, tries: int) -> None:
        """As long as the provider asks; where it does not say, a little longer each time.

        When it asks to slow down it means every thread: the bucket is shut, and whoever enters next waits there.
        """
        seconds = retry_after(reply.headers, self._outside.clock())
        if seconds is None:
            self._pace.rest(tries)
        elif not call.slow:
            self._pace.wait(seconds)
