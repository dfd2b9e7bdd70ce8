"""A GitHub App: it signs in as itself by a JWT, and reads as one of its installations by a token of an hour."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from collector.model import Cause
from collector.source.rest.auth import jwt
from collector.source.rest.auth.credential import NoTokenError, Renewed, Token
from collector.source.rest.auth.granting import TokenEndpoint

if TYPE_CHECKING:
    from collector.connector import Outside
    from collector.source.rest.base import Base
    from collector.source.rest.wire import Wire

_LIFE, _BACKDATED = 540, 60
"""Seconds. GitHub allows ten minutes, and clocks differ."""


class AppToken:
    """The App as itself: for finding its installations."""

    def __init__(self, app_id: str, key: jwt.PrivateKey, outside: Outside) -> None:
        self._app_id = app_id
        self._key = key
        self._outside = outside

    def token(self) -> str:
        """A JWT, signed for this request."""
        now = int(self._outside.clock().timestamp())
        return jwt.signed({"iat": now - _BACKDATED, "exp": now + _LIFE, "iss": self._app_id}, self._key)

    def renew(self, refused: str) -> bool:  # noqa: ARG002 - a protocol's method
        """Another JWT says nothing that the refused one did not."""
        return False


def installation(app: AppToken, installation_id: int, wire: Wire, base: Base, outside: Outside) -> Renewed:
    """The token of one installation, fetched with the App's own and renewed before it runs out."""
    endpoint = TokenEndpoint(wire, base, f"/app/installations/{installation_id}/access_tokens", outside)

    def fetch() -> Token:
        headers = {"authorization": f"Bearer {app.token()}", "accept": "application/vnd.github+json"}
        granted = endpoint.post(headers=headers)
        try:
            expires_at = datetime.fromisoformat(str(endpoint.value(granted, "expires_at")))
        except ValueError as error:
            raise NoTokenError(Cause.UNAVAILABLE, "GitHub does not say when its token ends") from error
        if expires_at.tzinfo is None:
            raise NoTokenError(Cause.UNAVAILABLE, "GitHub does not say in which zone its token ends")
        return Token(str(endpoint.value(granted, "token")), expires_at)

    return Renewed(fetch, outside.clock)
