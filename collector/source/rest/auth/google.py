"""Google's own credentials (service account, workload identity, impersonation), refreshed over our wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from google.auth.exceptions import GoogleAuthError, TransportError

from collector.model import Cause
from collector.source.rest.auth.credential import NoTokenError, Renewed, Token
from collector.source.rest.wire import NoReplyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.auth.credentials import Credentials

    from collector.connector import Outside
    from collector.source.rest.wire import Wire

_ASSUMED_LIFE = timedelta(minutes=5)


def google(credentials: Credentials, wire: Wire, outside: Outside) -> Renewed:
    """The token of credentials that google-auth made, already limited to read-only scopes."""

    def request(
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Response:
        content = body.encode() if isinstance(body, str) else body
        try:
            reply = wire.send(method, url, headers or {}, content)
        except NoReplyError as error:
            raise TransportError(error.detail) from error  # type: ignore[no-untyped-call]  # google-auth has no types here
        return _Response(reply.status, reply.headers, reply.body)

    def fetch() -> Token:
        try:
            credentials.refresh(request)  # type: ignore[no-untyped-call]  # google-auth has no types here
        except TransportError as error:
            raise NoTokenError(Cause.UNAVAILABLE, "Google's token endpoint could not be asked") from error
        except GoogleAuthError as error:  # its text may quote what was sent
            cause = Cause.UNAVAILABLE if error.retryable else Cause.DENIED
            raise NoTokenError(cause, f"Google gave no token ({type(error).__name__})") from error
        if not credentials.token:
            raise NoTokenError(Cause.DENIED, "Google gave no token")
        expiry = credentials.expiry  # UTC, though it does not say so
        return Token(credentials.token, expiry.replace(tzinfo=UTC) if expiry else outside.clock() + _ASSUMED_LIFE)

    return Renewed(fetch, outside.clock)


@dataclass(frozen=True, slots=True)
class _Response:
    """A reply as google-auth expects it."""

    status: int
    headers: Mapping[str, Any]
    data: bytes
