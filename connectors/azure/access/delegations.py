"""Whom a subscription is managed by from another tenant: groups of a partner, and what was delegated to a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Cause
from collector.records import Trust
from connectors.azure.graph import SHOWN, of_type
from connectors.azure.kinds import DELEGATIONS
from connectors.azure.labels import properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_ASSIGNMENTS, _DEFINITIONS = DELEGATIONS.types
_GONE = "Deleted"
NEEDS = (DELEGATIONS.query, SHOWN.query)
"""Whether the provider of these kinds is registered does not matter: to delegate is to register it."""


def delegations(source: AzureSource) -> Iterator[Trust]:
    """What was delegated of the subscription to another tenant by Azure Lighthouse; a gap where that is not shown."""
    rows = [row for _, found in source.each([DELEGATIONS.query], source.rows) for row in found]
    for _, hidden in source.each([SHOWN.query], source.hidden_from):
        if hidden:
            place = f"{DELEGATIONS.title} (subscription {source.scope.unit_id} {source.scope.name})"
            source.gap(
                Cause.DENIED, place, "Resource Graph does not show this subscription, so what it lists is not all"
            )
    definitions = {str(one["id"]).lower(): one for one in of_type(rows, _DEFINITIONS)}
    for one in of_type(rows, _ASSIGNMENTS):
        known = properties(one)
        if known.get("provisioningState") == _GONE:
            continue
        definition = definitions.get(str(known.get("registrationDefinitionId")).lower())
        told: dict[str, Any] = properties(definition) if definition else {}
        told = told or (known.get("registrationDefinition") or {}).get("properties") or {}
        tenant = told.get("managedByTenantId")
        yield Trust(
            key=f"trust {one['id']}",
            seen=[one, *([definition] if definition else [])],
            role=f"{told.get('registrationDefinitionName') or one['name']} on {_scope(one)}",
            principal=told.get("managedByTenantName") or tenant or "a tenant that is not named",
            principal_kind="account",
            account=tenant,
            external=True if tenant else None,
        )


def foreign(assignment: Answer, role: str | None) -> Trust:
    """A role that a group of another tenant holds, such as that of the partner who sells the subscription."""
    known: Mapping[str, Any] = assignment["properties"]
    return Trust(
        key=f"trust {assignment['id']}",
        seen=[assignment],
        role=f"{role or 'a role without a name'} on {known.get('scope')}",
        principal=str(known["principalId"]),
        principal_kind="account",
        external=True,
        condition=known.get("condition") or None,
    )


def _scope(assignment: Answer) -> str:
    """What was delegated: a subscription, or a group of resources in it."""
    return str(assignment["id"]).lower().partition("/providers/microsoft.managedservices/")[0]
