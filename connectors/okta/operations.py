"""Every operation of Okta that is read: the OAuth scope it takes, where its list stands, and how that goes on.

Pages are cursors. Okta limits each endpoint by itself, so each path is a bucket of its own; every answer says how much
is left in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.source.rest.api import Operation
from collector.source.rest.paging import BrokenListError, Link, LinkHeader
from collector.source.rest.pointer import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.source.rest.paging import More, Shown

ORGANISATION = "GET /.well-known/okta-organization"
ME = "GET /api/v1/users/me"
USERS = "GET /api/v1/users"
USERS_WHO_CAN_SIGN_IN = "GET /api/v1/users who can sign in"
FACTORS = "GET /api/v1/users/{userId}/factors"
USER_ROLES = "GET /api/v1/users/{userId}/roles"
ASSIGNEES = "GET /api/v1/iam/assignees/users"
PERMISSIONS = "GET /api/v1/iam/roles/{roleIdOrLabel}/permissions"
GROUPS = "GET /api/v1/groups"
GROUP_ROLES = "GET /api/v1/groups/{groupId}/roles"
GROUP_USERS = "GET /api/v1/groups/{groupId}/users"
APPS = "GET /api/v1/apps"
APP_USERS = "GET /api/v1/apps/{appId}/users"
APP_GROUPS = "GET /api/v1/apps/{appId}/groups"
POLICIES = "GET /api/v1/policies"
RULES = "GET /api/v1/policies/{policyId}/rules"
LOGS = "GET /api/v1/logs"
NEWEST_EVENT = "GET /api/v1/logs newest first"
TOKENS = "GET /api/v1/api-tokens"
STREAMS = "GET /api/v1/logStreams"
THREATS = "GET /api/v1/threats/configuration"
ZONES = "GET /api/v1/zones"
BEHAVIOURS = "GET /api/v1/behaviors"
DEVICES = "GET /api/v1/devices"
ASSURANCES = "GET /api/v1/device-assurances"
CAMPAIGNS = "GET /governance/api/v1/campaigns"
REVIEWS = "GET /governance/api/v1/reviews"

_CURSOR = LinkHeader(marks=frozenset({"self"}), single=False, shifts=False)
_SHORT = LinkHeader(marks=frozenset({"self"}), shifts=False)
"""Lists that are mostly one page, which then has no Link header at all."""
_EVENTS = LinkHeader(marks=frozenset({"self"}), single=False, shifts=False, sparse=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Either:
    """The next page is in the answer (`_links.next`) or in the Link header; the end is an answer with neither.

    A full page that has no links of any kind may have lost them, and is no end.
    """

    size: int = 100
    shifts: bool = False
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        return {}

    def following(self, page: Shown) -> Link | More | None:
        told = find(page.answer, "/_links/next/href")
        if told is not None and (not isinstance(told, str) or not told):
            raise BrokenListError("/_links/next/href is no address")
        if told:
            return Link(told)
        if page.link:
            return _SHORT.following(page)
        if page.count >= self.size and find(page.answer, "/_links") is None:
            raise BrokenListError("the page is full, and nothing says whether there is more")
        return None


def _path(name: str) -> str:
    return name.split(" ")[1]


def _one(name: str, needs: str, *has: str) -> Operation:
    return Operation(name, needs=needs, has=has, bucket=_path(name))


def _list(name: str, needs: str, pages: LinkHeader | None, *, key: str = "/id", **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    return Operation(name, needs=needs, items="", key=key, pages=pages, parameters=parameters, bucket=_path(name))


def _within(name: str, needs: str, items: str, *, key: str = "/id", **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    return Operation(
        name, needs=needs, items=items, key=key, pages=_Either(), parameters=parameters, bucket=_path(name)
    )


OPERATIONS = (
    _one(ORGANISATION, "", "/id", "/pipeline"),
    _one(ME, "okta.users.read", "/profile/login"),
    _list(USERS, "okta.users.read", _CURSOR, limit=200),
    _list(USERS_WHO_CAN_SIGN_IN, "okta.users.read", _CURSOR, limit=200),
    _list(FACTORS, "okta.users.read", None),
    _list(USER_ROLES, "okta.roles.read", None),
    _within(ASSIGNEES, "okta.roles.read", "/value", limit=100),
    _within(PERMISSIONS, "okta.roles.read", "/permissions", key="/label"),
    _list(GROUPS, "okta.groups.read", _CURSOR, limit=200),
    _list(GROUP_ROLES, "okta.roles.read", None),
    _list(GROUP_USERS, "okta.groups.read", _CURSOR, limit=200),
    _list(APPS, "okta.apps.read", _CURSOR, limit=200, includeNonDeleted=True),
    _list(APP_USERS, "okta.apps.read", _CURSOR, limit=500),
    _list(APP_GROUPS, "okta.apps.read", _CURSOR, limit=200),
    _list(POLICIES, "okta.policies.read", _SHORT),
    _list(RULES, "okta.policies.read", _SHORT),
    _list(LOGS, "okta.logs.read", _EVENTS, key="/uuid", limit=1000, sortOrder="ASCENDING"),
    _list(NEWEST_EVENT, "okta.logs.read", _EVENTS, key="/uuid", limit=1, sortOrder="DESCENDING"),
    _list(TOKENS, "okta.apiTokens.read", _SHORT),
    _list(STREAMS, "okta.logStreams.read", _CURSOR, limit=200),
    _one(THREATS, "okta.threatInsights.read", "/action"),
    _list(ZONES, "okta.networkZones.read", _SHORT),
    _list(BEHAVIOURS, "okta.behaviors.read", _SHORT),
    _list(DEVICES, "okta.devices.read", _CURSOR, limit=200, expand="userSummary"),
    _list(ASSURANCES, "okta.deviceAssurance.read", _SHORT),
    _within(CAMPAIGNS, "okta.governance.accessCertifications.read", "/data", limit=100),
    _within(REVIEWS, "okta.governance.accessCertifications.read", "/data", limit=100),
)
