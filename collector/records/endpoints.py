"""What people work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Record):
    """A laptop, phone or tablet that reaches what is ours."""

    device_id: str
    name: str | None = None
    account: str | None = None
    """Login of who uses it; None where the source names nobody."""
    platform: str | None = None
    """windows, macos, linux, chromeos, android, ios, …"""
    os_version: str | None = None
    encrypted: bool | None = None
    locked: bool | None = None
    """Whether it needs a password or PIN."""
    compromised: bool | None = None
    managed: str | None = None
    """The state of its management, in the source's own words."""
    owner: str | None = None
    """company, personal."""
    enrolled_at: datetime | None = None
    last_seen_at: datetime | None = None
