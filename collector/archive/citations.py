"""Which contents a leaf stands on: every member named `sha256`, at any depth, cites one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGEST = re.compile(r"[0-9a-f]{64}")


Cited = tuple[str, bool, int | None]
"""A citation as the plain tuple that it equals: a log has some for each leaf, and most say the same again."""


class Citation(NamedTuple):
    """One cited content, by its SHA-256 in hex.

    `exchanges`: whether it is cited as a list of exchanges, under a member of that name. `lines` is how many lines the
    content has, where the citing object states a `count` beside the digest.
    """

    digest: str
    exchanges: bool
    lines: int | None


def citations(leaf: dict[str, Any]) -> Iterator[Citation]:
    """Every content the leaf cites; ValueError when a `sha256` is neither null nor a digest in lower-case hex."""
    waiting: list[tuple[str, dict[str, Any] | list[Any]]] = [("", leaf)]
    while waiting:
        member, value = waiting.pop()
        if isinstance(value, dict):
            if (digest := value.get("sha256")) is not None:
                count = value.get("count")
                yield Citation(digest_from(digest), member == "exchanges", count if type(count) is int else None)
            # Only what can hold more goes on the list: half a million leaves pass here.
            waiting += [(name, item) for name, item in value.items() if isinstance(item, (dict, list))]
        else:
            waiting += [(member, item) for item in value if isinstance(item, (dict, list))]


def digest_from(value: object) -> str:
    """The value, if it is a SHA-256 in lower-case hex; ValueError otherwise."""
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise ValueError(f"{value!r} is not a SHA-256 in lower-case hex")
