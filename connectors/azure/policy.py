"""What the tenant must grant: a custom role, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.azure.api import API, OWN_ALWAYS
from connectors.azure.group_members import GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType

ROOT = "/providers/Microsoft.Management/managementGroups/REPLACE-WITH-YOUR-TENANT-ID"
"""The root management group: assigned lower down, the role would not show the subscriptions that are made later."""


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The custom role for these evidence types, in the form that Azure takes; none of its actions can write."""
    wanted = list(types)
    actions = sorted({action for one in wanted for action in _actions(one)} | _base())
    return {
        "properties": {
            "roleName": "Evidence collector",
            "description": "Reads the configuration and the logs that are evidence; nothing can be changed with it.",
            "assignableScopes": [ROOT],
            "permissions": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}],
        }
    }


def beyond_reading(types: Iterable[EvidenceType]) -> list[tuple[str, str]]:
    """The actions that Azure does not count as reading."""
    why = "Azure calls it an action, since the question is sent by POST; all it does is to search"
    return [(one, why) for one in sorted({action for kind in types for action in _actions(kind)}) if not _reads(one)]


def permissions(operation: str) -> list[str]:
    """Each action that an operation takes; what Graph grants is no part of a role of Azure."""
    asked = API.operation(operation)
    return [one for one in asked.needs.split(", ") if one] if asked.base != GRAPH else []


def _actions(evidence: EvidenceType) -> set[str]:
    return {action for name in API.reached(evidence.needs) for action in permissions(name)}


def _base() -> set[str]:
    return {action for name in OWN_ALWAYS for action in permissions(name)}


def _reads(action: str) -> bool:
    return action.lower().endswith("/read")
