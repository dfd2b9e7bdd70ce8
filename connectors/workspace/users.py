"""Who has an account: people, guests and programs, and what each can sign in with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.model import Cause
from collector.records import Account, Authenticator, ExternalIdentity
from connectors.workspace import people, workspace
from connectors.workspace.directory_operations import USER_IDS, USERS
from connectors.workspace.moments import end_of_day, moment
from connectors.workspace.report_operations import FACTORS, USAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_REPORT_AGE = timedelta(days=4)
"""The report on accounts of a younger day may not be whole yet."""
_SETTLING = timedelta(hours=1)
"""A user that is younger may be in one list already and not yet in another."""
_TOLD = {
    "suspended": (Cause.DENIED, "as for one who is no administrator"),
    "isAdmin": (Cause.DENIED, "as for one who is no administrator"),
    "isDelegatedAdmin": (Cause.DENIED, "as for one who is no administrator"),
    "isEnrolledIn2Sv": (Cause.UNLICENSED, "as where the edition does not have it"),
}
"""What every user has, and what it means where it is left out."""


@workspace.evidence("gws.users", yields=(Account, Authenticator, ExternalIdentity), needs=[USERS, USER_IDS, USAGE])
def users(source: RestSource) -> Iterator[Account | Authenticator | ExternalIdentity]:
    """Users, including recently deleted.

    Every user of every domain of the organisation, whether active, suspended or archived (status `disabled`), and every
    deleted one that Google still keeps (20 days). Super administrators and delegated ones are privileged. A person who
    signs in through another identity provider may have no second factor here. Google does not tell programs' accounts
    from people's: the settings name them. A field that Google leaves out is unknown, and a gap.

    How many security keys and passkeys each user has is in Google's daily report alone: it is some days old, and the
    rows say of which day they are.

    Whole when the users listed are as many as those found by two searches, for suspended ones and for all others, and
    the administrator in whose name we read is among them. Users younger than an hour are not counted.
    """
    listed = people.live(source)
    for user in listed:
        yield _account(user, source)
        for number in _numbers(user):
            yield ExternalIdentity(
                key=f"{user['id']} {number}", seen=[user], account_id=user["id"], subject=number, via="employee_number"
            )
    for user in people.deleted(source):
        yield _account(user, source, gone=True)
    for name, (cause, means) in _TOLD.items():
        if silent := sum(user.get(name) is None for user in listed):
            source.gap(cause, f"{USERS} {name}", f"left out for {silent} of {len(listed)} users, {means}")
    yield from _factors(source)
    found = [one for state in ("true", "false") for one in source.list(USER_IDS, query=f"isSuspended={state}")]
    source.total(
        "users = suspended and other users", expected=len(_settled(found, source)), found=len(_settled(listed, source))
    )
    own = sum(user["primaryEmail"].lower() == source.caller.lower() for user in listed)
    source.total("the administrator among the users", expected=1, found=own)


def _settled(users: Sequence[Answer], source: RestSource) -> set[str]:
    young = source.now - _SETTLING
    return {user["id"] for user in users if (made := moment(user.get("creationTime"))) is None or made < young}


def _account(user: Answer, source: RestSource, *, gone: bool = False) -> Account:
    status = "deleted" if gone else _status(user)
    lost = [moment(user.get(name)) for name in ("suspensionTime", "archivalTime", "deletionTime")]
    return Account(
        key=user["id"],
        seen=[user],
        account_id=user["id"],
        name=user["primaryEmail"],
        email=user["primaryEmail"].lower(),
        kind=people.kind(user, source),
        status=status,
        privileged=_privileged(user),
        mfa_enrolled=user.get("isEnrolledIn2Sv"),
        mfa_enforced=user.get("isEnforcedIn2Sv"),
        created_at=moment(user.get("creationTime")),
        # Who is suspended and then deleted lost access by the first of the two.
        disabled_at=None if status == "active" else min(filter(None, lost), default=None),
        last_login_at=moment(user.get("lastLoginTime")),
        org_unit=user.get("orgUnitPath"),
        sponsor=_manager(user) if user.get("isGuestUser") else None,
        external=user.get("isGuestUser"),
    )


def _numbers(user: Answer) -> list[str]:
    """The person's number in the people list, as an administrator wrote it down."""
    found = (one.get("value") for one in user.get("externalIds") or () if one.get("type") == "organization")
    return sorted({one for one in found if one})


def _manager(user: Answer) -> str | None:
    found = (one.get("value") for one in user.get("relations") or () if one.get("type") == "manager")
    return next((one for one in found if one), None)


def _status(user: Answer) -> str | None:
    if user.get("suspended"):
        return "suspended"
    if user.get("archived"):
        return "disabled"
    return None if user.get("suspended") is None else "active"


def _privileged(user: Answer) -> bool | None:
    told = (user.get("isAdmin"), user.get("isDelegatedAdmin"))
    return True if True in told else None if None in told else False


def _factors(source: RestSource) -> Iterator[Authenticator]:
    """What the report counts of each user. A report that cannot be read is a gap, and the users stay."""
    day = f"{source.now - _REPORT_AGE:%Y-%m-%d}"
    for _, reports in source.each((day,), lambda date: list(source.list(USAGE, date=date))):
        for report in reports:
            as_of, user = end_of_day(report["date"]), report["entity"]["profileId"]
            counted = {one["name"]: one.get("intValue") for one in report.get("parameters") or ()}
            for name, factor in FACTORS.items():
                if number := int(counted.get(name) or 0):
                    yield Authenticator(
                        key=f"{user} {factor}",
                        seen=[report],
                        observed_at=as_of,
                        account_id=user,
                        factor=factor,
                        phishing_resistant=True,
                        status="active",
                        number=number,
                    )
