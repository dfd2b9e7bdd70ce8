"""What each endpoint answers, and which OAuth scope opens it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.okta.asking import RefusedError, Told, matching, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.okta.asking import Asked
    from tests.doubles.okta.org import Json, Org


@dataclass(frozen=True)
class Route:
    """One endpoint, by the template that Okta's description has."""

    template: str
    scope: str
    answer: Callable[[Org, Asked, tuple[str, ...], datetime], Told]

    def named(self, path: str) -> tuple[str, ...] | None:
        """What stands for the names of the template; None for another path."""
        found = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", self.template), path)
        return None if found is None else found.groups()


def _absent(what: str) -> RefusedError:
    return RefusedError(404, "E0000007", f"Not found: Resource not found: {what}")


def _held(table: dict[str, list[Json]], known: dict[str, Json], one: str) -> list[Json]:
    if one not in known:
        raise _absent(one)
    return table.get(one, [])


def users(org: Org, asked: Asked, _: tuple[str, ...], __: datetime) -> Told:
    """Okta's own list leaves out DEPROVISIONED; one with a filter does not."""
    shown = matching(list(org.users.values()), asked.query.get("filter"), ("status", "lastUpdated", "id"))
    if "filter" not in asked.query:
        shown = [one for one in shown if one["status"] != "DEPROVISIONED"]
    return page(asked, shown, default=200, most=200)


def user(org: Org, _: Asked, named: tuple[str, ...], __: datetime) -> Told:
    one = next(iter(org.users)) if named[0] == "me" else named[0]
    if one not in org.users:
        raise _absent(one)
    return Told(org.users[one])


def roles_of_user(org: Org, asked: Asked, named: tuple[str, ...], _: datetime) -> Told:
    """Those held directly, and those held through a group, each with who is assigned."""
    (one,) = named
    own = _held(org.user_roles, org.users, one)
    told = [role | {"_links": {"assignee": {"href": f"{asked.base}/api/v1/users/{one}"}}} for role in own]
    for group, held in org.group_roles.items():
        if one in org.members[group]:
            link = {"assignee": {"href": f"{asked.base}/api/v1/groups/{group}"}}
            told += [role | {"_links": link} for role in held]
    return Told(told)


def roles_of_group(org: Org, asked: Asked, named: tuple[str, ...], _: datetime) -> Told:
    held = _held(org.group_roles, org.groups, named[0])
    link = {"assignee": {"href": f"{asked.base}/api/v1/groups/{named[0]}"}}
    return Told([role | {"_links": link} for role in held])


def assignees(org: Org, asked: Asked, _: tuple[str, ...], __: datetime) -> Told:
    through = {one for group in org.group_roles for one in org.members[group]}
    listed: list[Json] = [
        {"id": one, "orn": f"orn:okta:directory:{org.id}:users:{one}"} for one in sorted({*org.user_roles, *through})
    ]
    told = page(asked, listed, default=100, most=100)
    links = [value for _, value in told.headers if 'rel="next"' in value]
    more = {"next": {"href": links[0].split(">")[0].removeprefix("<")}} if links else {}
    return Told({"value": told.body, "_links": more})


def permissions(org: Org, _: Asked, named: tuple[str, ...], __: datetime) -> Told:
    if named[0] not in org.permissions:
        raise _absent(named[0])
    made = org.users[next(iter(org.users))]["created"]
    return Told(
        {"permissions": [{"label": one, "created": made, "lastUpdated": made} for one in org.permissions[named[0]]]}
    )


def members(org: Org, asked: Asked, named: tuple[str, ...], _: datetime) -> Told:
    if named[0] not in org.groups:
        raise _absent(named[0])
    people = [org.users[one] for one in org.members[named[0]]]
    return page(asked, people, default=1000, most=1000)


def policies(org: Org, asked: Asked, _: tuple[str, ...], __: datetime) -> Told:
    kind = asked.query.get("type")
    if kind is None or (kind == "ACCESS_POLICY" and org.pipeline == "v1"):
        raise RefusedError(400, "E0000001", "Api validation failed: type")
    return Told([one for one in org.policies if one["type"] == kind])


def rules(org: Org, _: Asked, named: tuple[str, ...], __: datetime) -> Told:
    return Told(_held(org.rules, {one["id"]: one for one in org.policies}, named[0]))


def logs(org: Org, asked: Asked, _: tuple[str, ...], now: datetime) -> Told:
    """What is in the log by now. Without `until` it is polled, and there is always a next page."""
    query = asked.query
    until = datetime.fromisoformat(query["until"]) if "until" in query else now
    since = datetime.fromisoformat(query["since"]) if "since" in query else until - timedelta(days=7)
    if since > until:
        raise RefusedError(400, "E0000001", "Api validation failed: since must be before until")
    oldest = max(since, now - timedelta(days=90))
    shown = [
        one
        for one in matching(org.events, query.get("filter"), ("eventType",))
        if oldest <= datetime.fromisoformat(one["published"]) <= until and org.shown_at.get(one["uuid"], now) <= now
    ]
    shown.sort(key=lambda one: (one["published"], one["uuid"]), reverse=query.get("sortOrder") == "DESCENDING")
    return page(asked, shown, default=100, most=1000, key="uuid", endless="until" not in query)


def campaigns(org: Org, asked: Asked, _: tuple[str, ...], __: datetime) -> Told:
    told = page(asked, org.campaigns, default=20, most=200)
    return Told({"data": told.body, "_links": {"self": {"href": f"{asked.base}{asked.path}"}}}, headers=told.headers)


def reviews(org: Org, asked: Asked, _: tuple[str, ...], __: datetime) -> Told:
    told = page(asked, matching(org.reviews, asked.query.get("filter"), ("campaignId",)), default=20, most=200)
    return Told({"data": told.body, "_links": {"self": {"href": f"{asked.base}{asked.path}"}}}, headers=told.headers)


def _plain(name: str) -> Callable[[Org, Asked, tuple[str, ...], datetime], Told]:
    """A list that is answered whole."""
    return lambda org, *_: Told(list(getattr(org, name)))


def _paged(
    found: Callable[[Org, tuple[str, ...]], list[Json]], default: int, most: int
) -> Callable[[Org, Asked, tuple[str, ...], datetime], Told]:
    return lambda org, asked, named, _: page(asked, found(org, named), default=default, most=most)


ROUTES = (
    Route("/.well-known/okta-organization", "", lambda org, *_: Told({"id": org.id, "pipeline": org.pipeline})),
    Route("/api/v1/users", "okta.users.read", users),
    Route("/api/v1/users/{id}", "okta.users.read", user),
    Route(
        "/api/v1/users/{userId}/factors",
        "okta.users.read",
        lambda org, _, named, __: Told(_held(org.factors, org.users, named[0])),
    ),
    Route("/api/v1/users/{userId}/roles", "okta.roles.read", roles_of_user),
    Route("/api/v1/iam/assignees/users", "okta.roles.read", assignees),
    Route("/api/v1/iam/roles/{roleIdOrLabel}/permissions", "okta.roles.read", permissions),
    Route("/api/v1/groups", "okta.groups.read", _paged(lambda org, _: list(org.groups.values()), 200, 200)),
    Route("/api/v1/groups/{groupId}/roles", "okta.roles.read", roles_of_group),
    Route("/api/v1/groups/{groupId}/users", "okta.groups.read", members),
    Route("/api/v1/apps", "okta.apps.read", _paged(lambda org, _: list(org.apps.values()), 20, 200)),
    Route(
        "/api/v1/apps/{appId}/users",
        "okta.apps.read",
        _paged(lambda org, named: _held(org.app_users, org.apps, named[0]), 50, 500),
    ),
    Route(
        "/api/v1/apps/{appId}/groups",
        "okta.apps.read",
        _paged(lambda org, named: _held(org.app_groups, org.apps, named[0]), 20, 200),
    ),
    Route("/api/v1/policies", "okta.policies.read", policies),
    Route("/api/v1/policies/{policyId}/rules", "okta.policies.read", rules),
    Route("/api/v1/logs", "okta.logs.read", logs),
    Route("/api/v1/api-tokens", "okta.apiTokens.read", _plain("tokens")),
    Route("/api/v1/logStreams", "okta.logStreams.read", _paged(lambda org, _: org.streams, 20, 200)),
    Route("/api/v1/threats/configuration", "okta.threatInsights.read", lambda org, *_: Told(org.threats)),
    Route("/api/v1/zones", "okta.networkZones.read", _plain("zones")),
    Route("/api/v1/behaviors", "okta.behaviors.read", _plain("behaviours")),
    Route("/api/v1/devices", "okta.devices.read", _paged(lambda org, _: org.devices, 200, 200)),
    Route("/api/v1/device-assurances", "okta.deviceAssurance.read", _plain("assurances")),
    Route("/governance/api/v1/campaigns", "okta.governance.accessCertifications.read", campaigns),
    Route("/governance/api/v1/reviews", "okta.governance.accessCertifications.read", reviews),
)
SCOPES = frozenset(route.scope for route in ROUTES if route.scope)
