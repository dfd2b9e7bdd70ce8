"""Pages: by number with four relations in the Link header, or by cursors that know no last page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.github.wire import Answer, Request, invalid, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST = 100
_USUAL = 30


@dataclass(frozen=True, slots=True)
class Page:
    """The items of one page, how many there are in all, and the Link header or ""."""

    items: list[Any]
    total: int
    link: str

    def each(self, show: Callable[[Any], Any]) -> Page:
        """The same page with every item as it is shown."""
        return Page([show(item) for item in self.items], self.total, self.link)

    def within(self, name: str, **more: Any) -> Answer:
        """The page as an object that says the total and holds the items under a name."""
        answer = shown({"total_count": self.total, **more, name: self.items})
        return answer.having(("Link", self.link)) if self.link else answer


def page_of(request: Request, items: Sequence[Any], *, limit: int | None = None) -> Page:
    """The page that `page` and `per_page` ask for; beyond `limit` items GitHub serves none, whatever the total."""
    size, number = per_page(request), _positive(request, "page", 1)
    served = len(items) if limit is None else min(limit, len(items))
    last = max(1, -(-served // size))
    relations = []
    if number > 1:
        relations.append(("prev", min(number - 1, last)))
    if number < last:
        relations += [("next", number + 1), ("last", last)]
    if number > 1:
        relations.append(("first", 1))
    link = ", ".join(f'<{request.url(page=page)}>; rel="{name}"' for name, page in relations)
    return Page(list(items[:served][(number - 1) * size : number * size]), len(items), link)


def cursor_page_of(request: Request, items: Sequence[Any], key: Callable[[Any], str]) -> Page:
    """The page after the item that `after` names, or before the one that `before` names; `key` is an item's place."""
    size = per_page(request)
    keys = [key(item) for item in items]
    start = 0
    if request.query.get("after"):
        start = _place(keys, request.query["after"]) + 1
    elif request.query.get("before"):
        start = max(0, _place(keys, request.query["before"]) - size)
    chosen = items[start : start + size]
    relations = []
    if chosen and start + size < len(items):
        relations.append(f'<{request.url(after=cursor(keys[start + size - 1]), before=None)}>; rel="next"')
    if chosen and start > 0:
        relations.append(f'<{request.url(before=cursor(keys[start]), after=None)}>; rel="prev"')
    return Page(list(chosen), len(items), ", ".join(relations))


def cursor(key: str) -> str:
    """An item's key as an opaque cursor."""
    return base64.urlsafe_b64encode(f"cursor:{key}".encode()).decode()


def uncursored(text: str) -> str:
    """The key that a cursor holds; ValueError when it is none of ours."""
    try:
        said = base64.urlsafe_b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(text) from error
    if not said.startswith("cursor:"):
        raise ValueError(text)
    return said.removeprefix("cursor:")


def per_page(request: Request) -> int:
    """How many items a page holds: 30 unless asked, 100 at most."""
    return min(_positive(request, "per_page", _USUAL), _MOST)


def _positive(request: Request, name: str, usual: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdigit() and int(text) > 0 else usual


def _place(keys: Sequence[str], text: str) -> int:
    try:
        return keys.index(uncursored(text))
    except ValueError as error:
        raise invalid("Invalid cursor") from error
