"""What was asked, and how lists are cut into pages: by the id of the last item, in an opaque cursor."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.doubles.okta.org import Json

_PART = re.compile(r'([\w.]+) (eq|sw|gt) "([^"]*)"')


class RefusedError(Exception):
    """Okta's way of saying no."""

    def __init__(self, status: int, code: str, summary: str) -> None:
        super().__init__(summary)
        self.status = status
        self.body = {
            "errorCode": code,
            "errorSummary": summary,
            "errorLink": code,
            "errorId": "oae1a2b3c4d5e6f7g8h9",
            "errorCauses": [],
        }


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str


@dataclass(frozen=True)
class Told:
    """One answer; a header may come several times, as Okta's Link does."""

    body: Any
    status: int = 200
    headers: Sequence[tuple[str, str]] = field(default_factory=list)


def page(
    asked: Asked, items: Sequence[Json], *, default: int, most: int, key: str = "id", endless: bool = False
) -> Told:
    """The page after the cursor. `endless`: there is always a next one, as in a log that is polled."""
    size = min(int(asked.query.get("limit", default)), most)
    after = asked.query.get("after")
    start = 0 if after is None else _behind(items, base64.urlsafe_b64decode(after).decode(), key)
    shown = items[start : start + size]
    links = [("self", asked.query)]
    if endless or start + size < len(items):
        last = shown[-1][key] if shown else base64.urlsafe_b64decode(after or "").decode()
        cursor = base64.urlsafe_b64encode(str(last).encode()).decode()
        links.append(("next", {**asked.query, "after": cursor}))
    told = [("Link", f'<{asked.base}{asked.path}?{urlencode(query)}>; rel="{name}"') for name, query in links]
    return Told(shown, headers=told)


def _behind(items: Sequence[Json], last: str, key: str) -> int:
    """Where the items go on behind one that may be gone by now: ids rise, and so do the times of events."""
    for index, item in enumerate(items):
        if str(item[key]) == last:
            return index + 1
    return next((index for index, item in enumerate(items) if str(item[key]) > last), len(items))


def matching(items: Sequence[Json], expression: str | None, known: Sequence[str]) -> list[Json]:
    """The items for which one of the parts holds; a field that cannot be filtered by is refused."""
    if expression is None:
        return list(items)
    parts = [_PART.fullmatch(part) for part in expression.split(" or ")]
    if any(part is None or part[1] not in known for part in parts):
        raise RefusedError(400, "E0000031", f"Invalid search criteria: {expression}")
    tests = [_test(part) for part in parts if part is not None]
    return [item for item in items if any(test(item) for test in tests)]


def _test(part: re.Match[str]) -> Callable[[Json], bool]:
    name, operator, value = part.groups()
    if operator == "eq":
        return lambda item: item.get(name) == value
    if operator == "sw":
        return lambda item: str(item.get(name)).startswith(value)
    moment = datetime.fromisoformat(value)
    return lambda item: datetime.fromisoformat(item[name]) > moment
