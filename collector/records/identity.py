"""Who can act, with what, and what they did to access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    """An identity that can act: a person's user, a service's user or role, a root or break-glass account."""

    account_id: str
    name: str | None = None
    email: str | None = None
    kind: str | None = None
    """human, service, role, root."""
    status: str | None = None
    """active, disabled."""
    privileged: bool | None = None
    mfa_enrolled: bool | None = None
    created_at: datetime | None = None
    disabled_at: datetime | None = None
    last_login_at: datetime | None = None
    sponsor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Record):
    """Something long-lived that proves an identity: a password, an access key, a stored secret."""

    credential_id: str
    principal_id: str | None = None
    kind: str | None = None
    """password, access_key, certificate, secret."""
    status: str | None = None
    """active, disabled."""
    created_at: datetime | None = None
    rotated_at: datetime | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant(Record):
    """One principal may act in one role on one resource."""

    principal_id: str
    principal_kind: str | None = None
    """human, service, role, group, root."""
    resource: str | None = None
    role: str | None = None
    privileged: bool | None = None
    written_by: str | None = None
    """provider, company: whose definition the role is."""
    via: str | None = None
    """How it is granted: direct, group NAME, …"""
    granted_at: datetime | None = None
    granted_by: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvent(Record):
    """Something an identity did to identities or access, or a sign-in."""

    event_id: str
    at: datetime | None = None
    actor: str | None = None
    actor_kind: str | None = None
    """root, human, role, service."""
    action: str | None = None
    target: str | None = None
    mfa_used: bool | None = None
    outcome: str | None = None
    """success, failure."""
    request_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust(Record):
    """Someone who may take a role from outside it."""

    role: str
    principal: str
    principal_kind: str | None = None
    """account, service, federated, anyone, share, identity_provider."""
    account: str | None = None
    external: bool | None = None
    """Whether the principal is outside the organisation; None when that cannot be known."""
    condition: str | None = None
