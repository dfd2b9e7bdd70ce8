"""One living list, served in every paging style: the operation that reads it, and the route that serves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from collector.source.rest.api import Operation
from collector.source.rest.paging import Connection, LinkHeader, NextLink, Numbered, Offset, Token
from collector.source.rest.queries import graphql
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.rest import Asked, RestDouble

QUERY = "query Things($after: String) { things(after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
QUERIES = {"/graphql": graphql}


@dataclass
class Living:
    """Items that may come and go between two requests; `etags` answers 304 where a page is as it was."""

    items: list[dict[str, Any]]
    size: int = 3
    etags: bool = False
    before: Callable[[int], object] = field(default=lambda _: None)
    """Called ahead of each request, with how many there were."""
    served: int = 0

    def page(self, start: int) -> list[dict[str, Any]]:
        return self.items[start : start + self.size]

    def after(self, cursor: str) -> list[dict[str, Any]]:
        """By key, not by position: what follows the item named by the cursor in the order of their ids."""
        return sorted((one for one in self.items if one["id"] > int(cursor)), key=lambda one: one["id"])

    def serve(self, double: RestDouble, style: str) -> None:
        operation, answer = STYLES[style]

        def route(asked: Asked) -> Given:
            self.before(self.served)
            self.served += 1
            given = answer(self, asked, double.url)
            etag = f'"{hash(given.sent)}"'
            if self.etags and asked.headers.get("if-none-match") == etag:
                return Given(304, None, {"ETag": etag})
            return Given(given.status, given.body, {**given.headers, **({"ETag": etag} if self.etags else {})})

        double.route(" ".join(operation.name.split(" ")[:2]), route)


def items(count: int) -> list[dict[str, Any]]:
    return [{"id": number} for number in range(1, count + 1)]


def _link(living: Living, asked: Asked, url: str) -> Given:
    number = int(asked.query.get("page", 1))
    more = number * living.size < len(living.items)
    links = [f'<{url}{asked.path}?{urlencode({**asked.query, "page": number + 1})}>; rel="next"'] if more else []
    links += [f'<{url}{asked.path}?page={number - 1}>; rel="prev"'] if number > 1 else []
    return Given(200, living.page((number - 1) * living.size), {"Link": ", ".join(links)})


def _token(living: Living, asked: Asked, _: str) -> Given:
    rest = living.after(asked.query.get("pageToken", "0"))
    page = rest[: living.size]
    more = {"nextPageToken": str(page[-1]["id"])} if len(rest) > living.size else {}
    return Given(200, {"things": page, **more})


def _next(name: str) -> Callable[[Living, Asked, str], Given]:
    def answer(living: Living, asked: Asked, url: str) -> Given:
        rest = living.after(asked.query.get("$skiptoken", "0"))
        page = rest[: living.size]
        more = {name: f"{url}{asked.path}?$skiptoken={page[-1]['id']}"} if len(rest) > living.size else {}
        return Given(200, {"value": page, **more})

    return answer


def _offset(living: Living, asked: Asked, _: str) -> Given:
    start = int(asked.query["offset"])
    return Given(200, {"things": living.items[start : start + int(asked.query["limit"])], "total": len(living.items)})


def _numbered(living: Living, asked: Asked, _: str) -> Given:
    size = int(asked.query["per_page"])
    start = (int(asked.query["page"]) - 1) * size
    return Given(200, {"things": living.items[start : start + size], "total_count": len(living.items)})


def _graph(living: Living, asked: Asked, _: str) -> Given:
    rest = living.after(asked.json["variables"]["after"] or "0")
    page = rest[: living.size]
    info = {"hasNextPage": len(rest) > living.size, "endCursor": str(page[-1]["id"]) if page else None}
    return Given(200, {"data": {"things": {"nodes": page, "pageInfo": info}}})


STYLES: dict[str, tuple[Operation, Callable[[Living, Asked, str], Given]]] = {
    "link": (Operation("GET /link", items="", pages=LinkHeader()), _link),
    "token": (
        Operation("GET /token", items="/things", pages=Token(parameter="pageToken", at="/nextPageToken")),
        _token,
    ),
    "nextLink": (Operation("GET /next", items="/value", pages=NextLink()), _next("nextLink")),
    "@odata.nextLink": (
        Operation("GET /odata", items="/value", pages=NextLink(at="/@odata.nextLink")),
        _next("@odata.nextLink"),
    ),
    "offset": (Operation("GET /offset", items="/things", pages=Offset(total="/total", size=3)), _offset),
    "numbered": (Operation("GET /numbered", items="/things", pages=Numbered(total="/total_count", size=3)), _numbered),
    "graphql": (
        Operation(
            "POST /graphql things", items="/data/things/nodes", pages=Connection(at="/data/things"), document=QUERY
        ),
        _graph,
    ),
}
