"""Which events raise an alert and whom it tells, and which alerts fired."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Alert, AlertRule
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import ALERTING
from connectors.azure.labels import properties
from connectors.azure.moments import moment, written
from connectors.azure.resource_operations import ALERTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_ACTIVITY, _METRIC, _GROUPS = ALERTING.types
_CLASSES = {
    "microsoft.authorization/roleassignments": "identity",
    "microsoft.authorization/policyassignments": "policy",
    "microsoft.authorization/policydefinitions": "policy",
    "microsoft.network/": "network",
    "microsoft.keyvault/": "key",
    "microsoft.insights/diagnosticsettings": "logging",
    "microsoft.insights/activitylogalerts": "logging",
    "microsoft.security/": "security",
    "microsoft.sql/servers/firewallrules": "network",
}
"""Beginnings of the operations that an alert waits for."""
_CATEGORIES = {
    "security": "security",
    "policy": "policy",
    "servicehealth": "availability",
    "resourcehealth": "availability",
}
_STATES = {"New": "open", "Acknowledged": "acknowledged", "Closed": "closed"}
_DAYS = 30
"""Azure keeps fired alerts no longer, and answers for no longer at once."""


@azure.evidence("azure.alerting.rules", yields=AlertRule, needs=ALERTING.needs)
def rules(source: AzureSource) -> Iterator[AlertRule]:
    """Alert rules and action groups.

    Population: every activity log alert and metric alert of the subscription: whether it is on, for what class of
    event, on what, and whom the action groups it names tell. One on the subscription `covers` it; one on a group of
    resources, or a single one, covers no more than that. A destination counts as confirmed where its group is on and
    has at least one receiver that Azure does not call disabled. A group in another subscription is not looked into, and
    is then not known to be confirmed.

    Complete when Resource Graph and the subscription's own list have the same rules and groups.

    Not in it: rules over queries of logs, and rules of Sentinel.
    """
    rows = resources(source, ALERTING)
    groups = {one["id"].lower(): one for one in of_type(rows, _GROUPS)}
    for row in [*of_type(rows, _ACTIVITY), *of_type(rows, _METRIC)]:
        named = list(_named(properties(row)))
        reached = [groups[one] for one in named if one in groups]
        yield AlertRule(
            key=row["id"],
            seen=[row, *reached],
            rule=row["name"],
            rule_id=row["id"],
            covers=_covered(source, properties(row)),
            event_class="metric" if str(row.get("type")).lower() == _METRIC else _class(properties(row)),
            enabled=properties(row).get("enabled"),
            destinations=tuple(sorted({told for one in reached for told in _receivers(one)})),
            destination_confirmed=True
            if any(_live(one) for one in reached)
            else None
            if any(one not in groups for one in named)
            else False,
        )


def _covered(source: AzureSource, known: dict[str, Any]) -> str | None:
    """The subscription where the rule watches it whole; else the parts that it watches."""
    scopes = sorted(str(one).rstrip("/").lower() for one in known.get("scopes") or ())
    whole = f"/subscriptions/{source.scope.unit_id}".lower()
    return source.scope.unit_id if whole in scopes else ", ".join(scopes) or None


def _named(known: dict[str, Any]) -> Iterator[str]:
    actions = known.get("actions") or []
    for one in actions.get("actionGroups") or [] if isinstance(actions, dict) else actions:
        if one.get("actionGroupId"):
            yield str(one["actionGroupId"]).lower()


def _class(known: dict[str, Any]) -> str | None:
    """What an activity log alert waits for, by the operation that its condition names, or by the category.

    None where it names no operation: then it may wait for any change.
    """
    found = {
        str(one.get("field")).lower(): str(one.get("equals"))
        for one in (known.get("condition") or {}).get("allOf") or ()
    }
    operation = found.get("operationname", "").lower()
    by_operation = next((word for start, word in _CLASSES.items() if operation.startswith(start)), None)
    if by_operation or operation:
        return by_operation or "other"
    return _CATEGORIES.get(found.get("category", "").lower())


def _receivers(group: Answer) -> Iterator[str]:
    for field, found in properties(group).items():
        if field.endswith("Receivers"):
            yield from (f"{field.removesuffix('Receivers')} {one.get('name')}" for one in found or ())


def _live(group: Answer) -> bool:
    known = properties(group)
    receivers = [one for field, found in known.items() if field.endswith("Receivers") for one in found or ()]
    return bool(known.get("enabled")) and any(one.get("status") != "Disabled" for one in receivers)


@azure.evidence(
    "azure.alerting.alerts", yields=Alert, needs=[ALERTS], kind=Kind.POPULATION, keeps_days=_DAYS, late_minutes=60
)
def alerts(source: AzureSource) -> Iterator[Alert]:
    """Alerts fired and acknowledged.

    Population: every alert of the window that Azure Monitor raised in the subscription: how severe (`Sev0` is the
    gravest), whether somebody acknowledged or closed it, and when it last changed in any way: Azure tells no
    other time.

    Complete when the list was read to its end; windows touch, and overlap by as long as alerts may come late.
    """
    window = source.window
    start = max(window.start, window.end - timedelta(days=_DAYS))
    for one in source.list(ALERTS, customTimeRange=f"{written(start)}/{written(window.end)}"):
        known: dict[str, Any] = properties(one).get("essentials") or {}
        at = moment(known.get("startDateTime"))
        if at is None or not window.start <= at < window.end:
            continue
        status = _STATES.get(str(known.get("alertState")))
        changed = moment(known.get("lastModifiedDateTime"))
        yield Alert(
            key=one["id"],
            seen=[one],
            alert_id=one["id"],
            source=known.get("monitorService"),
            kind=one.get("name"),
            severity=known.get("severity"),
            status=status,
            opened_at=at,
            changed_at=changed,
            disposition=known.get("monitorCondition"),
            owner=known.get("lastModifiedUserName") if status != "open" else None,
            target=known.get("targetResource"),
        )
