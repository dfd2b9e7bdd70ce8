"""Who calls: a personal token, an installation's token, or the App itself by a signed JWT."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.doubles.github.wire import RefusedError, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "ghp_double0000000000000000000000000000ab"  # noqa: S105 - opens nothing but the double
CLIENT_ID = "Iv23liDouble00000000"
_LIFE_SECONDS = 3600
_JWT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose quota is used and what may be done; `permissions` None means everything an owner may."""

    kind: str
    name: str
    permissions: Mapping[str, str] | None = None
    scopes: tuple[str, ...] = ()
    repositories: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """Whether a NAME:LEVEL is held; the empty permission is held by all."""
        if self.permissions is None or not permission:
            return True
        name, _, level = permission.partition(":")
        held = self.permissions.get(name, "read" if name == "metadata" else "")
        return _LEVELS.index(held) >= _LEVELS.index(level)

    def sees(self, repo: str) -> bool:
        """Whether a repository is among those the token reaches."""
        return self.repositories is None or repo in self.repositories


_LEVELS = ("", "read", "write", "admin")


@dataclass(slots=True)
class Tokens:
    """The App's key and all tokens given out; a control changes what they may do, or ends them."""

    app_id: int
    installation_id: int
    permissions: dict[str, str]
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    life_seconds: float = _LIFE_SECONDS
    suspended: bool = False
    revoked: bool = False
    personal: dict[str, Caller] = field(default_factory=dict)
    _given: dict[str, tuple[float, Caller]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.personal[TOKEN] = Caller("user", "collector", scopes=("read:org", "read:audit_log", "repo"))

    @property
    def pem(self) -> str:
        """The App's private key, as GitHub gives it out: PKCS#1."""
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    def caller(self, request: Request) -> Caller | None:
        """Who sent a request; None for nobody. Bad credentials are refused, not taken for nobody."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() not in {"bearer", "token"} or not token:
            raise RefusedError(401, "Bad credentials")
        if token.count(".") == 2:
            return self._app(token)
        if token in self.personal:
            return self.personal[token]
        return self._installation(token)

    def give(self, asked: Mapping[str, Any]) -> tuple[str, float, Caller]:
        """A new installation token, narrowed as asked; with the epoch second of its end."""
        if self.suspended:
            raise RefusedError(403, "This installation has been suspended")
        wanted: dict[str, str] = asked.get("permissions") or self.permissions
        whole = Caller("installation", str(self.installation_id), self.permissions)
        if any(not whole.may(f"{name}:{level}") for name, level in wanted.items()):
            raise RefusedError(422, "The permissions requested are not granted to this installation.")
        chosen = frozenset(asked["repositories"]) if asked.get("repositories") else None
        caller = Caller("installation", str(self.installation_id), wanted, repositories=chosen)
        with self._lock:
            token = "ghs_" + hashlib.sha256(f"{len(self._given)}/{id(self)}".encode()).hexdigest()[:36]
            ends = time.time() + self.life_seconds
            self._given[token] = (ends, caller)
        return token, ends, caller

    def _installation(self, token: str) -> Caller:
        ends, caller = self._given.get(token, (0.0, None))
        if caller is None or self.revoked or time.time() >= ends:
            raise RefusedError(401, "Bad credentials")
        if self.suspended:
            raise RefusedError(403, "This installation has been suspended")
        return caller

    def _app(self, token: str) -> Caller:
        head, claims, signature = token.split(".")
        try:
            said = json.loads(_decoded(head)), json.loads(_decoded(claims))
            if said[0].get("alg") != "RS256":
                raise RefusedError(401, "A JSON web token could not be decoded")
            signed = f"{head}.{claims}".encode()
            self.key.public_key().verify(_decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature) as error:
            raise RefusedError(401, "A JSON web token could not be decoded") from error
        self._judge(said[1])
        return Caller("app", str(self.app_id), {})

    def _judge(self, claims: Mapping[str, Any]) -> None:
        now = time.time()
        if str(claims.get("iss")) not in {str(self.app_id), CLIENT_ID}:
            raise RefusedError(401, "'Issuer' claim ('iss') must be an Integer or a client ID of an app")
        if not isinstance(claims.get("iat"), int) or claims["iat"] > now + 60:
            raise RefusedError(401, "'Issued at' claim ('iat') must be an Integer representing the time of issue")
        if not isinstance(claims.get("exp"), int) or claims["exp"] <= now:
            raise RefusedError(401, "'Expiration time' claim ('exp') must be a numeric value in the future")
        if claims["exp"] > now + _JWT_SECONDS + 60:
            raise RefusedError(401, "'Expiration time' claim ('exp') is too far in the future")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
