"""What is logged and watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource(Record):
    """A stream of audit events, and whether it flows."""

    source: str
    kind: str | None = None
    """admin_activity, configuration_history, data_access, network_flow, dns_query, …"""
    enabled: bool | None = None
    covers: str | None = None
    """account, organisation, region."""
    place: str | None = None
    all_regions: bool | None = None
    destination: str | None = None
    integrity_check: bool | None = None
    events: tuple[str, ...] | None = None
    """Which events it carries, in the source's own words; `*` is all of them."""
    whole: bool | None = None
    """Whether nothing of its kind is left out: no service, no kind of event, nobody."""
    delivered_at: datetime | None = None
    environment: str | None = None
    """That of the network whose traffic it is."""
    stream: str | None = None
    """Where its events also arrive one by one, for rules to watch."""
    stream_unit: str | None = None
    """The unit in which that lies."""


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
    """threat_detection, external_access, vulnerability_scanning, …"""
    covers: str | None = None
    state: str | None = None
    """enabled, disabled, absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Record):
    """Something that a detector raised, and how it was handled."""

    alert_id: str
    source: str | None = None
    """The detector."""
    kind: str | None = None
    """In the detector's own words."""
    severity: str | None = None
    """In the detector's own words."""
    status: str | None = None
    """open, acknowledged, closed; not_closed: open or acknowledged, which the source does not tell apart."""
    opened_at: datetime | None = None
    acknowledged_at: datetime | None = None
    changed_at: datetime | None = None
    closed_at: datetime | None = None
    disposition: str | None = None
    owner: str | None = None
    """Who handles it."""
    target: str | None = None
    """The account_id it is about; where it is about none, what it is about."""
    incident_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule(Record):
    """A rule that raises an alert, and whom it tells."""

    rule: str
    rule_id: str | None = None
    """The provider's own identity of it: names may be given twice."""
    covers: str | None = None
    """What its events come from: the unit_id of a unit, or what is less than one; None where that is not known."""
    event_class: str | None = None
    """identity, policy, network, key, logging, security, metric, other; several are several rows."""
    enabled: bool | None = None
    destinations: tuple[str, ...] | None = None
    """Whom it tells, as KIND NAME; empty: nobody."""
    destination_confirmed: bool | None = None
    """Whether at least one of them is switched on and confirmed."""
    stream: str | None = None
    """The stream of events (as a log_source names it) in which it looks at every event; None: none, or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Record):
    """A rule of configuration that something does not keep, or keeps."""

    finding_id: str
    asset_id: str | None = None
    rule: str | None = None
    severity: str | None = None
    status: str | None = None
    """open, accepted, closed, not_applicable; not_evaluated: the rule has no result for anything."""
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(Record):
    """Somebody or something changed what there is."""

    event_id: str
    at: datetime | None = None
    actor: str | None = None
    actor_kind: str | None = None
    """human, service."""
    action: str | None = None
    """In the source's own word."""
    resource: str | None = None
    outcome: str | None = None
    """success, failure."""
    ticket_ref: str | None = None


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
