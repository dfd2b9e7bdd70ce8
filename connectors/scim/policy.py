"""What a SCIM provider must grant, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.scim.api import WHO, api

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The requests that the token must be allowed, and what these come to: SCIM has no names for permissions."""
    known = api(1)
    names = {name for one in types for name in known.reached(one.needs)} | {WHO}
    needed = [known.operation(name) for name in names]
    return {
        "requests": sorted({f"{operation.method} {operation.path}" for operation in needed}),
        "may": sorted({operation.needs for operation in needed}),
    }
