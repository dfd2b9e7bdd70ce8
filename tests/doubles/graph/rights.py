"""Who may do what in the made-up tenant: roles, groups in groups, conditional access, applications."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.graph.ids import identity
from tests.doubles.graph.people import text

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.graph.people import People

GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"  # in every tenant
READER, HELPDESK = (identity("role", number) for number in (2, 3))
SECRET = "s3cret-that-graph-never-gives"  # noqa: S105 - of a made-up application
"""In each answer all the same, to see what becomes of it."""
ADMINS, INNER, EXCLUDED, EMPTY = (identity("group", number) for number in (1, 2, 3, 4))
_ROLES = {
    GLOBAL_ADMIN: ("Global Administrator", ["microsoft.directory/users/allProperties/allTasks"]),
    READER: (
        "Global Reader",
        ["microsoft.directory/users/standard/read", "microsoft.office365.supportTickets/allEntities/allTasks"],
    ),
    HELPDESK: ("Helpdesk Administrator", ["microsoft.directory/users/password/update"]),
}


@dataclass
class Rights:
    """Lists as Graph gives them, by the path they are at; members of groups by the group's id."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    holders: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    planted: dict[str, list[str]] = field(default_factory=dict)


def seeded(people: People, now: datetime) -> Rights:
    """A direct administrator, a group with a group in it, one eligible, one activated; applications of every kind."""
    made = Rights()
    first, second, third, fourth = (people.users[number] for number in (7, 8, 9, 10))
    _groups(made, second, third, people)
    _roles(made, now, first, fourth)
    _policies(made, people)
    _applications(made, now, first)
    made.planted |= {
        "administrators": [first["id"], second["id"], third["id"]],
        "through nested group": [third["id"]],
        "eligible": [fourth["id"]],
        "activated": [fourth["id"]],
    }
    return made


def _groups(made: Rights, second: dict[str, Any], third: dict[str, Any], people: People) -> None:
    inner = {
        "@odata.type": "#microsoft.graph.group",
        "id": INNER,
        "displayName": "Inner admins",
        "userPrincipalName": None,
    }
    made.groups = {
        ADMINS: [_member(second), inner],
        # A detour back to where it began.
        INNER: [_member(third), {**inner, "id": ADMINS, "displayName": "Admins"}],
        EXCLUDED: [_member(people.by_login("breakglass1"))],
        EMPTY: [],
    }


def _member(user: dict[str, Any]) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.user",
        **{name: user[name] for name in ("id", "displayName", "userPrincipalName")},
    }


def _roles(made: Rights, now: datetime, first: dict[str, Any], fourth: dict[str, Any]) -> None:
    made.lists["/roleManagement/directory/roleDefinitions"] = [
        {
            "id": one,
            "displayName": name,
            "isBuiltIn": True,
            "isEnabled": True,
            "rolePermissions": [{"allowedResourceActions": actions, "condition": None}],
        }
        for one, (name, actions) in _ROLES.items()
    ]
    group = {"@odata.type": "#microsoft.graph.group", "id": ADMINS, "displayName": "Admins"}
    empty = {"@odata.type": "#microsoft.graph.group", "id": EMPTY, "displayName": "Nobody"}
    program = {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": identity("principal", 1),
        "displayName": "Sync",
    }
    held = [
        (_member(first), GLOBAL_ADMIN),
        (group, GLOBAL_ADMIN),
        (_member(fourth), HELPDESK),
        (program, HELPDESK),
        (_member(first), READER),
        (empty, GLOBAL_ADMIN),
    ]
    made.lists["/roleManagement/directory/roleAssignments"] = [
        _held("assignment", number, principal, role) for number, (principal, role) in enumerate(held)
    ]
    made.lists["/roleManagement/directory/roleEligibilityScheduleInstances"] = [
        _held("other", 1, _member(fourth), GLOBAL_ADMIN)
        | {"startDateTime": text(now - timedelta(days=90)), "endDateTime": text(now + timedelta(days=275))}
    ]
    made.lists["/roleManagement/directory/roleAssignmentScheduleInstances"] = [
        {
            "id": identity("other", 10 + number),
            "principalId": principal["id"],
            "roleDefinitionId": role,
            "directoryScopeId": "/",
            "startDateTime": text(now - timedelta(days=30)),
            "endDateTime": text(now + timedelta(hours=4)) if number == 2 else None,
            "assignmentType": "Activated" if number == 2 else "Assigned",
            "roleAssignmentOriginId": identity("assignment", number),
        }
        for number, (principal, role) in enumerate(held)
    ]


def _held(kind: str, number: int, principal: dict[str, Any], role: str) -> dict[str, Any]:
    return {
        "id": identity(kind, number),
        "principalId": principal["id"],
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "principal": principal,
    }


def _policies(made: Rights, people: People) -> None:
    rescue = people.by_login("breakglass1")
    made.lists["/identity/conditionalAccess/policies"] = [
        _policy(1, "Second factor for everyone", "enabled", ["mfa"], [rescue["id"]], [EXCLUDED]),
        _policy(2, "Block old protocols", "enabledForReportingButNotEnforced", ["block"], [], []),
    ]
    made.lists["/identity/conditionalAccess/namedLocations"] = [
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "loc-1", "displayName": "Office", "isTrusted": True},
        {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            "id": "loc-2",
            "displayName": "EU",
            "countriesAndRegions": ["DE"],
        },
    ]
    made.lists["/domains"] = [
        {
            "id": "northwind.example",
            "isVerified": True,
            "authenticationType": "Managed",
            "passwordValidityPeriodInDays": 2147483647,
            "passwordNotificationWindowInDays": 14,
        },
        {
            "id": "unproved.example",
            "isVerified": False,
            "passwordValidityPeriodInDays": None,
            "passwordNotificationWindowInDays": None,
        },
    ]
    made.lists["/groupSettings"] = [
        {"id": "gs-1", "displayName": "Password Rule Settings", "values": [{"name": "LockoutThreshold", "value": "10"}]}
    ]


def _policy(
    number: int, name: str, state: str, controls: list[str], users: list[str], groups: list[str]
) -> dict[str, Any]:
    return {
        "id": f"ca-{number}",
        "displayName": name,
        "state": state,
        "conditions": {
            "clientAppTypes": ["exchangeActiveSync", "other"] if controls == ["block"] else ["all"],
            "applications": {"includeApplications": ["All"], "excludeApplications": []},
            "users": {"includeUsers": ["All"], "excludeUsers": users, "excludeGroups": groups},
        },
        "grantControls": {"operator": "OR", "builtInControls": controls},
        "sessionControls": {
            "signInFrequency": {"isEnabled": True, "value": 12, "type": "hours", "frequencyInterval": "timeBased"}
        },
    }


def _applications(made: Rights, now: datetime, owner: dict[str, Any]) -> None:
    person = {name: owner[name] for name in ("id", "displayName", "userPrincipalName")}
    ages = {
        "Fresh": (30, 60, [person]),
        "Old": (400, 330, [person]),
        "Ownerless": (30, 60, []),
        "Expired": (500, -10, [person]),
    }
    made.lists["/applications"] = [
        {
            "id": identity("application", number),
            "appId": identity("application", 100 + number),
            "displayName": name,
            "createdDateTime": text(now - timedelta(days=500)),
            "passwordCredentials": [_secret(number, now, age, left)],
            "keyCredentials": [],
            "owners": owners,
        }
        for number, (name, (age, left, owners)) in enumerate(ages.items(), 1)
    ]
    graph = _principal(1, "Microsoft Graph") | {
        "appRoles": [
            {"id": "r-1", "value": "User.Read.All", "allowedMemberTypes": ["Application"]},
            {"id": "r-2", "value": "RoleManagement.ReadWrite.Directory", "allowedMemberTypes": ["Application"]},
        ]
    }
    vendor = _principal(2, "Vendor") | {
        "verifiedPublisher": {"displayName": "Vendor Ltd"},
        "appOwnerOrganizationId": "elsewhere",
    }
    made.lists["/servicePrincipals"] = [graph, vendor, _principal(3, "Old")]
    made.lists["/oauth2PermissionGrants"] = [
        {
            "id": "grant-1",
            "clientId": vendor["id"],
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": graph["id"],
            "scope": " openid Mail.ReadWrite",
        },
        {
            "id": "grant-2",
            "clientId": vendor["id"],
            "consentType": "Principal",
            "principalId": owner["id"],
            "resourceId": graph["id"],
            "scope": "User.Read",
        },
    ]
    made.holders = {
        graph["id"]: [
            {
                "id": "held-1",
                "appRoleId": "r-2",
                "principalId": vendor["id"],
                "principalDisplayName": "Vendor",
                "principalType": "ServicePrincipal",
                "resourceId": graph["id"],
                "resourceDisplayName": "Microsoft Graph",
                "createdDateTime": text(now - timedelta(days=50)),
            },
            {
                "id": "held-2",
                "appRoleId": "r-1",
                "principalId": owner["id"],
                "principalDisplayName": "A person",
                "principalType": "User",
                "resourceId": graph["id"],
                "resourceDisplayName": "Microsoft Graph",
                "createdDateTime": text(now),
            },
        ]
    }


def _principal(number: int, name: str) -> dict[str, Any]:
    return {
        "id": identity("principal", number),
        "appId": identity("principal", 100 + number),
        "displayName": name,
        "accountEnabled": True,
        "appOwnerOrganizationId": None,
        "servicePrincipalType": "Application",
        "createdDateTime": None,
        "verifiedPublisher": {"displayName": None},
        "passwordCredentials": [],
        "keyCredentials": [],
        "appRoles": [],
        "oauth2PermissionScopes": [],
    }


def _secret(number: int, now: datetime, age: int, left: int) -> dict[str, Any]:
    return {
        "keyId": identity("key", number),
        "displayName": "made by hand",
        "hint": "abc",
        "secretText": SECRET,
        "customKeyIdentifier": None,
        "startDateTime": text(now - timedelta(days=age)),
        "endDateTime": text(now + timedelta(days=left)),
    }
