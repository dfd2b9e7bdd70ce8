"""Who may ask: API tokens by Okta's own scheme, and service apps that prove themselves by a signed assertion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt

from tests.doubles.okta.asking import RefusedError, Told
from tests.doubles.okta.routes import SCOPES

if TYPE_CHECKING:
    from tests.doubles.okta.asking import Asked

TOKEN = "00" + "Q1w2e3r4t5y6u7i8o9p0" * 2
TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - an address


@dataclass
class Doors:
    """What opens the org."""

    scopes: frozenset[str] = SCOPES
    """What the API token's administrator, and the app, may read."""
    client_id: str = "0oaCollector0000001"
    public_key: Any = None
    """Of the service app; None: it has none."""
    granted: dict[str, frozenset[str]] = field(default_factory=dict)
    """The access tokens that were handed out, each with its scopes."""

    def check(self, asked: Asked, scope: str) -> None:
        """RefusedError unless the request carries something that opens the scope."""
        scheme, _, secret = asked.headers.get("authorization", "").partition(" ")
        if scheme == "SSWS" and secret == TOKEN:
            held = self.scopes
        elif scheme == "Bearer" and secret in self.granted:
            held = self.granted[secret]
        else:
            raise RefusedError(401, "E0000011", "Invalid token provided")
        if scope and scope not in held:
            raise RefusedError(403, "E0000006", "You do not have permission to perform the requested action")

    def hand_out(self, asked: Asked) -> Told:
        """An access token for a signed assertion, if every scope that is asked for was granted."""
        form = {name: values[-1] for name, values in parse_qs(asked.body.decode()).items()}
        try:
            claims = jwt.decode(
                form.get("client_assertion", ""),
                self.public_key,
                algorithms=["RS256", "ES256"],
                audience=f"{asked.base}{TOKEN_PATH}",
                issuer=self.client_id,
            )
        except (jwt.PyJWTError, TypeError) as error:
            return Told({"error": "invalid_client", "error_description": type(error).__name__}, 401)
        wanted = frozenset(form.get("scope", "").split())
        if claims["sub"] != self.client_id or form.get("grant_type") != "client_credentials":
            return Told({"error": "unauthorized_client"}, 400)
        if not wanted or not wanted <= self.scopes:
            return Told({"error": "invalid_scope", "error_description": "not granted"}, 400)
        token = f"eyJ-access-{len(self.granted)}"
        self.granted[token] = wanted
        return Told({"token_type": "Bearer", "expires_in": 3600, "access_token": token, "scope": " ".join(wanted)})
