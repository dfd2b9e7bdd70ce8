"""A request as the double sees it, an answer as it gives it, and GitHub's refusals."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.doubles.github.tokens import Caller

JSON = "application/json; charset=utf-8"
_DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the path without its query, and the query's last value for each name."""

    method: str
    base: str
    """Scheme, host and port that the client used, with any path prefix of an Enterprise Server."""
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    operation: str = ""
    """The route's template after its method, such as `GET /orgs/{org}/repos`."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None

    def url(self, **changed: str | int | None) -> str:
        """This request's address with parts of the query changed; None takes a part away."""
        query = {**self.query, **changed}
        kept = {name: str(value) for name, value in query.items() if value is not None}
        return f"{self.base}{self.path}" + (f"?{urllib.parse.urlencode(kept)}" if kept else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `promised` is a longer Content-Length than the body has, `silent` says nothing at all."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)
    wait_seconds: float = 0
    promised: int = 0
    silent: bool = False

    def having(self, *headers: tuple[str, str]) -> Answer:
        """The same answer, with headers added or replaced."""
        names = {name.lower() for name, _ in headers}
        return replace(self, headers=(*(one for one in self.headers if one[0].lower() not in names), *headers))


class RefusedError(Exception):
    """The double's way to stop answering well: a status and GitHub's message for it."""

    def __init__(
        self, status: int, message: str, *, url: str = _DOCS, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.url = url
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        """As it goes over the wire."""
        found = shown({"message": str(self), "documentation_url": self.url, "status": str(self.status)}, self.status)
        return found.having(*self.headers.items())


def shown(value: Any, status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def absent() -> RefusedError:
    """What is not there, or what the caller may not know to be there: GitHub does not say which."""
    return RefusedError(404, "Not Found")


def not_accessible(needed: str = "") -> RefusedError:
    """The token is good, and lacks this permission."""
    accepted = {"X-Accepted-GitHub-Permissions": needed} if needed else {}
    return RefusedError(403, "Resource not accessible by integration", headers=accepted)


def invalid(message: str) -> RefusedError:
    """A parameter that GitHub does not take."""
    return RefusedError(422, message)


def moment(at: datetime | None) -> str | None:
    """A moment as GitHub writes it: UTC, whole seconds, Z."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
