"""Whether an answer is what the operation answers. An empty body, a web page or a list in the wrong place is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.model import Cause
from collector.source.rest import refusals
from collector.source.rest.paging import BrokenListError
from collector.source.rest.pointer import find, has

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.source.rest.api import Operation
    from collector.source.rest.dialect import Dialect
    from collector.source.rest.wire import Reply

_MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Proved:
    """What an answer turned out to be."""

    answer: Any = None
    items: Sequence[Any] = ()
    code: str | None = None
    """The provider's error code."""
    fault: tuple[Cause, str] | None = None
    """Why the answer cannot be used."""
    flaws: tuple[tuple[Cause, str], ...] = ()
    """What is missing from an answer that can be used otherwise."""


def prove(operation: Operation, reply: Reply, dialect: Dialect, *, slow: bool) -> Proved:
    """The answer, or the fault that stands where it should be. `slow`: it asks to slow down."""
    answer, unreadable = _decoded(reply)
    code = next(iter(refusals.codes(answer, dialect)), None)
    if reply.status == HTTPStatus.NO_CONTENT and operation.no_content:
        return Proved({}) if not reply.body else Proved(fault=(Cause.TRUNCATED, "HTTP 204 with a body"))
    if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        cause, advice = refusals.cause_of(reply, answer, dialect, slow=slow)
        return Proved(answer, code=code, fault=(cause, f"HTTP {reply.status}{f' {code}' if code else ''}: {advice}"))
    if reply.status != HTTPStatus.OK or operation.no_content:
        return Proved(answer, fault=(Cause.TRUNCATED, f"HTTP {reply.status}, which is no answer to this call"))
    if unreadable:
        return Proved(fault=(Cause.TRUNCATED, f"HTTP 200 with {unreadable}"))
    return _believed(operation, answer, code, dialect)


def key(item: Any, pointer: str) -> str:  # noqa: ANN401 - any JSON value
    """The identity of an item of a list; BrokenListError when it has none."""
    if not pointer:
        return json.dumps(item, sort_keys=True)
    found = find(item, pointer)
    if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
        raise BrokenListError(f"an item has no {pointer}, by which it is known")
    return str(found)


def _believed(operation: Operation, answer: Any, code: str | None, dialect: Dialect) -> Proved:  # noqa: ANN401 - JSON
    """The JSON of an answer with status 200, unless it says itself that it is none, or has another shape."""
    errors = _errors(answer, dialect)
    partial = bool(operation.document) and isinstance(find(answer, "/data"), dict)
    if errors and not partial:
        cause, detail = errors[0]
        return Proved(answer, code=code, fault=(cause, f"HTTP 200 with an error in place of the answer: {detail}"))
    try:
        return Proved(answer, *_shaped(operation, answer), flaws=tuple(errors))
    except BrokenListError as broken:
        fault = (errors[0][0] if errors else Cause.TRUNCATED, str(broken))
        return Proved(answer, code=code, fault=fault, flaws=tuple(errors))


def _decoded(reply: Reply) -> tuple[Any, str]:
    """The JSON value, or what came in its place."""
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not reply.body.strip():
        return None, "an empty body"
    if not media.endswith(("/json", "+json")):
        return None, f"{media[:60] or 'a body of no known type'} in place of JSON"
    try:
        return canonical.decode(reply.body), ""
    except ValueError:
        return None, "JSON that is cut off or broken"


def _errors(answer: Any, dialect: Dialect) -> list[tuple[Cause, str]]:  # noqa: ANN401 - any JSON value
    """The errors that an answer with status 200 holds; GraphQL names for each where something is missing."""
    if not isinstance(answer, dict):
        return []
    found: list[tuple[Cause, str]] = []
    for error in (one for pointer in dialect.errors if (one := find(answer, pointer))):
        for one in error[:_MOST_ERRORS] if isinstance(error, list) else [error]:
            code = next((str(name) for name in (find(one, "/type"), find(one, "/extensions/code")) if name), "")
            known = dialect.causes.get(code) or refusals.known_cause(answer, dialect)
            where = find(one, "/path")
            path = f" at {'/'.join(map(str, where))}" if isinstance(where, list) else ""
            found.append((known or Cause.UNAVAILABLE, f"{code or 'an error'}{path}"))
    return found


def _shaped(operation: Operation, answer: Any) -> tuple[Sequence[Any]]:  # noqa: ANN401 - any JSON value
    """The items where a list is promised; BrokenListError where the shape is another."""
    if operation.items is None:
        if not isinstance(answer, dict):
            raise BrokenListError(f"the answer is a {type(answer).__name__} where an object was expected")
        _must_have(operation, answer)
        return ((),)
    items = find(answer, operation.items)
    if items is None and operation.omits_empty and isinstance(answer, dict) and not has(answer, operation.items):
        _must_have(operation, answer)
        return ((),)
    if not isinstance(items, list):
        raise BrokenListError(f"the answer has no list{f' at {operation.items}' if operation.items else ''}")
    return (items,)


def _must_have(operation: Operation, answer: Any) -> None:  # noqa: ANN401 - any JSON value
    missing = [pointer for pointer in operation.has if not has(answer, pointer)]
    if missing:
        raise BrokenListError(f"the answer has no {missing[0]}, which this call always gives")
