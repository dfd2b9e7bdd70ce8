"""Where the activity log of each subscription goes, and how long it is kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import LogSource, LogStore
from connectors.azure import azure
from connectors.azure.graph import resources
from connectors.azure.kinds import WORKSPACES
from connectors.azure.labels import properties
from connectors.azure.resource_operations import DIAGNOSTIC_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_CONTAINER = "/blobservices/default/containers/insights-activity-logs"
_ALL = "allLogs"
_NEEDED = frozenset({"Administrative", "Security", "Policy", "Alert"})


@azure.evidence("azure.diagnostics", yields=(LogSource, LogStore), needs=[*WORKSPACES.needs, DIAGNOSTIC_SETTINGS])
def diagnostics(source: AzureSource) -> Iterator[LogSource | LogStore]:
    """Activity-log export and workspace retention.

    Every diagnostic setting of the subscription: which categories of its activity log go where. One row for each place
    they go to. It is on when Administrative, Security, Policy and Alert events all go there. A subscription without any
    has no row: its activity log is then with Azure alone, which keeps it for 90 days. And every log workspace of the
    subscription, with how long it keeps what it is sent.

    Complete when the list of settings was had in one answer, as Azure gives it, and Resource Graph and the
    subscription's own list have the same workspaces.

    Not told by Azure: when something was last delivered. Single tables of a workspace may be kept longer than it.
    """
    for setting in source.list(DIAGNOSTIC_SETTINGS):
        known = properties(setting)
        events = _events(known.get("logs") or [])
        for kind, destination in _destinations(known):
            yield LogSource(
                key=f"{setting['id']} {kind}",
                seen=[setting],
                source=f"{setting['name']} {kind}",
                kind="admin_activity",
                enabled=events == ("*",) or set(events) >= _NEEDED,
                covers="account",
                all_regions=True,
                destination=destination,
                events=events,
            )
    for row in resources(source, WORKSPACES):
        yield _workspace(row)


def _events(logs: list[dict[str, Any]]) -> tuple[str, ...]:
    on = [one for one in logs if one.get("enabled")]
    if any(one.get("categoryGroup") == _ALL for one in on):
        return ("*",)
    return tuple(sorted(one["category"] for one in on if one.get("category")))


def _destinations(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if account := known.get("storageAccountId"):
        yield "storage", f"{account}{_CONTAINER}".lower()
    for kind, field in (
        ("workspace", "workspaceId"),
        ("event hub", "eventHubAuthorizationRuleId"),
        ("partner", "marketplacePartnerId"),
    ):
        if known.get(field):
            yield kind, str(known[field]).lower()


def _workspace(row: Answer) -> LogStore:
    return LogStore(
        key=row["id"],
        seen=[row],
        store=row["id"].lower(),
        kind="log_workspace",
        retention_days=properties(row).get("retentionInDays"),
        keeps_forever=False,
    )
