"""What there is: scopes, resources, keys and settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


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
class Endpoint(Record):
    """A device that people work on."""

    device_id: str
    name: str | None = None
    owner: str | None = None
    """The login of who uses it."""
    ownership: str | None = None
    """company, personal."""
    platform: str | None = None
    version: str | None = None
    encrypted: bool | None = None
    compliance: str | None = None
    """compliant, noncompliant, unknown."""
    managed: bool | None = None
    last_seen_at: datetime | None = None
