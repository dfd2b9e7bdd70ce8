"""Who is in the org, in every status, and who was deleted as far as the System Log tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.records import Account, ExternalIdentity
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import LOGS, USERS
from connectors.okta.people import STATUS, email, kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

DEPROVISIONED = 'status eq "DEPROVISIONED"'
EVERYBODY = 'lastUpdated gt "1970-01-01T00:00:00.000Z"'
DELETIONS = 'eventType eq "user.lifecycle.delete.completed"'
_LOG_DAYS = 90
_SETTLED = timedelta(minutes=5)
_WITHOUT_ACCESS = {"suspended", "disabled"}


@okta.evidence("okta.users", yields=(Account, ExternalIdentity), needs=[USERS, LOGS])
def users(source: RestSource) -> Iterator[Account | ExternalIdentity]:
    """Users in every status.

    Every user of the org. Okta's own list leaves out those who are deprovisioned, so these are asked for by
    themselves. Users who are locked out, must set a new password or recover theirs count as active; staged ones and
    those who have not set up their account as invited. Who was deleted is in the list for as long as the System Log
    remembers, which is 90 days. Services and guests are told apart by the configuration alone; a guest's sponsor is the
    manager that the profile names. A person's number in the people list, where the profile has one, is a row of its
    own.

    Whole when a third reading, of all users by the time of their last change, has as many users as the two lists
    together; who was made within five minutes before the reading began counts in neither. Whoever only the third
    reading shows is in the list.
    """
    since = source.now - _SETTLED
    listed: set[str] = set()
    settled: set[str] = set()
    for parameters in ({}, {"filter": DEPROVISIONED}):
        for user in source.list(USERS, **parameters):
            if user["id"] not in listed:
                yield from _user(source, user)
            listed.add(user["id"])
            settled.update(_if_settled(user, since))
    counted: set[str] = set()
    for user in source.list(USERS, filter=EVERYBODY):
        if user["id"] not in listed:
            yield from _user(source, user)
        counted.update(_if_settled(user, since))
    source.total("users in every status", expected=len(counted), found=len(settled))
    for _, deleted in source.each((DELETIONS,), lambda events: _deletions(source, events)):
        yield from (_deleted(event, user) for event, user in deleted if user["id"] not in listed)


def _user(source: RestSource, user: Answer) -> Iterator[Account | ExternalIdentity]:
    profile = user.get("profile") or {}
    status, whose = STATUS.get(user.get("status") or ""), kind(profile, source.settings)
    if number := profile.get("employeeNumber"):
        yield ExternalIdentity(
            key=f"{user['id']} {number}", seen=[user], account_id=user["id"], subject=number, via="employee_number"
        )
    yield Account(
        key=user["id"],
        seen=[user],
        account_id=user["id"],
        name=profile.get("login"),
        email=email(profile),
        kind=whose,
        status=status,
        created_at=moment(user.get("created")),
        disabled_at=moment(user.get("statusChanged")) if status in _WITHOUT_ACCESS else None,
        last_login_at=moment(user.get("lastLogin")),
        sponsor=(profile.get("manager") or profile.get("managerId")) if whose == "guest" else None,
        external=whose == "guest" if source.settings.guest_user_types else None,
    )


def _if_settled(user: Answer, since: datetime) -> set[str]:
    """The user's id, unless they were made too shortly before the reading for every list to have them."""
    made = moment(user.get("created"))
    return {user["id"]} if made is None or made < since else set()


def _deletions(source: RestSource, events: str) -> list[tuple[Answer, dict[str, str]]]:
    """Each deletion that the log remembers, with its user; of one user the first."""
    found: dict[str, tuple[Answer, dict[str, str]]] = {}
    for event in source.list(LOGS, since=source.now - timedelta(days=_LOG_DAYS), until=source.now, filter=events):
        if (event.get("outcome") or {}).get("result") != "SUCCESS":
            continue
        for target in event.get("target") or ():
            if target.get("type") == "User" and target.get("id"):
                found.setdefault(target["id"], (event, target))
    return list(found.values())


def _deleted(event: Answer, user: dict[str, str]) -> Account:
    login = user.get("alternateId")
    return Account(
        key=user["id"],
        seen=[event],
        account_id=user["id"],
        name=login,
        email=login.lower() if login and "@" in login else None,
        status="deleted",
        disabled_at=moment(event.get("published")),
    )
