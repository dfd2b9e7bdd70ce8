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
    copied_to: tuple[str, ...] | None = None
    """The other regions and accounts that hold it as well; empty: it is where the store is, and nowhere else."""
    copied_at: datetime | None = None
    """Of the newest copy there."""
    source: str | None = None
    """plan NAME, automated, pitr; unknown where it could not be looked at; None when nothing backs the store up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupStore(Record):
    """A vault that backups are kept in."""

    store: str
    environment: str | None = None
    encrypted: bool | None = None
    locked: bool | None = None
    """Whether nobody, an administrator included, can delete what is in it before its time."""
    min_retention_days: int | None = None
    """For how long the lock holds each backup at least."""
    copy_region: str | None = None
    """Another region that holds a copy of all that is in it; `none` where there is none."""
    empty: bool | None = None
    """Whether no backup is in it."""


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
