"""SCIM as it is read, and how it says no."""

from __future__ import annotations

from dataclasses import replace

from collector.model import Cause
from collector.source.rest.api import Api, Operation
from collector.source.rest.dialect import Dialect
from collector.source.rest.paging import Offset

WHO = "GET /Users one at most"
USERS = "GET /Users"
GROUPS = "GET /Groups"
GROUP = "GET /Groups/{id}"
_POSITIONS = Offset(total="/totalResults", offset="startIndex", limit="count", start=1)
_DIALECT = Dialect(
    codes=("/scimType", "/status"),
    causes={"tooMany": Cause.TRUNCATED},
    errors=(),
    headers={"accept": "application/scim+json, application/json"},
    advice="the token may not read this; `collector permissions scim` prints what it needs",
)


def api(page_size: int) -> Api:
    """All operations. An empty list may leave `Resources` out; `totalResults` then says that it is empty."""
    pages = replace(_POSITIONS, size=page_size)
    return Api(
        [
            Operation(WHO, needs="read users", has=("/totalResults",), parameters={"startIndex": 1, "count": 1}),
            Operation(USERS, needs="read users", items="/Resources", pages=pages, omits_empty=True),
            Operation(GROUPS, needs="read groups", items="/Resources", pages=pages, omits_empty=True),
            Operation(GROUP, needs="read groups", has=("/id",)),
        ],
        dialect=_DIALECT,
    )
