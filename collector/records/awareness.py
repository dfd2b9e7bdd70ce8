"""What people learned, and what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Record):
    """One course of one person."""

    person_id: str | None = None
    """The account or address by which the source knows the person."""
    email: str | None = None
    course: str | None = None
    version: str | None = None
    status: str | None = None
    """assigned, started, completed, overdue."""
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Record):
    """One person's answer to one version of a document."""

    person_id: str | None = None
    """The account or address by which the source knows the person."""
    email: str | None = None
    document: str | None = None
    version: str | None = None
    status: str | None = None
    """accepted, declined."""
    accepted_at: datetime | None = None
    expires_at: datetime | None = None
