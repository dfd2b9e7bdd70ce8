"""What people decide and write down: approvals, incidents, documents, and the applications they let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Record):
    """A request, and who agreed to it."""

    request_id: str
    type: str | None = None
    """access, change, exception, risk, vendor, emergency."""
    title: str | None = None
    requested_by: str | None = None
    requested_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    status: str | None = None
    """open, approved, closed."""
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_by_kind: str | None = None
    """human, bot."""
    refers_to: tuple[str, ...] | None = None
    """The changes or items it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Record):
    """Something that went wrong, and how it was handled."""

    incident_id: str
    title: str | None = None
    severity: str | None = None
    opened_at: datetime | None = None
    opened_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    owner: str | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Record):
    """A written policy or procedure in one version."""

    document: str
    kind: str | None = None
    """policy, code_owners."""
    version: str | None = None
    owner: str | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None
    change_id: str | None = None
    """The merged change that made this version; None when the source says that none did."""
    approved_by: tuple[str, ...] | None = None
    """Who approved this very version, other than its author."""
    approved_at: datetime | None = None
    next_review_at: datetime | None = None
    binding: bool | None = None
    """Whether everyone who works here must accept it."""
    sha256: str | None = None
    """Of the file itself, where one was uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppGrant(Record):
    """A third party's application or token that may act on what is ours."""

    app: str
    kind: str | None = None
    """app, token."""
    publisher: str | None = None
    permissions: tuple[str, ...] | None = None
    """As NAME:LEVEL."""
    access: str | None = None
    """read, write, admin: the widest of them."""
    everything: bool | None = None
    """Whether it reaches all resources and not a chosen list."""
    granted_to: str | None = None
    granted_at: datetime | None = None
    last_used_at: datetime | None = None
    never_used: bool | None = None
    """True where the source keeps the last use and says that there was none."""
    expires_at: datetime | None = None
    status: str | None = None
    """active, inactive, suspended, deleted."""
