"""What may be POSTed: to endpoints that a provider declares as queries alone, and bodies that can do nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_PASSED_OVER = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*', re.DOTALL)
_WORD = re.compile(r"[{}()]|[A-Za-z_]\w*")


class WritingError(Exception):
    """The body could change something."""


Queries = Mapping[str, Callable[[Any], None]]
"""Paths that may be POSTed to, each with the check of its bodies: WritingError when one could write."""


def search(body: Any) -> None:  # noqa: ANN401 - any JSON value
    """For endpoints that can only search, whatever they are sent: ARM's Resource Graph, Cloud Asset search."""
    if not isinstance(body, dict):
        raise WritingError("a search is a JSON object")


def graphql(body: Any) -> None:  # noqa: ANN401 - any JSON value
    """For GraphQL: a document that defines queries and fragments alone."""
    document = body.get("query") if isinstance(body, dict) else None
    if not isinstance(document, str):
        raise WritingError("there is no GraphQL document")
    depth, at_start = 0, True
    for word in _WORD.findall(_PASSED_OVER.sub(" ", document)):
        if word in "{(":
            depth, at_start = depth + 1, False
        elif word in "})":
            depth -= 1
            at_start = word == "}" and depth == 0
        elif depth == 0 and at_start:
            if word not in {"query", "fragment"}:
                raise WritingError(f"a GraphQL document may not define a {word}")
            at_start = False
    if depth != 0:
        raise WritingError("the GraphQL document's brackets do not match")


def batch(body: Any) -> None:  # noqa: ANN401 - any JSON value
    """For Graph's `$batch`: requests that are all GET."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise WritingError("there are no requests in the batch")
    for one in requests:
        if not isinstance(one, dict) or one.get("method") != "GET" or "body" in one:
            raise WritingError("a batch may hold GET requests alone")
