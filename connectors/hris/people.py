"""Who works for the company, who moved, and whose each account is by the company's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import AccountClaim, Person, PersonChange
from collector.source.files.columns import Table
from collector.source.files.source import READ
from connectors.hris import hris

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.files.source import FileSource

PEOPLE = Table(
    Person,
    key=("person_id",),
    must=("work_email", "start_date", "end_date"),
    aliases={
        "person_id": ("employee_id", "employee_number", "id", "worker_id", "personnel_number"),
        "name": ("full_name", "display_name"),
        "work_email": ("email", "e_mail", "email_address", "mail"),
        "emails": ("other_emails", "private_email", "personal_email"),
        "type": ("employment_type", "worker_type"),
        "manager_id": ("manager", "manager_employee_id"),
        "job_title": ("title", "position"),
        "department": ("team", "org_unit"),
        "start_date": ("hire_date", "joined", "start"),
        "end_date": ("termination_date", "last_day", "leave_date", "end"),
        "end_notified_at": ("notice_date", "end_notified"),
    },
)
MOVES = Table(
    PersonChange,
    key=("person_id", "effective_date"),
    must=("effective_date", "to_role"),
    aliases={
        "person_id": ("employee_id", "employee_number", "id"),
        "effective_date": ("date", "effective", "valid_from"),
        "from_role": ("old_role", "old_title"),
        "to_role": ("new_role", "new_title"),
        "from_department": ("old_department",),
        "to_department": ("new_department",),
    },
)
CLAIMS = Table(
    AccountClaim,
    key=("account", "account_provider", "account_unit"),
    must=("account_provider", "kind", "person_id"),
    aliases={
        "account": ("account_id", "login", "user"),
        "account_provider": ("provider", "system"),
        "account_unit": ("unit", "scope"),
        "person_id": ("employee_id", "owner"),
    },
)


@hris.evidence("hris.roster", yields=Person, needs=[READ], kind=Kind.RECORD, lasting=True)
def roster(source: FileSource) -> Iterator[Person]:
    """Workforce roster with start and end dates.

    Everyone who works, worked or will work for the company, as HR says it, with the first and the last day. It must
    come from HR and never from the identity provider that it is used to test. A day without a time ends at midnight in
    the configured zone. Where its owner stated how many people there are at its end, that number is held against it.
    """
    found = list(source.rows(PEOPLE, source.taken()))
    for row in found:
        yield Person(key=row.key, seen=[row.seen], observed_at=row.as_of, **row.fields)
    if source.delivery.head_count is not None:
        end = source.delivery.as_of or source.now
        there = sum(_works(row.fields, end) for row in found)
        source.total("people at the end, as HR states it", expected=source.delivery.head_count, found=there)


@hris.evidence("hris.moves", yields=PersonChange, needs=[READ], kind=Kind.RECORD)
def moves(source: FileSource) -> Iterator[PersonChange]:
    """Role and department changes.

    Every move of the time it covers, as HR says it. A list with nothing but its header says that nobody moved.
    """
    for row in source.rows(MOVES, source.taken()):
        yield PersonChange(key=row.key, seen=[row.seen], observed_at=row.as_of, **row.fields)


@hris.evidence("hris.account_map", yields=AccountClaim, needs=[READ], kind=Kind.RECORD, lasting=True)
def account_map(source: FileSource) -> Iterator[AccountClaim]:
    """The company's own map of accounts.

    Whose an account is that nothing else links to a person: a login with a private address, a user without an address,
    a service account with the person who answers for it, an outsider. It is the weakest link of all, and shown as such.
    """
    for row in source.rows(CLAIMS, source.taken()):
        yield AccountClaim(key=row.key, seen=[row.seen], observed_at=row.as_of, **row.fields)


def _works(fields: dict[str, object], at: object) -> bool:
    start, end = fields.get("start_date"), fields.get("end_date")
    return start is not None and start <= at and (end is None or end > at)  # type: ignore[operator]  # all are datetimes
