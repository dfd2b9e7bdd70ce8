"""The table of routes: each answers one operation of GitHub's REST interface and names the permission it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.doubles.github.wire import Request

    Answering = Callable[[Any, Request], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """`permission` is NAME:LEVEL as tokens carry it, organization ones under the names the App manifest uses."""

    method: str
    template: str
    permission: str
    plan: str
    answering: Answering
    pattern: re.Pattern[str]

    @property
    def operation(self) -> str:
        """Method and template."""
        return f"{self.method} {self.template}"


ROUTES: list[Route] = []


def get(template: str, permission: str = "metadata:read", *, plan: str = "") -> Callable[[Answering], Answering]:
    """Declare what answers GET on a template; `plan` names the feature that a plan must have."""
    return _declare("GET", template, permission, plan)


def post(template: str, permission: str = "", *, plan: str = "") -> Callable[[Answering], Answering]:
    """Declare what answers POST on a template."""
    return _declare("POST", template, permission, plan)


def found(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a path, with what its template's names stand for."""
    for route in ROUTES:
        if route.method == method and (match := route.pattern.fullmatch(path)):
            return route, match.groupdict()
    return None


def operations() -> Iterator[str]:
    """Every operation the double has."""
    return (route.operation for route in ROUTES)


def _declare(method: str, template: str, permission: str, plan: str) -> Callable[[Answering], Answering]:
    def keep(answering: Answering) -> Answering:
        ROUTES.append(Route(method, template, permission, plan, answering, _pattern(template)))
        return answering

    return keep


def _pattern(template: str) -> re.Pattern[str]:
    # A branch, a path and two ends of a comparison may hold slashes; nothing else may.
    wide = {"branch", "path", "basehead", "ref"}
    parts = re.split(r"\{(\w+)\}", template)
    made = [
        f"(?P<{part}>{'.+' if part in wide else '[^/]+'})" if i % 2 else re.escape(part) for i, part in enumerate(parts)
    ]
    return re.compile("".join(made))
