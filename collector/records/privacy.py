"""Personal data: what there is, why, and what people asked about theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet(Record):
    """Data of one kind, and how it is classed."""

    data_set: str
    classification: str | None = None
    personal: bool | None = None
    owner: str | None = None
    location: str | None = None
    retention: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(Record):
    """Somebody agreed to a purpose, or took it back."""

    subject_ref: str
    purpose: str | None = None
    choice: str | None = None
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None
    notice_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingActivity(Record):
    """An entry of the record of processing."""

    activity: str
    purpose: str | None = None
    basis: str | None = None
    categories: tuple[str, ...] | None = None
    recipients: tuple[str, ...] | None = None
    transfers: str | None = None
    retention: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsar(Record):
    """What a person asked or complained about their data."""

    request_id: str
    type: str | None = None
    """In the source's own word: export, delete, access, …"""
    subject_kind: str | None = None
    """customer, current_employee, …"""
    status: str | None = None
    """open, closed."""
    received_at: datetime | None = None
    identity_verified_at: datetime | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure(Record):
    """Personal data given to somebody outside."""

    data: str
    at: datetime | None = None
    recipient: str | None = None
    basis: str | None = None
    authorised_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal(Record):
    """Something that was deleted or destroyed."""

    item: str
    disposed_at: datetime | None = None
    method: str | None = None
    proof: str | None = None
    authorised_by: str | None = None
    kind: str | None = None
    """audit_trail, log_group, bucket, db_instance, db_cluster, table, file_system, volume, backup, key, secret, …"""
    disposed_by: str | None = None
    outcome: str | None = None
    """success, failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach(Record):
    """A breach of personal data."""

    breach_id: str
    aware_at: datetime | None = None
    assessed_at: datetime | None = None
    risk: str | None = None
    notifiable: bool | None = None
    authority_notified_at: datetime | None = None
    subjects_notified_at: datetime | None = None
    customers_notified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule(Record):
    """How long something is kept, and what happens then."""

    rule: str
    store: str | None = None
    action: str | None = None
    """In the source's own word: delete, none, …; of AWS also mark_deleted and transition, which remove nothing."""
    after_days: int | None = None
    keeps_forever: bool | None = None
    """Whether what it covers stays for ever by this rule alone; of a rule that is switched off, if it were on. With the
    action none there is no rule."""
    enabled: bool | None = None
    covers: str | None = None
    """Which part of the store: objects, current_versions, noncurrent_versions, incomplete_uploads, delete_markers,
    items, events."""
    condition: str | None = None
    """What narrows that further, in words: a prefix, tags, sizes; null where nothing does and `covers` is known."""
    from_day: datetime | None = None
    """The day from which it acts, where it names a day and no age."""
