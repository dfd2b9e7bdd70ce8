"""What the tenant must grant: Graph's application permissions, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.entra.api import API, OWN
from connectors.entra.governance_operations import UNDOCUMENTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType

GRAPH = "00000003-0000-0000-c000-000000000000"
"""Graph's own application id, the same in every tenant and cloud."""


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The application permissions for these evidence types; none of them can write.

    Each stands with the evidence that it is for, so that a tenant without a product can leave its permissions out.
    """
    wanted = list(types)
    granted = sorted({one for name in _operations(wanted) for one in permissions(name)})
    return {
        "resource": {"name": "Microsoft Graph", "app_id": GRAPH},
        "application_permissions": granted,
        "evidence_by_permission": {one: sorted(kind.id for kind in wanted if one in _of(kind)) for one in granted},
        "not_documented_for_applications": sorted(UNDOCUMENTED.intersection(granted)),
    }


def permissions(operation: str) -> list[str]:
    """Each permission that an operation takes."""
    return [one for one in API.operation(operation).needs.split(", ") if one]


def _of(kind: EvidenceType) -> set[str]:
    return {one for name in _operations([kind]) for one in permissions(name)}


def _operations(types: Iterable[EvidenceType]) -> frozenset[str]:
    return OWN.union(*(API.reached(one.needs) for one in types))
