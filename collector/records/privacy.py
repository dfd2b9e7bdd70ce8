"""Requests of people about their data, and how long data is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsar(Record):
    """A data subject's request. Whose request it is, is not kept."""

    request_id: str
    type: str | None = None
    """In the source's own word: export, delete, access, …"""
    subject_kind: str | None = None
    """customer, current_employee, …"""
    status: str | None = None
    """open, closed."""
    received_at: datetime | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule(Record):
    """How long something is kept, and what happens then."""

    rule: str
    store: str | None = None
    action: str | None = None
    """In the source's own word: delete, none, …"""
    after_days: int | None = None
    keeps_forever: bool | None = None
    enabled: bool | None = None
