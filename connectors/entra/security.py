"""What Microsoft's detectors raised about people and devices, and which devices are managed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import Alert, Endpoint, Incident, Setting
from connectors.entra import entra
from connectors.entra.moments import moment, written
from connectors.entra.security_operations import (
    ALERTS,
    COMPLIANCE_POLICIES,
    INCIDENTS,
    MANAGED_DEVICES,
    RISK_DETECTIONS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource

_LATE = 240
_RISK_CLOSED = frozenset({"confirmedSafe", "remediated", "dismissed"})
_COMPLIANCE = {"compliant": "compliant", "noncompliant": "noncompliant", "inGracePeriod": "noncompliant"}
_OWNERSHIP = {"company": "company", "personal": "personal"}


@entra.evidence(
    "entra.risk_detections",
    yields=Alert,
    needs=[RISK_DETECTIONS],
    kind=Kind.POPULATION,
    keeps_days=90,
    late_minutes=_LATE,
)
def risk_detections(source: RestSource) -> Iterator[Alert]:
    """Identity risk detections.

    Every risk that Entra detected in the window: on whom, of what kind and level, and whether it is still open. It
    needs a P2 licence; with less Entra hides most of the kinds.

    Whole when the list was read to its end; windows touch, and overlap by as long as entries may come late.
    """
    for one in source.list(RISK_DETECTIONS, **{"$filter": _within("detectedDateTime", source)}):
        at = moment(one["detectedDateTime"])
        if at is None or not source.window.start <= at < source.window.end:
            continue
        state = one.get("riskState")
        changed = moment(one.get("lastUpdatedDateTime"))
        closed = None if state is None else state in _RISK_CLOSED
        yield Alert(
            key=one["id"],
            seen=[one],
            alert_id=one["id"],
            source="identity protection",
            kind=one.get("riskEventType"),
            severity=one.get("riskLevel"),
            target=one.get("userId"),
            opened_at=at,
            changed_at=changed,
            closed_at=changed if closed else None,
            status=None if closed is None else "closed" if closed else "open",
            disposition=one.get("riskDetail"),
        )


@entra.evidence(
    "entra.security_incidents",
    yields=(Incident, Alert),
    needs=[INCIDENTS, ALERTS],
    kind=Kind.POPULATION,
    keeps_days=90,
    late_minutes=_LATE,
)
def security_incidents(source: RestSource) -> Iterator[Incident | Alert]:
    """Security incidents and alerts.

    Every incident and every alert of Defender XDR that was made or changed in the window: how severe, who has it, what
    it turned out to be, and when it was closed. It needs Defender XDR.

    Whole when both lists were read to their end.
    """
    for one in source.list(INCIDENTS, **{"$filter": _within("lastUpdateDateTime", source)}):
        status = (one.get("status") or "").lower()
        yield Incident(
            key=one["id"],
            seen=[one],
            incident_id=one["id"],
            title=one.get("displayName"),
            severity=(one.get("severity") or "").lower() or None,
            opened_at=moment(one.get("createdDateTime")),
            # Graph gives no time of resolving: the last change is the latest that it can be.
            resolved_at=moment(one.get("lastUpdateDateTime")) if status in {"resolved", "redirected"} else None,
            owner=one.get("assignedTo"),
            labels=tuple(sorted(one.get("customTags") or [])),
        )
    for one in source.list(ALERTS, **{"$filter": _within("lastUpdateDateTime", source)}):
        status = (one.get("status") or "").lower()
        yield Alert(
            key=one["id"],
            seen=[one],
            alert_id=one["id"],
            source=one.get("serviceSource"),
            kind=one.get("title"),
            severity=one.get("severity"),
            opened_at=moment(one.get("createdDateTime")),
            changed_at=moment(one.get("lastUpdateDateTime")),
            closed_at=moment(one.get("resolvedDateTime")),
            status={"resolved": "closed", "": None}.get(status, "open"),
            disposition=one.get("determination"),
            incident_ref=one.get("incidentId"),
        )


@entra.evidence("entra.intune.devices", yields=(Endpoint, Setting), needs=[MANAGED_DEVICES, COMPLIANCE_POLICIES])
def devices(source: RestSource) -> Iterator[Endpoint | Setting]:
    """Managed devices and compliance.

    Every device that Intune manages: whose it is, whether its disk is encrypted, whether it complies, and when it last
    checked in; and the compliance policies there are. A device in its grace period does not comply. People without a
    managed device are not in this list. It needs Intune.

    Whole when both lists were read to their end.
    """
    for one in source.list(MANAGED_DEVICES):
        state = one.get("complianceState")
        yield Endpoint(
            key=one["id"],
            seen=[one],
            device_id=one["id"],
            name=one.get("deviceName"),
            owner=one.get("userPrincipalName") or None,
            ownership=_OWNERSHIP.get(one.get("managedDeviceOwnerType") or ""),
            platform=one.get("operatingSystem"),
            version=one.get("osVersion"),
            encrypted=one.get("isEncrypted"),
            compliance=None if state is None else _COMPLIANCE.get(state, "unknown"),
            managed=True,
            last_seen_at=moment(one.get("lastSyncDateTime")),
        )
    for policy in source.list(COMPLIANCE_POLICIES):
        yield Setting(
            key=f"compliance_policy {policy['id']}",
            seen=[policy],
            name="compliance_policy",
            value=policy.get("displayName"),
            applies_to=str(policy.get("@odata.type") or "").removeprefix("#microsoft.graph.") or None,
        )


def _within(field: str, source: RestSource) -> str:
    return f"{field} ge {written(source.window.start)} and {field} le {written(source.window.end)}"
