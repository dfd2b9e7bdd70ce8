"""Google Cloud on loopback: stateful, seeded, and judged in both directions by Google's own descriptions."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.doubles.discovery import Discovery, mask, masked
from tests.doubles.gcp.estate import Estate, build, written
from tests.doubles.gcp.lists import LISTERS, PERMISSIONS
from tests.doubles.gcp.tokens import Tokens
from tests.doubles.rest import Given, RestDouble, running_rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.doubles.discovery import Method
    from tests.doubles.rest import Asked

GOOGLE = {
    "cloudresourcemanager.googleapis.com": Discovery("cloudresourcemanager.v3"),
    "cloudasset.googleapis.com": Discovery("cloudasset.v1"),
    "logging.googleapis.com": Discovery("logging.v2"),
    "securitycenter.googleapis.com": Discovery("securitycenter.v1"),
    "securitycentermanagement.googleapis.com": Discovery("securitycentermanagement.v1"),
    "compute.googleapis.com": Discovery("compute.v1"),
    "policyanalyzer.googleapis.com": Discovery("policyanalyzer.v1"),
    "monitoring.googleapis.com": Discovery("monitoring.v3"),
    "sqladmin.googleapis.com": Discovery("sqladmin.v1"),
    "containeranalysis.googleapis.com": Discovery("containeranalysis.v1"),
    "osconfig.googleapis.com": Discovery("osconfig.v1"),
    "dataflow.googleapis.com": Discovery("dataflow.v1b3"),
    "run.googleapis.com": Discovery("run.v2"),
    "cloudbuild.googleapis.com": Discovery("cloudbuild.v1"),
    "workflowexecutions.googleapis.com": Discovery("workflowexecutions.v1"),
    "cloudscheduler.googleapis.com": Discovery("cloudscheduler.v1"),
    "www.googleapis.com": Discovery("oauth2.v2"),
}
"""Each of Google's hosts, which is the first part of the path here."""


@dataclass(frozen=True)
class Called:
    """One request that Google described, was allowed, and answered."""

    method: str
    path: str
    query: Mapping[str, Any]
    permissions: frozenset[str]
    quota_project: str


class GcpDouble:
    """The service. What was wrong with a request or an answer stands in `complaints`; a test ends by looking there."""

    def __init__(self, rest: RestDouble, estate: Estate) -> None:
        self.rest = rest
        self.estate = estate
        self.tokens = Tokens(rest.url)
        self.called: list[Called] = []
        self.complaints: list[str] = []
        self.judging = True
        """Whether each request and answer is held against Google's descriptions; a benchmark does without."""
        self.granted: set[str] | None = None
        """The permissions of the role; None: all."""
        self.off: set[tuple[str, str]] = set()
        """APIs that are off, each with the project: `("sqladmin", "northwind-0002")`; `*` is every project."""
        self.quota: int | None = None
        """After so many answers the next request is refused as too fast."""
        self._spent = 0
        self.most: int | None = None
        """Items on a page at most, whatever is asked for."""
        self.seconds = 0.0
        """How long each answer takes."""
        self.answers: list[tuple[str, Given]] = []
        """What is answered in place of the truth where the path, or a parameter, has this text in it."""
        self._lock = threading.Lock()
        rest.otherwise = self._answer

    @property
    def url(self) -> str:
        return self.rest.url

    @property
    def manifest(self) -> dict[str, Any]:
        return self.estate.manifest

    def _answer(self, asked: Asked) -> Given:
        time.sleep(self.seconds)
        with self._lock:
            return self.tokens.answer(asked) or self._judged(asked)

    def _judged(self, asked: Asked) -> Given:
        host, _, below = unquote(asked.path).removeprefix("/").partition("/")
        path, google = f"/{below}", GOOGLE.get(host)
        if google is None:
            self.complaints.append(f"{asked.path}: Google has no such host")
            return error(404, "NOT_FOUND", "Not Found")
        body = asked.json if asked.method == "POST" else None
        query = {name: [value] for name, value in asked.query.items()}
        wrong = google.wrong_request(asked.method, path, query, body) if self.judging else []
        self.complaints += wrong
        method = google.method(asked.method, path)
        text = " ".join([path, *asked.query.values()])
        forged = next((one for mark, one in self.answers if mark in text), None)
        if forged is not None:
            return forged
        given = (
            error(404, "NOT_FOUND", "Not Found") if method is None else self._allowed(method, asked, path, body or {})
        )
        if wrong and given.status == 200:
            given = error(400, "INVALID_ARGUMENT", wrong[0])
        if self.judging:
            self.complaints += google.wrong_answer(asked.method, path, given.status, given.body)
        return given

    def _allowed(self, method: Method, asked: Asked, path: str, body: Mapping[str, Any]) -> Given:
        """The answer, unless something stands against it."""
        query = {**asked.query, **body}
        needed = PERMISSIONS.get(method.id) or PERMISSIONS.get(f"{method.id} {query.get('contentType')}", frozenset())
        refused = self._refused(method, asked, path, needed)
        if refused is not None:
            return refused
        quota = asked.headers.get("x-goog-user-project", "")
        self.called.append(Called(method.id, path, query, needed, quota))
        if method.id != "oauth2.userinfo.get":
            return self._page(method, path, query)
        holder = self.tokens.holder(asked)
        who = holder[0] if holder else ""
        return Given(200, {"email": who, "id": "1"}) if who else error(401, "UNAUTHENTICATED", "no such user")

    def _refused(self, method: Method, asked: Asked, path: str, needed: frozenset[str]) -> Given | None:
        holder = self.tokens.holder(asked)
        if holder is None:
            return error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if not holder[1] & method.scopes:
            return _INSUFFICIENT
        if self._too_fast():
            return error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "RATE_LIMIT_EXCEEDED")
        service, project = str(method.document["name"]), _project(path)
        if {(service, project), (service, "*")} & self.off:
            said = f"{service} API has not been used in project {project} before or it is disabled."
            return error(403, "PERMISSION_DENIED", said, "SERVICE_DISABLED")
        elsewhere = re.search(r"/organizations/(?!100\b)", path) is not None
        if elsewhere or (self.granted is not None and not needed <= self.granted):
            return error(403, "PERMISSION_DENIED", f"Permission {sorted(needed)} denied")
        return None

    def _page(self, method: Method, path: str, query: Mapping[str, Any]) -> Given:
        lister = LISTERS[method.id]
        # A token belongs to one list: the same call with other parameters is another.
        mark = f"{method.id} {path} {sorted((k, str(v)) for k, v in query.items() if k != 'pageToken')}"
        start, _, of = str(query.get("pageToken", "0 ")).partition(" ")
        if of and of != str(abs(hash(mark))):
            self.complaints.append(f"{method.id}: the page token belongs to another list")
            return error(400, "INVALID_ARGUMENT", "Invalid page token")
        items = lister.of(self.estate, path, query)
        size = min(int(query.get(lister.size) or lister.most), lister.most, self.most or lister.most)
        found, rest = items[int(start) : int(start) + size], len(items) > int(start) + size
        body = {
            **({"readTime": written(self.estate.now)} if method.id == "cloudasset.assets.list" else {}),
            **({lister.items: found} if found else {}),  # Google leaves out a list that is empty
            **({"nextPageToken": f"{int(start) + size} {abs(hash(mark))}"} if rest else {}),
        }
        return Given(200, masked(body, mask(query["fields"])) if "fields" in query else body)

    def _too_fast(self) -> bool:
        self._spent = 0 if self.quota is None or self._spent >= self.quota else self._spent + 1
        return self.quota is not None and self._spent == 0


@contextlib.contextmanager
def running_gcp(projects: int = 12, seed: int = 7) -> Iterator[GcpDouble]:
    """A double on a free port, of an organisation of its own."""
    with running_rest() as rest:
        yield GcpDouble(rest, build(projects, seed))


def error(status: int, told: str, message: str, reason: str = "") -> Given:
    """A refusal as Google writes it: https://google.aip.dev/193."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
    body = {"code": status, "message": message, "status": told, **({"details": [info]} if reason else {})}
    return Given(status, {"error": body})


def _project(path: str) -> str:
    found = re.search(r"/projects/([^/:]+)", path)
    return found[1] if found else ""


_INSUFFICIENT = error(403, "PERMISSION_DENIED", "insufficient scopes", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
