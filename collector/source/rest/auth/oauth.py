"""OAuth 2.0 for programs: client credentials (RFC 6749), by secret or by a signed assertion (RFC 7523)."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote

from collector.source.rest.auth import jwt
from collector.source.rest.auth.credential import Renewed, Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.source.rest.auth.granting import TokenEndpoint

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE = 300
_ASSUMED_LIFE = 300
"""Seconds, for a server that does not say how long its token lives."""
_LONGEST_LIFE = 86_400


def client_secret(endpoint: TokenEndpoint, client_id: str, secret: str, scope: str) -> Renewed:
    """By id and secret, in the Authorization header."""
    basic = b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()
    return _renewed(endpoint, scope, lambda: ({}, {"authorization": f"Basic {basic}"}))


def private_key(endpoint: TokenEndpoint, client_id: str, key: jwt.PrivateKey, scope: str, *, key_id: str) -> Renewed:
    """By an assertion signed with the client's private key, as Okta wants: no secret leaves this machine."""

    def assertion() -> tuple[dict[str, str], dict[str, str]]:
        now = int(endpoint.outside.clock().timestamp())
        claims: dict[str, str | int] = {
            "iss": client_id,
            "sub": client_id,
            "aud": endpoint.url,
            "iat": now,
            "exp": now + _ASSERTION_LIFE,
            "jti": token_hex(16),
        }
        signed = jwt.signed(claims, key, key_id=key_id)
        return {"client_assertion_type": _ASSERTION, "client_assertion": signed}, {}

    return _renewed(endpoint, scope, assertion)


def _renewed(
    endpoint: TokenEndpoint, scope: str, prove: Callable[[], tuple[dict[str, str], dict[str, str]]]
) -> Renewed:
    def fetch() -> Token:
        form, headers = prove()
        granted = endpoint.post(form={"grant_type": "client_credentials", "scope": scope, **form}, headers=headers)
        seconds = granted.get("expires_in")
        whole = isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0
        life = min(seconds, _LONGEST_LIFE) if whole else _ASSUMED_LIFE
        return Token(str(endpoint.value(granted, "access_token")), endpoint.outside.clock() + timedelta(seconds=life))

    return Renewed(fetch, endpoint.outside.clock)
