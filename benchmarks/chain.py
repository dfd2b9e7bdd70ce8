"""The longest chain of requests that had to wait for each other, read from what a run has sealed.

A request needs another when it could not have been asked before the other was answered:

- a page needs the page before it, which has its token;
- a request needs the first answer of its snapshot in which a value of its parameters stands: GetBucketAcl of a bucket
  needs ListBuckets;
- every request needs the one in which its account told who we are.

A chain found like this is never longer than the true one: what waits by the program's choice alone does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IDENTITY = "sts:GetCallerIdentity"
_SHORTEST = 4
"""Values below this many characters stand in many answers by chance."""

Exchange = dict[str, Any]


def longest(archive: Path) -> int:
    """How many requests the longest chain of any snapshot in the archive has."""
    reader = Reader(LocalStore(archive))
    evidence = [leaf for leaf in reader.leaves() if leaf.body["kind"] == "evidence"]
    return max(_depth(reader, trace.lines(reader, leaf.body["exchanges"])) for leaf in evidence)


def _depth(reader: Reader, exchanges: list[Exchange]) -> int:
    """In the order of their starts, so that whatever a request needs has its depth already."""
    ordered = sorted(exchanges, key=lambda one: str(one["started_at"]))
    bodies = [reader.content(one["body"]) if one["body"] else b"" for one in ordered]
    pages: dict[tuple[str, int], int] = {}
    depths: list[int] = []
    for exchange in ordered:
        before = pages.get((exchange["request"], exchange["page"] - 1), 0)
        told = (_told_by(value, bodies[: len(depths)]) for value in _values(exchange["parameters"]))
        needed = [depths[index] for index in told if index is not None]
        identified = 0 if exchange["operation"] == _IDENTITY else 1
        depths.append(1 + max(before, identified, *needed, 0))
        pages[exchange["request"], exchange["page"]] = depths[-1]
    return max(depths, default=0)


def _told_by(value: bytes, bodies: list[bytes]) -> int | None:
    """The first answer that has the value."""
    return next((index for index, body in enumerate(bodies) if value in body), None)


def _values(parameters: Any) -> Iterator[bytes]:  # noqa: ANN401 - any parameters of any call
    match parameters:
        case dict():
            for value in parameters.values():
                yield from _values(value)
        case list():
            for value in parameters:
                yield from _values(value)
        case str() if len(parameters) >= _SHORTEST:
            yield parameters.encode()
