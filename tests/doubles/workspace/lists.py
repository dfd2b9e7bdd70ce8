"""What each of Google's methods answers, from the organisation: by Google's own names of the methods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tests.doubles.workspace.estate import CUSTOMER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.doubles.workspace.estate import Estate, Json

REPORT_LAG = timedelta(days=2)
_DIRECTORY, _REPORTS = "admin#directory#", "admin#reports#"


class MissingError(Exception):
    """There is no such thing."""


@dataclass(frozen=True)
class Lister:
    """Where a method's items are, what they are called in its answer, and what they are known by."""

    items: str
    of: Callable[[Estate, str, Mapping[str, str], datetime], list[Json]]
    kind: str = ""
    key: Callable[[Json], str] = lambda one: str(one["id"])
    most: int = 500


def _users(estate: Estate, _: str, query: Mapping[str, str], __: datetime) -> list[Json]:
    found = estate.deleted if query.get("showDeleted") == "true" else estate.users
    if asked := query.get("query"):
        name, _, value = asked.partition("=")
        assert name == "isSuspended", f"the double knows no search by {name}"
        found = [one for one in found if one.get("suspended", False) is (value == "true")]
    return found


def _of_group(estate: Estate, path: str, _: Mapping[str, str], __: datetime) -> list[Json]:
    group = path.split("/")[-2]
    if group not in estate.members:
        raise MissingError
    return estate.members[group]


def _of_user(estate: Estate, path: str, _: Mapping[str, str], __: datetime) -> list[Json]:
    user = path.split("/")[-2]
    if user not in estate.tokens:
        raise MissingError
    return estate.tokens[user]


def _activities(estate: Estate, path: str, query: Mapping[str, str], now: datetime) -> list[Json]:
    """Those of the span and name that Google shows by now: each log is late by its own measure."""
    log = path.rpartition("/")[2]
    late = estate.manifest.get("lag", {}).get(log, timedelta())
    start = datetime.fromisoformat(query.get("startTime", "1970-01-01T00:00:00Z"))
    end = datetime.fromisoformat(query["endTime"]) if "endTime" in query else now
    wanted = query.get("eventName")
    return [
        one
        for one in estate.activities.get(log, [])
        if start <= (at := datetime.fromisoformat(one["id"]["time"])) <= end
        and at + late <= now
        and (wanted is None or wanted in {event["name"] for event in one["events"]})
    ]


def _usage(estate: Estate, path: str, query: Mapping[str, str], now: datetime) -> list[Json]:
    date = path.rpartition("/")[2]
    if datetime.fromisoformat(date).replace(tzinfo=UTC) > now - REPORT_LAG:
        raise MissingError(date)
    asked = query["parameters"].split(",")
    return [
        {
            "kind": f"{_REPORTS}usageReport",
            "date": date,
            "entity": {"type": "USER", "customerId": CUSTOMER, "profileId": user, "userEmail": "x@northwind.example"},
            "parameters": [{"name": name, "intValue": str(counts[name])} for name in asked if name in counts],
        }
        for user, counts in estate.factors.items()
    ]


def _devices(estate: Estate, _: str, query: Mapping[str, str], __: datetime) -> list[Json]:
    used = {one["name"].partition("/deviceUsers/")[0] for one in estate.device_users} | {"devices/and1"}
    by_users = query.get("view") == "USER_ASSIGNED_DEVICES"
    return [one for one in estate.devices if (one["name"] in used) == by_users or one["name"] == "devices/lap1"]


def _named(one: Json) -> str:
    return str(one["name"])


def _of_activity(one: Json) -> str:
    return f"{one['id']['time']} {one['id']['uniqueQualifier']}"


LISTERS = {
    "directory.users.list": Lister("users", _users, f"{_DIRECTORY}users"),
    "directory.orgunits.list": Lister(
        "organizationUnits", lambda estate, *_: estate.units, f"{_DIRECTORY}orgUnits", lambda one: str(one["orgUnitId"])
    ),
    "directory.roles.list": Lister(
        "items", lambda estate, *_: estate.roles, f"{_DIRECTORY}roles", lambda one: str(one["roleId"]), 100
    ),
    "directory.roleAssignments.list": Lister(
        "items",
        lambda estate, *_: estate.assignments,
        f"{_DIRECTORY}roleAssignments",
        lambda one: str(one["roleAssignmentId"]),
        200,
    ),
    "directory.groups.list": Lister("groups", lambda estate, *_: estate.groups, f"{_DIRECTORY}groups", most=200),
    "directory.members.list": Lister("members", _of_group, f"{_DIRECTORY}members", most=200),
    "directory.tokens.list": Lister("items", _of_user, f"{_DIRECTORY}tokenList", lambda one: str(one["clientId"])),
    "directory.mobiledevices.list": Lister(
        "mobiledevices",
        lambda estate, *_: estate.mobile,
        f"{_DIRECTORY}mobiledevices",
        lambda one: str(one["resourceId"]),
        100,
    ),
    "directory.chromeosdevices.list": Lister(
        "chromeosdevices",
        lambda estate, *_: estate.chrome,
        f"{_DIRECTORY}chromeosdevices",
        lambda one: str(one["deviceId"]),
        300,
    ),
    "reports.activities.list": Lister(
        "items",
        _activities,
        f"{_REPORTS}activities",
        lambda one: f"{one['id']['time']} {one['id']['uniqueQualifier']}",
        1000,
    ),
    "reports.userUsageReport.get": Lister(
        "usageReports", _usage, f"{_REPORTS}usageReports", lambda one: str(one["entity"]["profileId"]), 1000
    ),
    "alertcenter.alerts.list": Lister("alerts", lambda estate, *_: estate.alerts, "", lambda one: str(one["alertId"])),
    "cloudidentity.policies.list": Lister("policies", lambda estate, *_: estate.policies, "", _named, 100),
    "cloudidentity.devices.list": Lister("devices", _devices, "", _named, 100),
    "cloudidentity.devices.deviceUsers.list": Lister(
        "deviceUsers", lambda estate, *_: estate.device_users, "", _named, 20
    ),
    "cloudidentity.inboundSamlSsoProfiles.list": Lister(
        "inboundSamlSsoProfiles", lambda estate, *_: estate.saml, "", _named, 100
    ),
    "cloudidentity.inboundOidcSsoProfiles.list": Lister(
        "inboundOidcSsoProfiles", lambda estate, *_: estate.oidc, "", _named, 100
    ),
}


def one_of(estate: Estate, method: str, path: str) -> Json:
    """The answer of a method that lists nothing; MissingError when there is no such thing."""
    name = unquote(re.split("/", path)[-1])
    if method == "directory.users.get":
        found = next((one for one in estate.users if name.lower() in {one["id"], one["primaryEmail"].lower()}), None)
    elif method == "groupsSettings.groups.get":
        found = estate.group_settings.get(name)
    else:
        raise AssertionError(f"the double has no {method}")
    if found is None:
        raise MissingError
    return found
