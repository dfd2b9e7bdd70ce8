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

    @property
    def unit(self) -> str:
        """Itself."""
        return self.unit_id


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
    min_tls: str | None = None
    """The oldest TLS it accepts: `1.2`; `none` without a floor, `redirect` where all it does is to lead there."""
    plain_http: bool | None = None
    """Whether it answers without TLS."""
    waf: bool | None = None
    """Whether a web firewall is in force before it, or it is one that blocks."""
    zones: tuple[str, ...] | None = None
    """The zones it runs in; empty where it is bound to none."""
    multi_zone: bool | None = None
    """Whether it goes on when one zone fails."""
    deletion_protected: bool | None = None
    """Whether it cannot be deleted before somebody lifts that protection."""
    part_of: str | None = None
    """What it is a part or a replica of, and stands or falls with: the cluster or the primary of a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset(Record):
    """Something that exists, of whatever kind."""

    asset_id: str
    type: str | None = None
    environment: str | None = None
    data_class: str | None = None
    owner: str | None = None
    place: str | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    listed_by: tuple[str, ...] | None = None
    """Of several lists that should show it, those that do: tags, configuration."""
    managed: bool | None = None
    """Of a host: whether the service that would patch it has taken it on."""
    patches_missing: int | None = None
    """How many approved patches are not in effect on it: missing, failed, or waiting for a restart."""
    critical_patches_missing: int | None = None
    """How many of them its baseline calls critical."""
    patches_checked_at: datetime | None = None


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
    """A computer or telephone that people work with."""

    device_id: str
    name: str | None = None
    owner: str | None = None
    """Who uses it, by the login or the account_id that the source gives; None where it names nobody, or several."""
    ownership: str | None = None
    """company, personal."""
    platform: str | None = None
    """windows, macos, linux, ios, android, chromeos."""
    version: str | None = None
    """Of its operating system."""
    encrypted: bool | None = None
    compliance: str | None = None
    """compliant, noncompliant."""
    locked: bool | None = None
    """Whether it needs a password or PIN."""
    compromised: bool | None = None
    managed: bool | None = None
    """Whether the company's management has taken it on, and has not let go of it."""
    status: str | None = None
    """active, disabled."""
    enrolled_at: datetime | None = None
    last_seen_at: datetime | None = None
