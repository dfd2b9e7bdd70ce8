"""A Google Workspace on loopback: stateful, seeded, and judged in both directions by Google's own descriptions."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.doubles.discovery import Discovery, mask, masked
from tests.doubles.rest import Given, RestDouble, running_rest
from tests.doubles.workspace.estate import Estate, build
from tests.doubles.workspace.lists import LISTERS, MissingError, one_of
from tests.doubles.workspace.paging import WrongTokenError, page
from tests.doubles.workspace.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.doubles.discovery import Method
    from tests.doubles.rest import Asked

GOOGLE = Discovery(
    "admin.directory_v1", "admin.reports_v1", "alertcenter.v1beta1", "cloudidentity.v1", "groupssettings.v1"
)


@dataclass(frozen=True)
class Called:
    """One request that Google described, was allowed, and answered."""

    method: str
    path: str
    query: Mapping[str, str]
    scopes: frozenset[str]
    """Each of these alone would have opened it."""


class WorkspaceDouble:
    """The service. What was wrong with a request or an answer stands in `complaints`; a test ends by looking there."""

    def __init__(self, rest: RestDouble, estate: Estate) -> None:
        self.rest = rest
        self.estate = estate
        self.tokens = Tokens(rest.url)
        self.called: list[Called] = []
        self.complaints: list[str] = []
        self.off: set[str] = set()
        """Services that the project has not switched on: `admin`, `alertcenter`, …"""
        self.lacking: set[str] = set()
        """Methods, or logs, that the edition does not have."""
        self.quota: int | None = None
        """After so many answers the next request is refused as too fast."""
        self._spent = 0
        self.most: int | None = None
        """Items on a page at most, whatever is asked for."""
        self.ahead = timedelta()
        """How far the double's clock is ahead: what is late shows then."""
        self._moves: list[tuple[str, int, Callable[[Estate], None]]] = []
        self._lock = threading.Lock()
        rest.otherwise = self._answer

    @property
    def url(self) -> str:
        return self.rest.url

    @property
    def manifest(self) -> dict[str, Any]:
        return self.estate.manifest

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, method: str, before: int, do: Callable[[Estate], None]) -> None:
        """Change the organisation just before the so-many-th answer of a method from now on."""
        self._moves.append((method, before, do))

    def _answer(self, asked: Asked) -> Given:
        with self._lock:
            return self.tokens.answer(asked) or self._judged(asked)

    def _judged(self, asked: Asked) -> Given:
        path = unquote(asked.path)
        wrong = GOOGLE.wrong_request(asked.method, path, {name: [value] for name, value in asked.query.items()})
        self.complaints += wrong
        method = GOOGLE.method(asked.method, path)
        given = _error(404, "notFound", "Not Found") if method is None else self._allowed(method, asked)
        if wrong and given.status == 200:
            given = _error(400, "badRequest", wrong[0])
        self.complaints += GOOGLE.wrong_answer(asked.method, path, given.status, given.body)
        return given

    def _allowed(self, method: Method, asked: Asked) -> Given:
        scopes = self.tokens.opens(asked)
        service = method.document["name"]
        if scopes is None:
            return _error(401, "authError", "Request had invalid authentication credentials.", "UNAUTHENTICATED")
        if not scopes & method.scopes:
            said = "Request had insufficient authentication scopes."
            return _error(403, "insufficientPermissions", said, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        if self._too_fast():
            return _error(403, "rateLimitExceeded", "Rate Limit Exceeded", "PERMISSION_DENIED", "RATE_LIMIT_EXCEEDED")
        if service in self.off:
            said = f"{service} has not been used in project 1 before or it is disabled."
            return _error(403, "accessNotConfigured", said, "PERMISSION_DENIED", "SERVICE_DISABLED")
        if self.lacking & {method.id, asked.path.rpartition("/")[2]}:
            said = "This is not available in the edition of this customer."  # Google documents no code for this
            return _error(403, "forbidden", said, "PERMISSION_DENIED")
        return self._answered(method, asked)

    def _too_fast(self) -> bool:
        self._spent = 0 if self.quota is None or self._spent >= self.quota else self._spent + 1
        return self.quota is not None and self._spent == 0

    def _answered(self, method: Method, asked: Asked) -> Given:
        try:
            body = self._body(method, asked)
        except MissingError:
            if method.id.startswith("reports."):
                return _error(400, "invalid", "Data for that date is not yet available.", "INVALID_ARGUMENT")
            return _error(404, "notFound", "Resource Not Found")
        except WrongTokenError:
            self.complaints.append(f"{method.id}: the page token belongs to another list")
            return _error(400, "invalid", "Invalid Value", "INVALID_ARGUMENT")
        self.called.append(Called(method.id, asked.path, asked.query, method.scopes))
        return Given(200, masked(body, mask(asked.query["fields"])) if "fields" in asked.query else body)

    def _body(self, method: Method, asked: Asked) -> Any:
        self._move(method.id)
        lister = LISTERS.get(method.id)
        if lister is None:
            return one_of(self.estate, method.id, asked.path)
        items = lister.of(self.estate, asked.path, asked.query, self.now)
        found, token = page(items, asked.query, lister.key, min(lister.most, self.most or lister.most))
        return {
            **({"kind": lister.kind} if lister.kind else {}),
            **({lister.items: found} if found else {}),  # Google leaves out a list that is empty
            **({"nextPageToken": token} if token else {}),
        }

    def _move(self, method: str) -> None:
        due = [one for one in self._moves if one[0] == method]
        for one in due:
            self._moves.remove(one)
            if one[1] <= 1:
                one[2](self.estate)
            else:
                self._moves.append((one[0], one[1] - 1, one[2]))


@contextlib.contextmanager
def running_workspace(seed: int = 7, people: int = 30) -> Iterator[WorkspaceDouble]:
    """A double on a free port, of an organisation of its own."""
    with running_rest() as rest:
        yield WorkspaceDouble(rest, build(seed, people))


def _error(status: int, reason: str, message: str, told: str = "", detail: str = "") -> Given:
    """A refusal as Google writes it: the older list of errors, and where there is one the newer list of details."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": detail, "domain": "googleapis.com"}
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
        **({"status": told} if told else {}),
        **({"details": [info]} if detail else {}),
    }
    return Given(status, {"error": error})
