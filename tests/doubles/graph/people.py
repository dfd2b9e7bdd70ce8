"""Who is in the made-up tenant: people, guests, programs, those who left; and what is wrong with some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.graph.ids import identity

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

DOMAIN = "northwind.example"
SINCE_2024 = 700
"""Days: sign-ins before the first of them have no successful one kept apart."""


@dataclass
class People:
    """Users as Graph gives them, and the report on their factors; `planted` names what is wrong with whom."""

    users: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    report: list[dict[str, Any]] = field(default_factory=list)
    planted: dict[str, list[str]] = field(default_factory=dict)

    def plant(self, what: str, user: dict[str, Any]) -> None:
        self.planted.setdefault(what, []).append(user["id"])

    def by_login(self, start: str) -> dict[str, Any]:
        return next(one for one in self.users if one["userPrincipalName"].startswith(start))


def text(at: datetime) -> str:
    """A time as Graph writes it: to a tenth of a microsecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0Z"


def seeded(now: datetime, count: int, random: Random) -> People:
    """So many members, a twentieth of them guests besides, and a few of every special kind."""
    made = People()
    for number in range(count):
        user = _user(number, f"person{number:05d}", now, random)
        made.users.append(user)
        made.report.append(_registered(user, now, ["microsoftAuthenticatorPush", "mobilePhone"]))
    _special(made, now, random, count)
    for number in range(max(2, count // 20)):
        guest = _user(count + 100 + number, f"guest{number}_fabrikam.example#EXT#", now, random)
        guest |= {"userType": "Guest", "externalUserState": "Accepted", "mail": f"Guest{number}@Fabrikam.example"}
        if number == 0:
            guest["externalUserState"] = "PendingAcceptance"
            made.plant("invited", guest)
        guest["sponsors"] = (
            [] if number == 1 else [{"id": made.users[0]["id"], "userPrincipalName": _login("person00000")}]
        )
        made.users.append(guest)
        made.report.append(_registered(guest, now, []) | {"userType": "guest"})
        made.plant("guest", guest)
    return made


def _special(made: People, now: datetime, random: Random, count: int) -> None:
    without, new, dormant, ancient, disabled, unknown = (made.users[number] for number in (1, 2, 3, 4, 5, 6))
    for user in (without, new):
        _report_of(made, user).update(isMfaRegistered=False, isMfaCapable=False, methodsRegistered=["email"])
    new["createdDateTime"] = text(now - timedelta(hours=20))
    made.plant("no second factor", without)
    made.plant("new without second factor", new)
    dormant["signInActivity"] = _activity(now - timedelta(days=200), now - timedelta(days=1))
    made.plant("dormant", dormant)
    ancient["signInActivity"] = _activity(None, now - timedelta(days=SINCE_2024 * 2))
    made.plant("dormant", ancient)
    disabled["accountEnabled"] = False
    made.plant("disabled", disabled)
    unknown["signInActivity"] = _activity(None, now - timedelta(days=2))
    made.plant("only failed sign-ins", unknown)
    service = _user(count + 50, "svc-backup", now, random) | {"mail": None}
    rescue = _user(count + 51, "breakglass1", now, random)
    for user in (service, rescue):
        made.users.append(user)
        made.report.append(_registered(user, now, ["fido2"]))
    made.plant("service", service)
    made.plant("break glass", rescue)
    for number in range(3):
        gone = _user(count + 60 + number, f"gone{number}", now, random)
        gone |= {"deletedDateTime": text(now - timedelta(days=3 + number)), "accountEnabled": True}
        made.deleted.append(gone)
        made.plant("deleted", gone)


def _user(number: int, name: str, now: datetime, random: Random) -> dict[str, Any]:
    seen = now - timedelta(days=random.randint(1, 20), minutes=random.randint(0, 600))
    return {
        "id": identity("user", number + 1),
        "userPrincipalName": _login(name),
        "mail": f"{name.title()}@{DOMAIN}",
        "displayName": f"Name of {name}",
        "accountEnabled": True,
        "userType": "Member",
        "externalUserState": None,
        "createdDateTime": text(now - timedelta(days=random.randint(100, 900))),
        "employeeId": f"E{number:05d}",
        "employeeHireDate": None,
        "lastPasswordChangeDateTime": text(now - timedelta(days=300)),
        "signInActivity": _activity(seen, seen),
        "sponsors": [],
    }


def _login(name: str) -> str:
    return f"{name}@{DOMAIN}"


def _activity(succeeded: datetime | None, tried: datetime) -> dict[str, Any]:
    return {
        "lastSignInDateTime": text(tried),
        "lastSignInRequestId": "",
        "lastNonInteractiveSignInDateTime": "0001-01-01T00:00:00Z",
        "lastNonInteractiveSignInRequestId": "",
        "lastSuccessfulSignInDateTime": text(succeeded) if succeeded else "",
        "lastSuccessfulSignInRequestId": "",
    }


def _registered(user: dict[str, Any], now: datetime, methods: list[str]) -> dict[str, Any]:
    return {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "isAdmin": False,
        "isMfaRegistered": bool(methods),
        "isMfaCapable": bool(methods),
        "isPasswordlessCapable": "fido2" in methods,
        "lastUpdatedDateTime": text(now - timedelta(hours=5)),
        "methodsRegistered": methods,
        "userType": "member",
    }


def _report_of(made: People, user: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in made.report if one["id"] == user["id"])
