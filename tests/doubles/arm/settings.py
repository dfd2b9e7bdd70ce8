"""What is set in each subscription: roles, exports, Defender's plans, policy."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.arm.ids import TENANT, guid, text

if TYPE_CHECKING:
    from tests.doubles.arm.estate import Place

OWNER, READER, OWN = guid(0xA1, 1), guid(0xA1, 2), guid(0xA1, 3)
_ROLES = {
    OWNER: ("Owner", "BuiltInRole", ["*"]),
    READER: ("Reader", "BuiltInRole", ["*/read"]),
    OWN: ("Everything", "CustomRole", ["*"]),
}


def lay(place: Place) -> None:
    _roles(place)
    _exports(place)
    for table, rows in (("policyresources", _states(place)), ("securityresources", _weak(place))):
        place.estate.tables[table] += rows


def _definition(place: Place, role: str) -> str:
    return f"{place.path}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def _roles(place: Place) -> None:
    base = f"{place.path}/providers/Microsoft.Authorization"
    place.list(
        f"{base}/roleDefinitions",
        [
            {
                "id": _definition(place, role),
                "name": role,
                "properties": {
                    "roleName": name,
                    "type": kind,
                    "permissions": [{"actions": actions, "notActions": []}],
                    "assignableScopes": [place.path],
                },
            }
            for role, (name, kind, actions) in _ROLES.items()
        ],
    )
    person, team, program = (guid(kind, place.index) for kind in (0xB1, 0xB2, 0xB3))
    root = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
    rows = [
        _assignment(place, 1, person, "User", OWNER, place.path),
        _assignment(place, 2, team, "Group", READER, root),
        _assignment(place, 3, program, "ServicePrincipal", READER, place.path),
        # The same right over one resource group alone is none over the platform.
        _assignment(place, 4, person, "User", OWNER, f"{place.path}/resourceGroups/rg-app"),
    ]
    own = _assignment(place, 5, program, "ServicePrincipal", OWN, place.path)
    if place.plant("own role with every right", f"{own['id']} Everything"):
        rows.append(own)
    place.list(f"{base}/roleAssignments", rows)
    until = text(place.now + timedelta(days=30))
    schedule = {**rows[0]["properties"], "originRoleAssignmentId": rows[0]["id"], "endDateTime": until}
    made = f"{base}/roleAssignmentScheduleInstances"
    place.list(made, [{"id": f"{made}/1", "name": "1", "properties": schedule}])
    eligible = {**rows[0]["properties"], "principalId": guid(0xB4, place.index), "startDateTime": until}
    made = f"{base}/roleEligibilityScheduleInstances"
    place.list(made, [{"id": f"{made}/1", "name": "1", "properties": eligible}])


def _assignment(place: Place, number: int, who: str, kind: str, role: str, scope: str) -> dict[str, Any]:
    return {
        "id": f"{place.path}/providers/Microsoft.Authorization/roleAssignments/{guid(0xC1, number)}",
        "name": guid(0xC1, number),
        "properties": {
            "principalId": who,
            "principalType": kind,
            "roleDefinitionId": _definition(place, role),
            "scope": scope,
            "createdOn": text(place.now - timedelta(days=200)),
            "createdBy": guid(0xB1, 0),
        },
    }


def _exports(place: Place) -> None:
    base = f"{place.path}/providers/Microsoft.Insights/diagnosticSettings"
    logs = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/stlogs{place.index}"
    law = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.OperationalInsights/workspaces/law{place.index}"
    on = [
        {"category": one, "enabled": True} for one in ("Administrative", "Security", "Policy", "Alert", "ServiceHealth")
    ]
    setting = {
        "id": f"{base}/export",
        "name": "export",
        "properties": {"storageAccountId": logs, "workspaceId": law, "logs": on},
    }
    lacks = place.plant("no export of the activity log", place.id)
    place.list(base, [] if lacks else [setting])
    pricings = f"{place.path}/providers/Microsoft.Security/pricings"
    rows = []
    for plan in ("VirtualMachines", "SqlServers", "StorageAccounts"):
        off = plan == "SqlServers" and place.plant("plan off", f"threat detection in {plan}")
        known = {"pricingTier": "Free" if off else "Standard"}
        rows.append(
            {"id": f"{pricings}/{plan}", "name": plan, "type": "Microsoft.Security/pricings", "properties": known}
        )
    place.list(pricings, rows)
    contacts = f"{place.path}/providers/Microsoft.Security/securityContacts"
    written: dict[str, Any] = {
        "emails": "security@example.com",
        "isEnabled": True,
        "notificationsByRole": {"state": "On", "roles": ["Owner"]},
        "notificationsSources": [{"sourceType": "Alert", "minimalSeverity": "High"}],
    }
    place.list(contacts, [{"id": f"{contacts}/default", "name": "default", "properties": written}])


def _states(place: Place) -> list[dict[str, Any]]:
    group = f"{place.path}/resourceGroups/rg-app"
    if place.plant("no rule of configuration", "configuration of the unit"):
        return []
    return [
        {
            "id": f"{group}/providers/microsoft.policyinsights/policystates/{number}",
            "name": str(number),
            "type": "microsoft.policyinsights/policystates",
            "subscriptionId": place.id,
            "properties": {
                "complianceState": state,
                "policyDefinitionName": "audit tags",
                "resourceId": group,
                "timestamp": text(place.now),
            },
        }
        for number, state in enumerate(("Compliant", "NonCompliant"))
    ]


def _weak(place: Place) -> list[dict[str, Any]]:
    first = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm{place.index}"
    stale = place.plant("machine not scanned lately", f"host {first}b")
    if stale:
        place.estate.planted["machine not scanned lately"].append("share of hosts that are scanned")
    return [
        {
            "id": f"{machine}/providers/Microsoft.Security/assessments/a/subAssessments/{name}",
            "name": name,
            "type": "microsoft.security/assessments/subassessments",
            "subscriptionId": place.id,
            "properties": {
                "displayName": "CVE-2026-0001",
                "status": {"code": "Unhealthy" if name == "cve" else "Healthy", "severity": "High"},
                "resourceDetails": {"source": "Azure", "id": machine},
                "timeGenerated": text(place.now - timedelta(days=days)),
                "additionalData": {"assessedResourceType": "ServerVulnerability", "patchable": True},
            },
        }
        for machine, name, days in (
            (first, "cve", 0),
            (first, "old", 30),
            (f"{first}b", "fixed", 8 if stale else 1),
        )
    ]
