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
    """human, service, role, root, guest."""
    status: str | None = None
    """active, disabled, suspended, invited, deleted."""
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
    protocol: str | None = None
    """modern, legacy: whether a sign-in used a way that cannot ask for a second factor."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator(Record):
    """One way in which an account proves itself, beside its password."""

    account_id: str
    factor: str | None = None
    """In the provider's own word: fido2, softwareOneTimePasscode, …"""
    phishing_resistant: bool | None = None
    status: str | None = None
    """active, pending."""
    enrolled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReview(Record):
    """What one review of access decided of one item, or that it has not decided yet."""

    review_id: str
    system: str | None = None
    """What access is to: a group, an application, a role."""
    started_at: datetime | None = None
    due_at: datetime | None = None
    status: str | None = None
    """open, completed, applied: of the whole review."""
    reviewer: str | None = None
    item: str | None = None
    """The account whose access was reviewed; None in the row of a review that has no item."""
    decision: str | None = None
    """keep, remove, unsure, none."""
    decided_at: datetime | None = None
    applied_at: datetime | None = None
    apply_result: str | None = None
    """In the provider's own word."""
