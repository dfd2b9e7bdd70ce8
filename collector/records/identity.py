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
    """The provider's own identity of it, which no renaming changes, where the provider has one."""
    name: str | None = None
    """What it signs in with."""
    email: str | None = None
    """The main address, in lower case."""
    kind: str | None = None
    """human, guest, service, role, root."""
    status: str | None = None
    """active, disabled, suspended, invited, deleted."""
    privileged: bool | None = None
    mfa_enrolled: bool | None = None
    mfa_enforced: bool | None = None
    """Whether it cannot sign in without a second factor."""
    created_at: datetime | None = None
    disabled_at: datetime | None = None
    """When it lost its access, as the provider says; None for one that has it."""
    last_login_at: datetime | None = None
    org_unit: str | None = None
    """The part of the organisation whose settings are in force for it."""
    sponsor: str | None = None
    external: bool | None = None
    """Whether it belongs to somebody outside the organisation: a guest, an outside collaborator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator(Record):
    """One means by which an account proves itself besides its password; or that it has none."""

    account_id: str
    factor: str | None = None
    """none, security_question, email, sms, call, push, totp, hotp, hardware_token, webauthn, u2f, signed_nonce, other.

    `none`: the source was asked for this account, and has nothing.
    """
    phishing_resistant: bool | None = None
    status: str | None = None
    """active, disabled, pending."""
    enrolled_at: datetime | None = None
    number: int | None = None
    """How many of this kind, where the source counts them and does not list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Record):
    """Something long-lived that proves an identity: a password, an access key, a stored secret."""

    credential_id: str
    principal_id: str | None = None
    kind: str | None = None
    """password, access_key, certificate, secret, token."""
    status: str | None = None
    """active, disabled; failed: a certificate that its issuer could not issue or renew."""
    created_at: datetime | None = None
    rotated_at: datetime | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    owner: str | None = None
    writes: bool | None = None
    """Whether more can be done with it than to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGrant(Record):
    """One principal may act in one role on one resource."""

    principal_id: str
    principal_kind: str | None = None
    """human, service, role, group, root."""
    resource: str | None = None
    role: str | None = None
    privileged: bool | None = None
    widest: bool | None = None
    """Whether it makes its holder all-powerful: it lets them give anybody any right, over all that is collected as one
    (an organisation, a tenant, a subscription).
    """
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
    """In a log of identities: user_created, user_deactivated, user_suspended, user_deleted, user_reactivated,
    role_granted, role_revoked, group_added, group_removed, mfa_enrolled, mfa_reset, sign_in, password_reset,
    app_assigned, app_unassigned, policy_changed, other; of files: shared_outside, made_public. Elsewhere the source's
    own name.
    """
    target: str | None = None
    """The account_id of whom it was done to; where that was no account, what it was done to."""
    granted: str | None = None
    """The role, group, application or right that was given or taken."""
    mfa_used: bool | None = None
    protocol: str | None = None
    """modern, legacy: whether a sign-in used a way that cannot ask for a second factor."""
    outcome: str | None = None
    """success, failure."""
    request_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReview(Record):
    """What was decided on one item of a review of access; or a review of which no item is shown."""

    review_id: str
    system: str | None = None
    """What access is to: a group, an application, a role."""
    started_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    status: str | None = None
    """open, completed, applied: of the whole review."""
    reviewer: str | None = None
    item: str | None = None
    """Whose access to what, as PRINCIPAL on RESOURCE, or the account alone; None for a review without items."""
    decision: str | None = None
    """keep, revoke, unsure; none: nobody has decided yet."""
    decided_at: datetime | None = None
    applied_at: datetime | None = None
    apply_result: str | None = None
    """In the provider's own word."""
    items: int | None = None
    """How many were looked at, where the row is about the whole review."""


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
