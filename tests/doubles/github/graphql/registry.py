"""The fields that the double can answer, by type and name; all others of GitHub's schema are refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from tests.doubles.github.paging import cursor, uncursored

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

    Answering = Callable[["Asked", Any, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: the state, and who asks for how much."""

    world: World
    request: Request
    cost: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Of:
    """Something of a repository."""

    repo: Repo
    it: Any


@dataclass(frozen=True, slots=True)
class Connection:
    """A page of a connection, and where it lies."""

    items: list[Any]
    start: int
    total: int


FIELDS: dict[tuple[str, str], Answering] = {}
PERMISSIONS: dict[tuple[str, str], str] = {
    ("Repository", "pullRequests"): "pull_requests:read",
    ("Repository", "pullRequest"): "pull_requests:read",
    ("Commit", "associatedPullRequests"): "pull_requests:read",
    ("Commit", "statusCheckRollup"): "checks:read",
    ("PullRequest", "statusCheckRollup"): "checks:read",
    ("Repository", "branchProtectionRules"): "administration:read",
    ("Organization", "samlIdentityProvider"): "members:read",
    ("Organization", "membersWithRole"): "members:read",
}
"""What a field takes besides what its parent took; without it the field is null, and an error says FORBIDDEN."""
GENERIC = {"nodes", "edges", "totalCount", "pageInfo"}


def field(kind: str, *names: str) -> Callable[[Answering], Answering]:
    """Declare what answers fields of a type."""

    def keep(answering: Answering) -> Answering:
        for name in names:
            FIELDS[kind, name] = answering
        return answering

    return keep


def plainly(kind: str, **named: Callable[[Any], Any]) -> None:
    """Declare fields that need nothing but the thing itself."""
    for name, read in named.items():
        FIELDS[kind, name] = _plain(read)


def paged(items: list[Any], arguments: dict[str, Any]) -> Connection:
    """The page that first and after, or last and before, ask for. Cursors are places, as GitHub's often are."""
    if (last := arguments.get("last")) is not None:
        end = _place(arguments["before"]) if arguments.get("before") else len(items)
        start = max(0, end - last)
        return Connection(items[start:end], start, len(items))
    start = _place(arguments["after"]) + 1 if arguments.get("after") else 0
    return Connection(items[start : start + arguments["first"]], start, len(items))


def connected(connection: Connection, name: str) -> Any:
    """The fields that all connections share."""
    start, end = connection.start, connection.start + len(connection.items)
    if name == "totalCount":
        return connection.total
    if name == "nodes":
        return connection.items
    if name == "edges":
        return [{"cursor": cursor(str(start + place)), "node": item} for place, item in enumerate(connection.items)]
    return {
        "hasNextPage": end < connection.total,
        "hasPreviousPage": start > 0,
        "startCursor": cursor(str(start)) if connection.items else None,
        "endCursor": cursor(str(end - 1)) if connection.items else None,
    }


def failing(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's `type` beside its message."""
    return GraphQLError(message, extensions={"type": kind})


def _plain(read: Callable[[Any], Any]) -> Answering:
    def answering(_asked: Asked, source: Any, _arguments: dict[str, Any]) -> Any:
        return read(source)

    return answering


def _place(text: str) -> int:
    try:
        return int(uncursored(text))
    except ValueError as error:
        raise failing("INVALID_CURSOR_ARGUMENTS", f"`{text}` does not appear to be a valid cursor.") from error
