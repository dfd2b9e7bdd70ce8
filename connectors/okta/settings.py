"""The `[okta]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OktaSettings:
    """What may be set; the address alone must be. Patterns are those of a shell, and compared in lower case."""

    base_url: str
    """Of the org: `https://ORG.okta.com`."""
    token: str = "env:OKTA_API_TOKEN"  # noqa: S105 - says where the token is
    """`env:NAME` or `file:PATH`; not looked at where a client is named."""
    client_id: str = ""
    """The service app to sign in as, in place of a token."""
    private_key_file: str = ""
    """The app's private key, in PEM."""
    key_id: str = ""
    """The `kid` of its public key, where the app has several."""
    service_users: tuple[str, ...] = ()
    """Patterns of logins that programs use: `svc-*`. Okta itself does not tell them from people."""
    guest_user_types: tuple[str, ...] = ()
    """Values of `profile.userType` that mark people from outside: `Contractor`."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
    reserve_percent: int = 20
    """How much of each rate limit is left to the org's other programs."""

    def __post_init__(self) -> None:
        if bool(self.client_id) != bool(self.private_key_file):
            raise ValueError("client_id and private_key_file are given together, or neither")
        if not 0 <= self.reserve_percent <= 90:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"reserve_percent must be from 0 to 90, not {self.reserve_percent}")
