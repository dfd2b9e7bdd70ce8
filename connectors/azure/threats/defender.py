"""Microsoft Defender for Cloud: which plans are on, what it raised, and what it found weak."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Alert, Monitor, Scanner, Setting, Vulnerability
from connectors.azure import azure
from connectors.azure.graph import resources
from connectors.azure.kinds import ASSESSMENTS
from connectors.azure.labels import properties
from connectors.azure.moments import moment
from connectors.azure.resource_operations import PRICINGS, SECURITY_ALERTS, SECURITY_CONTACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_TIERS = {"Standard": "enabled", "Free": "disabled"}
_STATES = {"Active": "open", "InProgress": "acknowledged", "Resolved": "closed", "Dismissed": "closed"}
_HEALTH = {"Unhealthy": "open", "Healthy": "fixed", "NotApplicable": "dismissed"}
_ASSESSED = {
    "ContainerRegistryVulnerability": "image",
    "ServerVulnerability": "host",
    "SqlServerVulnerability": "database",
}


@azure.evidence("azure.defender.plans", yields=(Monitor, Setting), needs=[PRICINGS, SECURITY_CONTACTS])
def plans(source: AzureSource) -> Iterator[Monitor | Setting]:
    """Defender plans and contacts.

    One row for each plan of Defender for Cloud that Azure lists in the subscription: on, when it is of the paid tier. A
    plan that is off is a setting like any other. And whether Defender writes to somebody about its alerts
    (`defender.contact`): `none` where nobody is named.

    Complete when the plans were had in one answer, as Azure gives them, and the contacts were read to their end.
    """
    for one in source.list(PRICINGS):
        yield Monitor(
            key=one["name"],
            seen=[one],
            monitor=f"Defender for Cloud {one['name']}",
            kind="threat_detection",
            covers=one["name"],
            state=_TIERS.get(str(properties(one).get("pricingTier"))),
        )
    for one in source.list(SECURITY_CONTACTS):
        yield Setting(
            key=one["id"],
            seen=[one],
            name="defender.contact",
            value=_contact(properties(one)),
            applies_to=source.scope.unit_id,
        )


def _contact(known: dict[str, Any]) -> str | None:
    """`on` where alerts are written about to somebody, `off` where not, `none` where nobody is named."""
    if not known.get("emails") and not (known.get("notificationsByRole") or {}).get("roles"):
        return "none"
    enabled = known.get("isEnabled")
    alerts = any(one.get("sourceType") == "Alert" for one in known.get("notificationsSources") or ())
    return None if enabled is None else "on" if enabled and alerts else "off"


@azure.evidence(
    "azure.defender.alerts",
    yields=Alert,
    needs=[SECURITY_ALERTS],
    kind=Kind.POPULATION,
    keeps_days=90,
    late_minutes=240,
)
def security_alerts(source: AzureSource) -> Iterator[Alert]:
    """Defender alerts and disposal.

    Population: every alert of Defender for Cloud that began in the window: how severe, about what, and whether it was
    resolved or dismissed.

    Complete when the list was read to its end. Not told by Azure: when an alert was resolved or dismissed, and by whom.
    """
    window = source.window
    for one in source.list(SECURITY_ALERTS):
        known = properties(one)
        at = moment(known.get("startTimeUtc"))
        if at is None or not window.start <= at < window.end:
            continue
        status = str(known.get("status") or "")
        yield Alert(
            key=one["id"],
            seen=[one],
            alert_id=one["id"],
            source="defender for cloud",
            kind=known.get("alertDisplayName"),
            severity=known.get("severity"),
            status=_STATES.get(status),
            opened_at=at,
            disposition=status.lower() if _STATES.get(status) == "closed" else None,
            target=known.get("compromisedEntity"),
        )


@azure.evidence("azure.defender.assessments", yields=(Vulnerability, Scanner), needs=ASSESSMENTS.needs)
def assessments(source: AzureSource) -> Iterator[Vulnerability | Scanner]:
    """Security assessments and vulnerabilities.

    Population: every weakness that a scanner of Defender for Cloud holds of hosts, images and databases of the
    subscription, as it stands now: how severe, whether the last scan still found it, and whether there is a patch.

    And one row for each host of which a scanner holds anything, at the time of its newest scan. A host of which it
    holds nothing has no row: whether it was scanned and is clean, or was never scanned, Azure does not tell here.

    Complete when Resource Graph gave as many rows as it counts. Not told by Azure: when a weakness was first seen, and
    since when it is fixed; a scan writes both anew.
    """
    scans: dict[str, tuple[datetime | None, Answer]] = {}
    for row in resources(source, ASSESSMENTS):
        known = properties(row)
        status: dict[str, Any] = known.get("status") or {}
        extra = known.get("additionalData") or {}
        state = _HEALTH.get(str(status.get("code")))
        kind, asset = _ASSESSED.get(str(extra.get("assessedResourceType"))), _asset(known)
        if kind == "host" and asset is not None:
            scan = (moment(known.get("timeGenerated")), row)
            scans[asset.lower()] = max(scans.get(asset.lower(), scan), scan, key=_time)
        patchable = extra.get("patchable")
        yield Vulnerability(
            key=row["id"],
            seen=[row],
            finding_id=row["id"],
            asset_id=asset,
            kind=kind,
            title=known.get("displayName"),
            severity=str(status.get("severity") or "").lower() or None,
            status=state,
            dismissed_reason=status.get("cause") or None if state == "dismissed" else None,
            fix_available=patchable if isinstance(patchable, bool) else None,
        )
    for host, (scanned_at, row) in scans.items():
        yield Scanner(
            key=f"scanner {host}",
            seen=[row],
            asset_id=host,
            kind="host",
            state="enabled",
            scanned_at=scanned_at,
        )


def _asset(assessment: dict[str, Any]) -> str | None:
    return (assessment.get("resourceDetails") or {}).get("id")


def _time(scan: tuple[datetime | None, Answer]) -> datetime:
    """A scan without a time comes before any that has one."""
    return scan[0] or datetime.min.replace(tzinfo=UTC)
