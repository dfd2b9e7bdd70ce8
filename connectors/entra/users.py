"""Who has an account, and by what they prove themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collector.records import Account, Authenticator, ExternalIdentity, Setting
from connectors.entra import entra
from connectors.entra.directory_operations import (
    AUTHORIZATION_POLICY,
    CROSS_TENANT,
    DELETED_COUNT,
    DELETED_USERS,
    GUESTS,
    REGISTRATION,
    USER_COUNT,
    USERS,
    USERS_SIGN_IN,
)
from connectors.entra.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_KINDS = {"member": "human", "guest": "guest"}
_INVITERS = {
    "none": "nobody",
    "adminsAndGuestInviters": "administrators",
    "adminsGuestInvitersAndAllMembers": "members",
    "everyone": "everyone",
}
_SUCCESS_KNOWN_SINCE = datetime(2023, 12, 1, tzinfo=UTC)
"""Entra has kept the last successful sign-in since then, and filled in nothing before."""
_RESISTANT = frozenset(
    {
        "fido2",
        "passKeyDeviceBound",
        "passKeyDeviceBoundAuthenticator",
        "windowsHelloForBusiness",
        "x509CertificateMultiFactor",
    }
)
"""Methods that a look-alike site cannot take over."""
_OTHER = frozenset({"email", "securityQuestion", "password"})
"""Registered methods that reset a password, and are no second factor."""


@entra.evidence(
    "entra.users",
    yields=(Account, ExternalIdentity),
    needs=[USERS_SIGN_IN, USERS, USER_COUNT, DELETED_USERS, DELETED_COUNT],
)
def users(source: RestSource) -> Iterator[Account | ExternalIdentity]:
    """Users, including soft-deleted.

    Every user of the tenant: members and guests, enabled and disabled, and those deleted in the last 30 days, after
    which Entra forgets them. A user is a guest or a person; one whose login matches `service_accounts` is a service.
    The last use is the last sign-in that succeeded. Entra shows it to tenants with a P1 or P2 licence alone: without
    one it is a gap, and unknown for every user. When an account was disabled is in the log, not here. A person's number
    in the people list, where the directory has one, is a row of its own.

    Whole when the lists of users and of deleted users are as long as the directory's own counts.
    """
    found = _with_sign_ins(source)
    deleted = list(source.list(DELETED_USERS))
    for one in found:
        yield _account(source, one)
        if number := one.get("employeeId"):
            yield ExternalIdentity(
                key=f"{one['id']} {number}", seen=[one], account_id=one["id"], subject=number, via="employee_number"
            )
    for one in deleted:
        yield _account(source, one)
    _whole(source, "users", USER_COUNT, found)
    _whole(source, "deleted users", DELETED_COUNT, deleted)


@entra.evidence(
    "entra.auth_methods",
    yields=(Account, Authenticator),
    needs=[USERS, USER_COUNT, REGISTRATION],
)
def auth_methods(source: RestSource) -> Iterator[Account | Authenticator]:
    """MFA registration by user.

    Every user with whether a second factor is registered, and each registered method, as Entra's own report has them.
    A guest may have the second factor where they come from: who has none here is unknown.
    The report is made some time before it is read: all of it counts as of its newest entry. A user it does not have is
    in the list with the second factor unknown, and so is everyone where the report cannot be read: it needs a P1 or P2
    licence.

    Whole when every enabled member is in the report, and the list of users is as long as the directory's own count.
    """
    found = list(source.list(USERS))
    report: dict[str, Answer] | None = None
    for _, listed in source.each(("",), lambda _: list(source.list(REGISTRATION))):
        report = {one["id"]: one for one in listed}
    told_by = report or {}
    as_of = max((at for one in told_by.values() if (at := moment(one.get("lastUpdatedDateTime")))), default=None)
    for one in found:
        told = told_by.get(one["id"])
        yield _account(source, one, told, as_of)
        if told is not None:
            yield from _authenticators(told, as_of)
    _whole(source, "users", USER_COUNT, found)
    if report is not None:
        people = [one["id"] for one in found if one.get("accountEnabled") and _kind(one) == "human"]
        source.total(
            "enabled members = those in the report", expected=len(people), found=sum(one in report for one in people)
        )


@entra.evidence(
    "entra.guests",
    yields=(Account, Setting),
    needs=[USERS_SIGN_IN, USERS, GUESTS, AUTHORIZATION_POLICY, CROSS_TENANT],
)
def guests(source: RestSource) -> Iterator[Account | Setting]:
    """Guests and invitation policy.

    Every guest, with sponsors, whether the invitation was taken up, and the last sign-in that succeeded; who may invite
    guests, what guests may see, and whether other tenants' users are let in by default.

    Whole when the list of guests is as long as the number of guests among all users.
    """
    everyone = [one for one in _with_sign_ins(source) if _kind(one) == "guest"]
    sponsored = {one["id"]: one for one in source.list(GUESTS)}
    for one in everyone:
        yield _account(source, one, sponsored=sponsored.get(one["id"]))
    source.total("guests = users of that type", expected=len(sponsored), found=len(everyone))
    policy, default = source.look(AUTHORIZATION_POLICY), source.look(CROSS_TENANT)
    if policy.seen:
        yield _setting(policy, "guests.invited_by", policy["allowInvitesFrom"])
        yield _setting(policy, "outsiders_invited_by", _INVITERS.get(policy["allowInvitesFrom"]))
        yield _setting(policy, "guests.role", policy.get("guestUserRoleId"))
    if default.seen:
        inbound = ((default["b2bCollaborationInbound"] or {}).get("usersAndGroups") or {}).get("accessType")
        yield _setting(default, "cross_tenant.inbound", inbound)


def _with_sign_ins(source: RestSource) -> list[Answer]:
    """All users with their last sign-in; where Entra does not show that, a gap, and all users without it."""
    for _, found in source.each(("",), lambda _: list(source.list(USERS_SIGN_IN))):
        return list(found)
    return list(source.list(USERS))


def _whole(source: RestSource, name: str, count: str, found: list[Answer]) -> None:
    expected = source.get(count)["@odata.count"]
    source.total(f"{name} listed = {name} counted", expected=expected, found=len(found))


def _account(
    source: RestSource,
    user: Answer,
    told: Answer | None = None,
    as_of: datetime | None = None,
    *,
    sponsored: Answer | None = None,
) -> Account:
    login = user.get("userPrincipalName")
    mail = user.get("mail")
    deleted = moment(user.get("deletedDateTime"))
    return Account(
        key=f"deleted {user['id']}" if deleted else user["id"],
        seen=[user, *(one for one in (told, sponsored) if one is not None)],
        observed_at=as_of if told is not None else None,
        account_id=user["id"],
        name=login,
        email=mail.lower() if mail else None,
        kind="service" if _is_service(source, login) else _kind(user),
        status="deleted" if deleted else _status(user),
        privileged=None if told is None else told.get("isAdmin"),
        mfa_enrolled=_enrolled(user, told),
        created_at=moment(user.get("createdDateTime")),
        disabled_at=deleted,
        last_login_at=_last_login(user),
        sponsor=_sponsors(sponsored),
        external=None if _kind(user) is None else _kind(user) == "guest",
    )


def _enrolled(user: Answer, told: Answer | None) -> bool | None:
    """A guest proves themselves at home, and this tenant may trust that: none here says nothing of them."""
    registered = None if told is None else told.get("isMfaRegistered")
    return registered or (None if _kind(user) == "guest" else registered)


def _kind(user: Answer) -> str | None:
    """A guest or a person; None where Entra does not say, as for accounts made long ago."""
    return _KINDS.get((user.get("userType") or "").lower())


def _status(user: Answer) -> str | None:
    enabled = user.get("accountEnabled")
    if enabled is None:
        return None
    if not enabled:
        return "disabled"
    return "invited" if user.get("externalUserState") == "PendingAcceptance" else "active"


def _is_service(source: RestSource, login: str | None) -> bool:
    return matches(login, source.settings.service_accounts)


def matches(login: str | None, patterns: Iterable[str]) -> bool:
    """Whether a login is one of those that the configuration names."""
    return login is not None and any(fnmatchcase(login.lower(), one.lower()) for one in patterns)


def _last_login(user: Answer) -> datetime | None:
    """The last sign-in that succeeded.

    Where there is none, the last attempt tells as much only if it was made before Entra kept the successful ones apart.
    """
    activity = user.get("signInActivity") or {}
    succeeded = moment(activity.get("lastSuccessfulSignInDateTime"))
    if succeeded is not None:
        return succeeded
    names = ("lastSignInDateTime", "lastNonInteractiveSignInDateTime")
    tried = max((at for name in names if (at := moment(activity.get(name)))), default=None)
    return tried if tried is not None and tried < _SUCCESS_KNOWN_SINCE else None


def _sponsors(sponsored: Answer | None) -> str | None:
    found = [] if sponsored is None else sponsored.get("sponsors") or []
    return ", ".join(sorted(one.get("userPrincipalName") or one["id"] for one in found)) or None


def _authenticators(told: Answer, as_of: datetime | None) -> Iterator[Authenticator]:
    for method in told.get("methodsRegistered") or []:
        if method not in _OTHER:
            yield Authenticator(
                key=f"{told['id']} {method}",
                seen=[told],
                observed_at=as_of,
                account_id=told["id"],
                factor=method,
                phishing_resistant=method in _RESISTANT,
                status="active",
            )


def _setting(answer: Answer, name: str, value: str | None) -> Setting:
    return Setting(key=name, seen=[answer], name=name, value=value)
