"""Who works for the company, which accounts are theirs, and what they signed, learned and were checked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Record):
    """Somebody who works, worked or will work for the company, as its people list says."""

    person_id: str
    name: str | None = None
    work_email: str | None = None
    emails: tuple[str, ...] | None = None
    """Other addresses of the same person, such as a private one."""
    type: str | None = None
    """employee, contractor, intern, …, in the list's own words."""
    manager_id: str | None = None
    job_title: str | None = None
    department: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    """When the last day ends; None for who stays."""
    end_notified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange(Record):
    """A person took another role."""

    person_id: str
    effective_date: datetime | None = None
    from_role: str | None = None
    to_role: str | None = None
    from_department: str | None = None
    to_department: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClaim(Record):
    """The company says whose an account is."""

    account: str
    """The account's id, login or address."""
    account_provider: str | None = None
    account_unit: str | None = None
    """None: in every scope of the provider."""
    kind: str | None = None
    """person, service, external, shared."""
    person_id: str | None = None
    """Whose it is; for a service or an outsider, who answers for it."""
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIdentity(Record):
    """A provider says which identity of another system an account is linked to, and proved to be."""

    account_id: str
    subject: str | None = None
    """The identity there, as the other system sent it: an address, a login or an id."""
    via: str | None = None
    """saml, scim, oidc; employee_number: the identity is the person's own number in the people list."""
    issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityLink(Record):
    """One account and whose it is; or a person without any account."""

    account_id: str
    account_provider: str | None = None
    """None, like all of the account, for a person without one."""
    account_unit: str | None = None
    account_name: str | None = None
    account_email: str | None = None
    account_kind: str | None = None
    person_id: str | None = None
    """Whose it is; for a service or an outsider, who answers for it."""
    method: str | None = None
    """verified, email, claim: by which of them, the strongest first. None where nothing links it."""
    state: str | None = None
    """linked, unmapped, service, external, shared, no_account, contradicted."""
    because: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    status: str | None = None
    """Of the account, as it is now: active, disabled, suspended, invited, deleted, gone; None: not given."""
    present: bool | None = None
    """False when a whole list does not have it any more; None when its list was not whole."""
    first_seen_at: datetime | None = None
    last_active_at: datetime | None = None
    """When a whole list last showed it active."""
    inactive_at: datetime | None = None
    """When a whole list first showed it otherwise after that."""
    disabled_at: datetime | None = None
    """When it lost its access, as the provider says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount(Record):
    """The people list held against the one before it."""

    as_of: datetime
    since: datetime | None = None
    """None: there is no earlier list."""
    opening: int | None = None
    joiners: int | None = None
    leavers: int | None = None
    closing: int | None = None
    unexplained: tuple[str, ...] | None = None
    """Who came or went without a date that says so."""
    active: tuple[str, ...] | None = None
    """Who works there, by person_id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCheck(Record):
    """Something that was checked or reviewed about a person."""

    person_id: str
    kind: str | None = None
    """background, performance."""
    cycle: str | None = None
    completed_at: datetime | None = None
    result_class: str | None = None
    """clear, adverse, …: never the report itself."""
    performed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Record):
    """A course that somebody had to take."""

    person_id: str | None = None
    """The person's number, or the account or address by which the source knows the person."""
    email: str | None = None
    course: str | None = None
    version: str | None = None
    status: str | None = None
    """assigned, started, completed, overdue."""
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    completed_at: datetime | None = None
    score: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Record):
    """Somebody signed or accepted a document."""

    person_id: str | None = None
    """The person's number, or the account or address by which the source knows the person."""
    email: str | None = None
    document: str | None = None
    version: str | None = None
    status: str | None = None
    """accepted, declined."""
    accepted_at: datetime | None = None
    expires_at: datetime | None = None
