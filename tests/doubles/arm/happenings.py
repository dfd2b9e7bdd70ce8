"""What happened in each subscription: changes, alerts, threats."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.arm.ids import guid, text

if TYPE_CHECKING:
    from tests.doubles.arm.estate import Place


def lay(place: Place) -> None:
    base = f"{place.path}/providers"
    place.list(f"{base}/Microsoft.Insights/eventtypes/management/values", _events(place))
    place.list(f"{base}/Microsoft.Security/alerts", [_threat(place, number) for number in range(3)])
    place.list(f"{base}/Microsoft.AlertsManagement/alerts", [_alert(place, number) for number in range(3)])


def _events(place: Place) -> list[dict[str, Any]]:
    rows = []
    for number in range(12):
        at = place.now - timedelta(days=7 * number, hours=1)
        for step, status in enumerate(("Started", "Succeeded")):
            rows.append(_event(place, f"{number:02d}{step}", text(at + timedelta(seconds=step)), status))
    return rows


def _event(place: Place, number: str, at: str, status: str) -> dict[str, Any]:
    person = number.startswith("00")
    return {
        "eventDataId": f"event-{place.index}-{number}",
        "operationName": {"value": "Microsoft.Storage/storageAccounts/write", "localizedValue": "Write"},
        "status": {"value": status, "localizedValue": status},
        "category": {"value": "Administrative", "localizedValue": "Administrative"},
        "eventTimestamp": at,
        "caller": "person@example.com" if person else guid(0xB3, place.index),
        "claims": {} if person else {"idtyp": "app"},
        "resourceId": f"{place.path}/resourceGroups/rg-app",
        "correlationId": guid(0xD1, 1),
    }


def _threat(place: Place, number: int) -> dict[str, Any]:
    made = f"{place.path}/providers/Microsoft.Security/locations/westeurope/alerts/{number}"
    left = number == 0 and place.plant("threat alert left open", f"alert {made}")
    at = text(place.now - timedelta(days=20 + number))
    return {
        "id": made,
        "name": str(number),
        "type": "Microsoft.Security/Locations/alerts",
        "properties": {
            "alertDisplayName": "Suspicious sign-in",
            "severity": "High",
            "status": "Active" if left else "Dismissed",
            "startTimeUtc": at,
            "timeGeneratedUtc": at,
            "compromisedEntity": f"vm{place.index}",
        },
    }


def _alert(place: Place, number: int) -> dict[str, Any]:
    made = f"{place.path}/providers/Microsoft.AlertsManagement/alerts/{number}"
    at = place.now - timedelta(days=2 + number)
    late = number == 0 and place.plant("alert not acknowledged", f"alert {made}")
    return {
        "id": made,
        "name": f"cpu {number}",
        "properties": {
            "essentials": {
                "severity": "Sev1",
                "alertState": "New" if late else "Acknowledged",
                "monitorCondition": "Fired",
                "monitorService": "Platform",
                "startDateTime": text(at),
                "lastModifiedDateTime": text(at + timedelta(minutes=0 if late else 20)),
                "targetResource": f"{place.path}/resourceGroups/rg-app",
            }
        },
    }
