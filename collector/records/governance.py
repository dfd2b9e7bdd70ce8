"""What the company decides, reviews and owes to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor(Record):
    """A supplier in the company's register."""

    vendor: str
    service: str | None = None
    owner: str | None = None
    criticality: str | None = None
    data_classes: tuple[str, ...] | None = None
    subservice: bool | None = None
    names: tuple[str, ...] | None = None
    """Other names by which it is known: of its apps, publishers, accounts."""
    contract_to: datetime | None = None
    dpa_signed_at: datetime | None = None
    last_review_at: datetime | None = None
    next_review_at: datetime | None = None
    offboarded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Record):
    """A review of a risk, a vendor or a system by somebody."""

    subject: str
    reviewed_at: datetime | None = None
    reviewer: str | None = None
    report_type: str | None = None
    report_period_end: datetime | None = None
    exceptions_noted: str | None = None
    decision: str | None = None
    approved_by: str | None = None
    residual_risk: str | None = None
    independent: bool | None = None
    retest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceReport(Record):
    """An auditor's report on an organisation that the company builds on, or the letter that bridges to the next."""

    organisation: str
    report_type: str | None = None
    """As its cover says: SOC 2 Type II, ISO 27001, or bridge letter."""
    series: str | None = None
    """The provider's own name for the report."""
    period_start: datetime | None = None
    period_end: datetime | None = None
    """The end of its last day; of a report of one date, both are of that day."""
    issued_at: datetime | None = None
    auditor: str | None = None
    """Who wrote it; a bridge letter is mostly the provider's own word."""
    services: tuple[str, ...] | None = None
    """The services and places that it covers."""
    criteria: tuple[str, ...] | None = None
    carved_out: tuple[str, ...] | None = None
    """The organisations that it leaves out in its turn."""
    exceptions_noted: str | None = None
    impact: str | None = None
    """What the company holds these exceptions to mean for itself."""
    reviewed_at: datetime | None = None
    reviewer: str | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEntityControl(Record):
    """A control that a provider's report expects of its users, and the company's own controls that answer for it."""

    organisation: str
    reference: str
    """Its number in the report."""
    duty: str | None = None
    own_controls: tuple[str, ...] | None = None
    """Ids of controls; empty where none answers."""
    not_needed: str | None = None
    """Why none has to: the part of the service that it is about is not used."""
    owner: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(Record):
    """A meeting of a body that oversees."""

    body: str
    held_at: datetime | None = None
    attendees: tuple[str, ...] | None = None
    security_items: tuple[str, ...] | None = None
    decisions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk(Record):
    """An entry of the risk register."""

    risk_id: str
    category: str | None = None
    inherent: str | None = None
    residual: str | None = None
    owner: str | None = None
    treatment: str | None = None
    due_at: datetime | None = None
    status: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Record):
    """A planned look at something, and what followed."""

    subject: str
    period: str | None = None
    reviewer: str | None = None
    performed_at: datetime | None = None
    items: tuple[str, ...] | None = None
    follow_ups: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedException(Record):
    """A deviation that was approved in advance."""

    exception_id: str
    control_id: str | None = None
    item: str | None = None
    reason: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    expires_at: datetime | None = None
    compensating_control: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeDecision(Record):
    """An entry of the scope register: that a unit is in scope, or why it is not."""

    unit_id: str
    """An account, a project, a subscription, an organisation or a repository, as its provider knows it."""
    decision: str | None = None
    """in_scope, excluded."""
    reason: str | None = None
    approved_by: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    """When the entry ends; None for one that has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Communication(Record):
    """A notice to customers or others."""

    subject: str
    audience: str | None = None
    sent_at: datetime | None = None
    change_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AiSystem(Record):
    """An AI system in use."""

    system: str
    provider_role: str | None = None
    """provider, deployer."""
    kind: str | None = None
    risk_class: str | None = None
    purpose: str | None = None
    owner: str | None = None
    human_oversight: str | None = None
    assessed_at: datetime | None = None
    logging_on: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise(Record):
    """Something that was practised or simulated."""

    type: str
    held_at: datetime | None = None
    scenario: str | None = None
    participants: tuple[str, ...] | None = None
    results: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreTest(Record):
    """A backup that was restored to see whether it can be."""

    test_id: str
    resource_id: str | None = None
    tested_at: datetime | None = None
    backup_point: datetime | None = None
    restored_ok: bool | None = None
    rto_actual: str | None = None
    rpo_actual: str | None = None
    verified_by: str | None = None
    test_plan: str | None = None
    """The plan by which its source restored it, only to test that; None where it was restored for its own sake."""
    validated: bool | None = None
    """Whether what came back passed the check that the plan has; None where nothing checked it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Record):
    """A number that was promised, and what it was."""

    service: str
    period: str | None = None
    value: str | None = None
    target: str | None = None
    incidents: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation(Record):
    """Two counts of the same, held against each other."""

    process: str
    run_at: datetime | None = None
    source_count: int | None = None
    target_count: int | None = None
    difference: int | None = None
    explained: str | None = None
    performed_by: str | None = None
    reviewed_by: str | None = None
