"""A made-up tenant behind Graph's own addresses: licences, permissions, pages, a lagging log, and what moves."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from tests.doubles.graph import grants, happenings, odata, people, rights
from tests.doubles.graph.ids import TENANT
from tests.doubles.rest import Given, RestDouble, running_rest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from tests.doubles.rest import Asked

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "graph-double-token"  # noqa: S105 - of a made-up tenant
P1, P2 = "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"
ALL = frozenset({"p1", "p2", "intune", "sharepoint"})
_PREFIX = "/v1.0"
_DIRECTORY = frozenset(
    {"/users", "/directory/deletedItems/microsoft.graph.user", "/applications", "/servicePrincipals"}
)
"""Lists that are counted only when asked with `ConsistencyLevel: eventual`."""
_RELATED = frozenset({"sponsors", "owners", "principal", "requestor", "accessPackage"})
"""What is sent only where it is expanded."""
_KEPT = {"/auditLogs/directoryAudits": "activityDateTime", "/auditLogs/signIns": "createdDateTime"}
_KEYLESS = "/reports/security/getAttackSimulationTrainingUserCoverage"


@dataclass
class Tenant:
    """What is in it, and how it behaves; `planted` is the manifest of what a collector must find."""

    double: RestDouble
    now: datetime
    lists: dict[str, list[dict[str, Any]]]
    singles: dict[str, dict[str, Any]]
    groups: dict[str, list[dict[str, Any]]]
    planted: dict[str, list[str]]
    licences: frozenset[str] = ALL
    granted: frozenset[str] | None = None
    """Permissions of the application; None: all."""
    page: int = 50
    """The most that a page holds, whatever is asked for."""
    meanwhile: dict[int, Callable[[], None]] = field(default_factory=dict)
    """What happens before the answer of this number is given."""
    called: list[str] = field(default_factory=list)
    """The documented path of each request that was answered, in order."""
    needed: set[str] = field(default_factory=set)
    """The permissions that those requests took."""

    def answer(self, asked: Asked) -> Given:
        if (happening := self.meanwhile.pop(len(self.called), None)) is not None:
            happening()
        path = asked.path.removeprefix(_PREFIX)
        template = grants.template(path)
        if template is None or not asked.path.startswith(_PREFIX):
            self.double.complaints.append(f"unknown path {asked.path}")
            return _refused(404, "ResourceNotFound", "Resource not found for the segment.")
        self.called.append(template)
        asks = set(grants.PERMISSIONS[template])
        sign_ins = "signInActivity" in asked.query.get("$select", "")
        asks |= {"AuditLog.Read.All"} if sign_ins else set()
        self.needed |= asks
        if self.granted is not None and not asks <= self.granted:
            return _refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        if (lacking := self._unlicensed(template, sign_ins=sign_ins)) is not None:
            return lacking
        try:
            return Given(200, self._body(path, template, asked))
        except odata.BadQueryError as error:
            self.double.complaints.append(f"{path}: {error}")
            return _refused(400, "BadRequest", str(error))

    def _unlicensed(self, template: str, *, sign_ins: bool) -> Given | None:
        if sign_ins and "p1" not in self.licences:
            template = "/auditLogs/signIns"
        licence, status, code, message = grants.UNLICENSED.get(template, ("", 0, "", ""))
        return _refused(status, code, message) if licence and licence not in self.licences else None

    def _body(self, path: str, template: str, asked: Asked) -> dict[str, Any]:
        if path in self.singles:
            return self.singles[path]
        if template == "/organization":
            plans = [
                {"servicePlanId": one, "capabilityStatus": "Enabled", "service": "AADPremiumService"}
                for one in self._plans()
            ]
            return {"value": [{"id": TENANT, "displayName": "Northwind", "assignedPlans": plans}]}
        if template.endswith("userRegistrationDetails") and set(asked.query) - {"$filter", "$orderby", "$skiptoken"}:
            raise odata.BadQueryError("The query specified in the URI is not valid.")
        rows = odata.filtered(self._rows(path), asked.query.get("$filter"))
        return self._page(path, rows, asked)

    def _page(self, path: str, rows: list[dict[str, Any]], asked: Asked) -> dict[str, Any]:
        rows = sorted(rows, key=_identity)
        skip = asked.query.get("$skiptoken")
        left = rows if skip is None else [one for one in rows if _identity(one) > odata.behind(skip)]
        size = min(self.page, int(asked.query.get("$top", self.page)))
        page, more = left[:size], left[size:]
        select, expand = asked.query.get("$select"), asked.query.get("$expand")
        body: dict[str, Any] = {"@odata.context": f"{self.double.url}{_PREFIX}/$metadata#{path.strip('/')}"}
        counted = path not in _DIRECTORY and not path.startswith("/groups/")
        if asked.query.get("$count") == "true" and (counted or asked.headers.get("consistencylevel") == "eventual"):
            body["@odata.count"] = len(rows)
        if more:
            kept = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken")
            body["@odata.nextLink"] = (
                f"{self.double.url}{asked.path}?{kept}&$skiptoken={odata.token(_identity(page[-1]))}"
            )
        return body | {"value": [odata.shown(one, select, expand, _RELATED) for one in page]}

    def _rows(self, path: str) -> list[dict[str, Any]]:
        parts = path.split("/")
        if path.startswith("/groups/"):
            direct = self.groups[parts[2]]
            return direct if parts[3] == "members" else self._below(parts[2])
        rows = self.lists.get(path, [])
        rows = [one for one in rows if one.get(happenings.SHOWN_FROM, self.now) <= self.now]
        if (name := _KEPT.get(path)) is not None:
            days = 30 if {"p1", "p2"} & self.licences else 7
            rows = [one for one in rows if (self.now - odata.moment(one[name])).days < days]
        return rows

    def _below(self, group: str) -> list[dict[str, Any]]:
        """Everything in a group and in the groups in it, each once."""
        found: dict[str, dict[str, Any]] = {}
        following = [group]
        while following:
            for one in self.groups[following.pop()]:
                if one["id"] not in found and one["id"] != group:
                    found[one["id"]] = one
                    following += [one["id"]] if one["id"] in self.groups else []
        return list(found.values())

    def _plans(self) -> list[str]:
        return [plan for name, plan in (("p1", P1), ("p2", P2)) if name in self.licences]


class _Routes(dict[str, Any]):
    """Every GET is the tenant's."""

    def __init__(self, answer: Callable[[Asked], Given]) -> None:
        super().__init__()
        self._answer = answer

    def get(self, name: str, _: Any = None) -> Any:
        return super().get(name) or (self._answer if name.startswith("GET ") else None)


@contextlib.contextmanager
def running_tenant(
    members: int = 60, *, seed: int = 1, now: datetime = NOW, tls: ssl.SSLContext | None = None
) -> Iterator[Tenant]:
    """A tenant of so many members, the same for the same seed."""
    with running_rest(tls) as double:
        tenant = seeded(double, members, seed=seed, now=now)
        double.token = TOKEN
        double.routes = _Routes(tenant.answer)
        yield tenant


def seeded(double: RestDouble, members: int, *, seed: int, now: datetime) -> Tenant:
    random = Random(seed)  # noqa: S311 - made-up people
    who = people.seeded(now, members, random)
    may, did = rights.seeded(who, now), happenings.seeded(who, now)
    lists = {
        "/users": who.users,
        "/directory/deletedItems/microsoft.graph.user": [_undated(one) for one in who.deleted],
        "/reports/authenticationMethods/userRegistrationDetails": who.report,
        **may.lists,
        **{f"/servicePrincipals/{one}/appRoleAssignedTo": rows for one, rows in may.holders.items()},
        **did.lists,
    }
    return Tenant(double, now, lists, _singles(), may.groups, who.planted | may.planted | did.planted)


def _undated(user: dict[str, Any]) -> dict[str, Any]:
    """A deleted user keeps everything but the relations."""
    return {name: value for name, value in user.items() if name != "sponsors"}


def _singles() -> dict[str, dict[str, Any]]:
    return {
        "/policies/identitySecurityDefaultsEnforcementPolicy": {
            "id": "00000000-0000-0000-0000-000000000005",
            "displayName": "Security Defaults",
            "isEnabled": False,
        },
        "/policies/authenticationMethodsPolicy": {
            "id": "authenticationMethodsPolicy",
            "displayName": "Authentication Methods Policy",
            "authenticationMethodConfigurations": [
                {"id": "Fido2", "state": "enabled"},
                {"id": "Sms", "state": "disabled"},
            ],
        },
        "/policies/authorizationPolicy": {
            "id": "authorizationPolicy",
            "allowInvitesFrom": "everyone",
            "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        },
        "/policies/crossTenantAccessPolicy/default": {
            "isServiceDefault": True,
            "b2bCollaborationInbound": {"usersAndGroups": {"accessType": "allowed"}},
        },
        "/admin/sharepoint/settings": {
            "sharingCapability": "externalUserAndGuestSharing",
            "sharingDomainRestrictionMode": "none",
            "isResharingByExternalUsersEnabled": True,
            "isUnmanagedSyncAppForTenantRestricted": False,
            "isLegacyAuthProtocolsEnabled": True,
            "idleSessionSignOut": {"isEnabled": True, "warnAfterInSeconds": 60, "signOutAfterInSeconds": 3600},
        },
    }


def _identity(row: dict[str, Any]) -> str:
    return str(row["id"] if "id" in row else row["attackSimulationUser"]["userId"])


def _refused(status: int, code: str, message: str) -> Given:
    return Given(
        status,
        {"error": {"code": code, "message": message, "innerError": {"request-id": "r", "date": "d"}}},
        {"request-id": "r"},
    )
