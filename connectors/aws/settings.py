"""The `[aws]` table of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.connector import SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings:
    """What may be set; every default works for the account that the ambient credentials belong to."""

    role: str = ""
    """Name of the role to assume in each other account of the organisation; empty: only the account signed in to."""
    external_id: str = field(default="", metadata=SECRET)
    """Sent when the role is assumed, if its trust policy asks for one."""
    excluded_accounts: dict[str, str] = field(default_factory=dict)
    """Accounts that are not collected from, by id, each with the reason."""
    environments: dict[str, str] = field(default_factory=dict)
    """The environment of an account, by id, for resources that carry no tag of their own."""
    environment_tag: str = "Environment"
    data_class_tag: str = "DataClass"
    owner_tag: str = "Owner"
    pipelines: tuple[str, ...] = ()
    """Names of roles and users by which programs change things: what they do, but at the console, is not by hand."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
