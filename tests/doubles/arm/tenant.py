"""A made-up tenant behind Resource Manager's own addresses: rights, registered providers, pages, and a graph of it."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.doubles.arm import kql
from tests.doubles.arm.estate import Estate, built
from tests.doubles.arm.plants import PLANTS
from tests.doubles.rest import Given, RestDouble, running_rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.rest import Asked

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "arm-double-token"  # noqa: S105 - of a made-up tenant
GRAPH = "/providers/microsoft.resourcegraph/resources"
_PROVIDER = re.compile(r"/subscriptions/([^/]+)/providers/([^/]+)")
_GROUP = re.compile(r"/v1\.0/groups/([^/]+)/transitivemembers")
_ALLOWED = frozenset({"api-version", "$filter", "$expand", "$top", "customtimerange", "$skiptoken"})
_QUOTA = 10_000


@dataclass
class Tenant:
    """What is in it, and how it behaves; `planted` is the manifest of what a collector must find."""

    double: RestDouble
    estate: Estate
    now: datetime
    page: int = 50
    latency: float = 0.0
    refused: set[str] = field(default_factory=set)
    """Beginnings of paths, in lower case, that the identity may not read."""
    unregistered: set[tuple[str, str]] = field(default_factory=set)
    """Subscription and resource provider, both in lower case."""
    hidden: set[str] = field(default_factory=set)
    """Subscriptions that Resource Graph does not show."""
    blind: set[str] = field(default_factory=set)
    """Resources, by id in lower case, that Resource Graph does not have yet."""
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Who is in a group, by its id."""
    closed: set[str] = field(default_factory=set)
    """Groups that the identity may not read."""
    answered: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def planted(self) -> dict[str, list[str]]:
        return self.estate.planted

    def answer(self, asked: Asked) -> Given:
        path = unquote(asked.path).lower().rstrip("/")
        if found := _GROUP.fullmatch(path):
            return self._members(found[1], asked)
        with self.lock:
            self.answered.append((asked.method, path))
            if unknown := {one.lower() for one in asked.query} - _ALLOWED:
                self.double.complaints.append(f"{path}: unknown query {sorted(unknown)}")
            if "api-version" not in asked.query:
                self.double.complaints.append(f"{path}: no api-version")
        given = self._given(asked, path)
        headers = {"x-ms-ratelimit-remaining-subscription-reads": str(_QUOTA), "x-ms-request-id": "0" * 8}
        return Given(given.status, given.body, {**headers, **given.headers}, seconds=self.latency)

    def _members(self, group: str, asked: Asked) -> Given:
        """Graph's answer about a group: to who is in it, and how many they are."""
        if group in self.closed:
            return refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        inside = self.groups.get(group, [])
        if "$count" in asked.query:
            return Given(200, {"@odata.count": len(inside), "value": inside[:1]})
        return Given(200, {"value": inside})

    def _given(self, asked: Asked, path: str) -> Given:
        if any(path.startswith(one) for one in self.refused):
            return refusal(403, "AuthorizationFailed", "The client does not have authorization to perform action.")
        if asked.method == "POST" and path == GRAPH:
            return self._graph(asked)
        found = _PROVIDER.match(path)
        if found and (found[1], found[2]) in self.unregistered and path != found[0]:
            return refusal(
                409, "MissingSubscriptionRegistration", f"The subscription is not registered for {found[2]}."
            )
        if found and path == found[0]:
            state = "NotRegistered" if (found[1], found[2]) in self.unregistered else "Registered"
            return Given(200, {"id": path, "namespace": found[2], "registrationState": state, "resourceTypes": []})
        return self._laid(asked, path)

    def _laid(self, asked: Asked, path: str) -> Given:
        if path in self.estate.lists:
            return self._page(asked, path, self.estate.lists[path])
        if path in self.estate.singles:
            return Given(200, self.estate.singles[path])
        self.double.complaints.append(f"unknown path {asked.method} {path}")
        return refusal(404, "ResourceNotFound", "The resource was not found.")

    def _page(self, asked: Asked, path: str, rows: list[dict[str, Any]]) -> Given:
        start = int(asked.query.get("$skiptoken", "0"))
        if path.endswith("/eventtypes/management/values"):
            first, last = re.findall(r"'([^']+)'", asked.query["$filter"])
            rows = [one for one in rows if first <= one["eventTimestamp"] <= last]
        body: dict[str, Any] = {"value": rows[start : start + self.page]}
        unpaged = path.endswith(("/diagnosticsettings", "/pricings"))
        if unpaged:
            body = {"value": rows}
        elif start + self.page < len(rows):
            kept = "&".join(f"{name}={value}" for name, value in asked.query.items() if name != "$skiptoken")
            body["nextLink"] = f"{self.double.url}{asked.path}?{kept}&$skiptoken={start + self.page}".replace(
                " ", "%20"
            )
        return Given(200, body)

    def _graph(self, asked: Asked) -> Given:
        body = asked.json
        options = body.get("options") or {}
        try:
            table = kql.table(body["query"])
            rows = [one for one in self.estate.tables[table] if one["subscriptionId"] not in self.hidden]
            rows = [one for one in rows if one["id"].lower() not in self.blind]
            rows = kql.answered(body["query"], rows)
        except (kql.BadQueryError, KeyError) as error:
            self.double.complaints.append(f"a query that Resource Graph does not know: {error}")
            return refusal(400, "BadRequest", "The query is not valid.")
        start = int(options.get("$skipToken") or 0)
        part = rows[start : start + min(options["$top"], self.page * 20)]
        more = start + len(part) < len(rows)
        answer = {
            "totalRecords": len(rows),
            "count": len(part),
            "data": part,
            "facets": [],
            "resultTruncated": "true" if more else "false",
            **({"$skipToken": str(start + len(part))} if more else {}),
        }
        return Given(200, answer, {"x-ms-user-quota-remaining": "100", "x-ms-user-quota-resets-after": "00:00:05"})


def refusal(status: int, code: str, message: str) -> Given:
    return Given(status, {"error": {"code": code, "message": message}})


@contextlib.contextmanager
def running_tenant(
    subscriptions: int = 4, *, now: datetime = NOW, latency: float = 0.0, planted: bool = True
) -> Iterator[Tenant]:
    """A tenant of so many subscriptions on a free port of this machine; not `planted`, nothing is wrong in it."""
    with running_rest() as double:
        tenant = Tenant(double, built(subscriptions, now, PLANTS if planted else ()), now, latency=latency)
        double.token = TOKEN
        double.otherwise = tenant.answer
        yield tenant
