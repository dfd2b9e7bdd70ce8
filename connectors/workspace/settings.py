"""The `[gws]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSettings:
    """What may be set; only `subject` must be. Patterns are those of a shell: `svc-*@example.com`."""

    subject: str
    """Address of the administrator in whose name everything is read: domain-wide delegation."""
    credentials_file: str = ""
    """A service account's key, or a workload identity federation configuration, both in JSON.

    Empty: the file that GOOGLE_APPLICATION_CREDENTIALS names, or else the identity of the machine in Google's cloud.
    """
    service_account: str = ""
    """Without a key: the service account that has the delegation, and signs through IAM Credentials (signJwt)."""
    base_url: str = ""
    """One address in place of Google's four, such as a proxy of your own."""
    program_accounts: tuple[str, ...] = ()
    """Patterns of the addresses that programs use. Google itself does not tell them from people's."""
    access_groups: tuple[str, ...] = ("*",)
    """Patterns of the addresses of the groups that carry access; the others' members are not read."""
    token_log_days: int = 30
    """How far back it is looked up when an application was let in."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""

    def __post_init__(self) -> None:
        if "@" not in self.subject:
            raise ValueError(f"subject must be the address of an administrator, not {self.subject!r}")
        if not 1 <= self.token_log_days <= 180:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"token_log_days must be from 1 to 180, not {self.token_log_days}")
