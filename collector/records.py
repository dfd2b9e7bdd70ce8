"""The normalised records: provider-neutral rows that rules are written against.

A field the provider did not give is `None`, never a default. Times are UTC. Every type adds to what each record has:
`key`, its identity at its source; `seen`, the answers it was read from; `observed_at`, the source's own as-of time
where that is older than the read (a cached report).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record has."""

    table: ClassVar[str]
    key: str
    seen: Sequence[Answer]
    observed_at: datetime | None = None

    def __init_subclass__(cls) -> None:
        cls.table = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeUnit(Record):
    """An account, project, subscription or organisation that exists, in scope or not."""

    unit_id: str
    name: str | None = None
    status: str | None = None
    parent: str | None = None
    environment: str | None = None
    joined_at: datetime | None = None


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
class Setting(Record):
    """One named setting of a scope. `value` is text; None says the source holds no such setting."""

    name: str
    value: str | None = None
    applies_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Record):
    """Something that holds data or takes traffic."""

    resource_id: str
    type: str | None = None
    environment: str | None = None
    data_class: str | None = None
    owner: str | None = None
    encrypted: bool | None = None
    key_control: str | None = None
    """customer, provider: who controls the key."""
    public: bool | None = None
    open_ports: tuple[str, ...] | None = None
    """Port ranges reachable from anywhere: `22`, `8000-8080`, `all`."""
    attached: bool | None = None
    """Whether anything uses it."""
    hardened_metadata: bool | None = None
    """Whether an instance refuses the old, unauthenticated metadata service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Record):
    """An encryption key."""

    key_id: str
    manager: str | None = None
    """customer, provider."""
    state: str | None = None
    """enabled, disabled, pending_deletion, pending_import, unavailable."""
    rotation_supported: bool | None = None
    rotation_on: bool | None = None
    rotation_days: int | None = None
    delete_at: datetime | None = None
    policy_open: bool | None = None
    """Whether its policy lets everyone use it."""
    aliases: tuple[str, ...] | None = None
    """The names it goes by."""


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
class LogSource(Record):
    """A stream of audit events, and whether it flows."""

    source: str
    kind: str | None = None
    """admin_activity, configuration_history, …"""
    enabled: bool | None = None
    covers: str | None = None
    """account, organisation, region."""
    place: str | None = None
    all_regions: bool | None = None
    destination: str | None = None
    integrity_check: bool | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStore(Record):
    """Where logs are kept."""

    store: str
    kind: str | None = None
    """audit_trail for stores that a trail writes to; log_group; …"""
    retention_days: int | None = None
    keeps_forever: bool | None = None
    versioned: bool | None = None
    immutable: bool | None = None
    encrypted: bool | None = None
    public_blocked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor(Record):
    """A detector, and what it watches."""

    monitor: str
    kind: str | None = None
    """threat_detection, …"""
    covers: str | None = None
    state: str | None = None
    """enabled, disabled, absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan(Record):
    """How one store is backed up; one row for each way."""

    resource_id: str
    resource_type: str | None = None
    environment: str | None = None
    frequency_hours: int | None = None
    retention_days: int | None = None
    keeps_forever: bool | None = None
    pitr: bool | None = None
    destination: str | None = None
    last_backup_at: datetime | None = None
    source: str | None = None
    """plan NAME, automated, pitr; unknown where it could not be looked at; None when nothing backs the store up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupJob(Record):
    """One attempt to back up one store."""

    job_id: str
    resource_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    state: str | None = None
    """success, issues, failed, running, aborted."""
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSlot(Record):
    """What became of one slot of the collector's own schedule, or of a stretch of slots that were not served."""

    collected_type: str
    collected_provider: str
    collected_unit: str
    first_slot: datetime | None = None
    last_slot: datetime | None = None
    slots: int | None = None
    state: str | None = None
    """done, partial, failed, skipped, missed."""
    cause: str | None = None
    """Of what was not served: not_running, failed, skipped, removed."""
    because: str | None = None
