"""The organisation's nouns: people, teams, grants, and the organisation that holds them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.rules import Ruleset, RuleSuite


@dataclass(slots=True)
class Person:
    """An account, of a person or of an app; `role` is admin, member, outside or none."""

    id: int
    login: str
    name: str
    email: str
    role: str = "none"
    kind: str = "User"
    two_factor: bool = True
    saml_name_id: str | None = None
    joined_at: datetime | None = None


@dataclass(slots=True)
class Team:
    """A team; `members` says member or maintainer by login, and holds direct members only."""

    id: int
    name: str
    slug: str
    parent: str | None
    created_at: datetime
    members: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Invitation:
    """Somebody asked in who has not come yet."""

    id: int
    login: str | None
    email: str
    role: str
    inviter: str
    created_at: datetime


@dataclass(slots=True)
class Installation:
    """An app that the organisation let in."""

    id: int
    app_id: int
    slug: str
    permissions: dict[str, str]
    selection: str
    events: list[str]
    created_at: datetime
    suspended_at: datetime | None = None
    suspended_by: str | None = None


@dataclass(slots=True)
class TokenGrant:
    """A member's fine-grained token that reaches the organisation."""

    id: int
    owner: str
    name: str
    permissions: dict[str, dict[str, str]]
    selection: str
    granted_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(slots=True)
class Secret:
    """The name of an Actions secret; its value is nowhere."""

    name: str
    created_at: datetime
    updated_at: datetime
    visibility: str = "all"


@dataclass(slots=True)
class Hook:
    """A webhook of the organisation."""

    id: int
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Alert:
    """A finding of Dependabot, code scanning or secret scanning; `about` is what only its kind has."""

    kind: str
    number: int
    repo: str
    state: str
    created_at: datetime
    updated_at: datetime
    severity: str = ""
    fixed_at: datetime | None = None
    dismissed_at: datetime | None = None
    dismissed_by: str | None = None
    reason: str | None = None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AuditEvent:
    """One line of the audit log."""

    id: str
    action: str
    actor: str
    at: datetime
    fields: dict[str, Any]


@dataclass(slots=True)
class Organisation:
    """Everything there is, by the keys that addresses use."""

    id: int
    login: str
    name: str
    plan: str
    start: datetime
    end: datetime
    people: dict[str, Person] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    """Old repository names and what they are now."""
    invitations: list[Invitation] = field(default_factory=list)
    rulesets: list[Ruleset] = field(default_factory=list)
    suites: list[RuleSuite] = field(default_factory=list)
    installations: list[Installation] = field(default_factory=list)
    grants: list[TokenGrant] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    audit: list[AuditEvent] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def with_role(self, *roles: str) -> list[Person]:
        """The people in any of these roles, in the order of their ids."""
        return sorted((one for one in self.people.values() if one.role in roles), key=lambda one: one.id)
