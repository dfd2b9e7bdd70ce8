"""What is backed up, and whether it worked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


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
