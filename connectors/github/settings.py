"""The `[github]` table of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_POLICY = re.compile(r"[^/:]+/[^/:]+:.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GithubSettings:
    """What may be set; every default works for github.com and the token in GITHUB_TOKEN.

    Patterns are those of a shell: `release/*`. Names of environments and labels are compared in lower case.
    """

    base_url: str = "https://api.github.com"
    """Of the REST API; of an Enterprise Server `https://HOST/api/v3`."""
    token: str = "env:GITHUB_TOKEN"  # noqa: S105 - says where the token is
    """`env:NAME` or `file:PATH`; not looked at where an App is named."""
    app_id: str = ""
    """The App to sign in as, in place of a token: its id or client id."""
    private_key_file: str = ""
    """The App's private key, in PEM."""
    organisations: tuple[str, ...] = ()
    """Only these; empty: all that the App is installed in, or that the token lists."""
    excluded_repositories: dict[str, str] = field(default_factory=dict)
    """Repositories that are not collected from, by OWNER/NAME, each with the reason."""
    deployable_branches: tuple[str, ...] = ()
    """Patterns of branches that are deployed besides each repository's default branch."""
    production_environments: tuple[str, ...] = ("prod", "production", "prod-*", "production-*")
    """Patterns of the environments that are production."""
    machine_users: tuple[str, ...] = ()
    """Logins of users that are programs. GitHub itself marks Apps alone as bots."""
    emergency_labels: tuple[str, ...] = ("emergency", "hotfix")
    """What marks a pull request as an emergency change."""
    incident_labels: tuple[str, ...] = ("incident",)
    """What marks an issue as an incident."""
    request_labels: dict[str, str] = field(
        default_factory=lambda: {
            "access-request": "access",
            "change": "change",
            "exception": "exception",
            "risk": "risk",
            "vendor": "vendor",
            "emergency": "emergency",
        }
    )
    """What marks an issue as a request, by label, and of which type it is."""
    approval_marks: tuple[str, ...] = ("approved",)
    """What approves a request: a comment that begins so, or a label of that name."""
    severity_labels: dict[str, str] = field(
        default_factory=lambda: {"sev1": "critical", "sev2": "high", "sev3": "medium", "sev4": "low"}
    )
    """What the label of an incident says of its severity; the gravest first."""
    policy_paths: tuple[str, ...] = ()
    """Policies kept as files, as OWNER/NAME:PATH; the path may be a folder."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
    reserve_percent: int = 20
    """How much of each quota is left to the organisation's other programs."""

    def __post_init__(self) -> None:
        if bool(self.app_id) != bool(self.private_key_file):
            raise ValueError("app_id and private_key_file are given together, or neither")
        for one in self.policy_paths:
            if not _POLICY.fullmatch(one):
                raise ValueError(f"policy_paths has {one!r}; write OWNER/NAME:PATH")
            if self.organisations and one.split("/")[0].lower() not in {each.lower() for each in self.organisations}:
                raise ValueError(f"policy_paths has {one!r}, of an organisation that is not collected")
        if not 0 <= self.reserve_percent <= 90:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"reserve_percent must be from 0 to 90, not {self.reserve_percent}")
