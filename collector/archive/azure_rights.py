"""What a role of Azure's lets its holder do to a container archive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.archive.principals import CHANGES, Power, powers

if TYPE_CHECKING:
    from collections.abc import Mapping

_STORAGE = "Microsoft.Storage/storageAccounts"
_CONTAINERS = f"{_STORAGE}/blobServices/containers"
_BLOBS = f"{_CONTAINERS}/blobs"
_POLICY = f"{_CONTAINERS}/immutabilityPolicies"
_PUT, _DELETE, _LOCK, _RIGHTS = (frozenset({one}) for one in (Power.PUT, Power.DELETE, Power.LOCK, Power.RIGHTS))

DATA: Mapping[str, frozenset[Power]] = {
    f"{_BLOBS}/write": frozenset({Power.PUT, Power.OVERWRITE}),
    f"{_BLOBS}/add/action": _PUT,
    f"{_BLOBS}/move/action": _DELETE,
    f"{_BLOBS}/delete": _DELETE,
    f"{_BLOBS}/deleteBlobVersion/action": _DELETE,
    f"{_BLOBS}/permanentDelete/action": _DELETE,
    f"{_BLOBS}/manageOwnership/action": _RIGHTS,
    f"{_BLOBS}/modifyPermissions/action": _RIGHTS,
    f"{_BLOBS}/runAsSuperUser/action": CHANGES | _RIGHTS,
    f"{_BLOBS}/immutableStorage/runAsSuperUser/action": _LOCK,
}
"""What each data action can do to an archive; the others can do nothing."""
MANAGEMENT: Mapping[str, frozenset[Power]] = {
    f"{_STORAGE}/write": _LOCK | _RIGHTS,
    f"{_STORAGE}/delete": _DELETE,
    f"{_STORAGE}/localUsers/write": _RIGHTS,
    # A rule of the account's deletes on behalf of whoever set it.
    f"{_STORAGE}/managementPolicies/write": _DELETE,
    f"{_STORAGE}/blobServices/write": _LOCK,
    f"{_CONTAINERS}/delete": _DELETE,
    f"{_CONTAINERS}/migrate/action": _LOCK,
    f"{_CONTAINERS}/clearLegalHold/action": _LOCK,
    f"{_POLICY}/write": _LOCK,
    f"{_POLICY}/delete": _LOCK,
    f"{_POLICY}/extend/action": _LOCK,
    f"{_POLICY}/lock/action": _LOCK,
    "Microsoft.Resources/subscriptions/resourceGroups/delete": _DELETE,
    "Microsoft.Authorization/roleAssignments/write": _RIGHTS,
    "Microsoft.Authorization/roleDefinitions/write": _RIGHTS,
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write": _RIGHTS,
    "Microsoft.Authorization/roleEligibilityScheduleRequests/write": _RIGHTS,
}
"""What each action of the management can do to an archive, without those that give out keys."""
KEYS: Mapping[str, frozenset[Power]] = {
    f"{_STORAGE}/{name}/action": CHANGES | _LOCK
    for name in ("listKeys", "regenerateKey", "listAccountSas", "listServiceSas")
}
"""What gives out a key of the account, or a link signed with one: with these a holder does all that the data allows."""


def powers_of(role: Mapping[str, Any], *, keys: bool) -> frozenset[Power]:
    """What a role gives, by its definition; `keys`: whether the account takes its keys, as far as is known."""
    managed = {**MANAGEMENT, **(KEYS if keys else {})}
    found: frozenset[Power] = frozenset()
    for one in role["permissions"]:
        found |= powers(one.get("actions") or (), one.get("notActions") or (), managed)
        found |= powers(one.get("dataActions") or (), one.get("notDataActions") or (), DATA)
    return found
