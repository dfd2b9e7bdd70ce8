"""Where something stands in a JSON answer: JSON Pointers (RFC 6901), without their escapes.

`""` is the whole answer, `/data/users` a field of a field, `/0` the first of a list.
"""

from __future__ import annotations

from typing import Any


def find(document: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    """What stands there; None when nothing does, as for a null."""
    for name in pointer.split("/")[1:]:
        match document:
            case dict():
                document = document.get(name)
            case list():
                document = document[int(name)] if name.isdecimal() and int(name) < len(document) else None
            case _:
                return None
    return document


def has(document: Any, pointer: str) -> bool:  # noqa: ANN401 - any JSON value
    """Whether the field is there at all, be it as a null."""
    parent, _, name = pointer.rpartition("/")
    holder = find(document, parent)
    return not pointer or (isinstance(holder, dict) and name in holder)
