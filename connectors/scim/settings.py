"""The `[scim]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimSettings:
    """What may be set; the address alone must be. Patterns are those of a shell, and compared in lower case."""

    base_url: str
    """Under which /Users is: `https://idp.example/scim/v2`."""
    name: str = ""
    """What the provider is called on the pages; empty: its host. It names the rows, so it should stay."""
    token: str = "env:SCIM_TOKEN"  # noqa: S105 - says where the token is
    """`env:NAME` or `file:PATH`."""
    service_users: tuple[str, ...] = ()
    """Patterns of the names that programs sign in by: `svc-*`. SCIM does not tell them from people."""
    guest_user_types: tuple[str, ...] = ()
    """Values of `userType` that mark people from outside: `Contractor`."""
    admin_groups: tuple[str, ...] = ()
    """Patterns of the groups whose members administer something. Without any, it is not known which do."""
    page_size: int = 200
    """How many are asked for at once; the provider may give fewer."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""

    def __post_init__(self) -> None:
        if not 1 <= self.page_size <= 1000:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"page_size must be from 1 to 1000, not {self.page_size}")
