"""What the Alert Center raised, and how it was handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import Alert
from connectors.workspace import workspace
from connectors.workspace.cloud_operations import ALERTS
from connectors.workspace.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

KEPT = 180
"""Days of the window. Google keeps alerts until someone deletes them, so each is read as it is now, however old."""
_STATUS = {"NOT_STARTED": "open", "IN_PROGRESS": "acknowledged", "CLOSED": "closed"}
_SEVERITY = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}


@workspace.evidence("gws.alerts", yields=Alert, needs=[ALERTS], kind=Kind.POPULATION, keeps_days=KEPT)
def alerts(source: RestSource) -> Iterator[Alert]:
    """Alert centre alerts and handling.

    Every alert of every state that the Alert Center has, with severity, who handles it, and how far that has come, as
    it stands when it is read: one that is closed later shows so the next time. Google notes when the state last
    changed, and only the last change: a time for each earlier state is not given.

    Whole when the list is read to its end, oldest first.
    """
    for alert in source.list(ALERTS):
        handling = alert.get("metadata") or {}
        status, changed = _STATUS.get(handling.get("status", "")), moment(handling.get("updateTime"))
        yield Alert(
            key=alert["alertId"],
            seen=[alert],
            alert_id=alert["alertId"],
            source=alert.get("source"),
            kind=alert.get("type"),
            severity=_SEVERITY.get(handling.get("severity", "")),
            status=status,
            opened_at=moment(alert.get("createTime")),
            acknowledged_at=changed if status == "acknowledged" else None,
            closed_at=changed if status == "closed" else None,
            disposition="deleted" if alert.get("deleted") else None,
            owner=handling.get("assignee"),
            target=_target(alert),
        )


def _target(alert: Answer) -> str | None:
    """The address it is about, where its kind of alert has one."""
    found = (alert.get("data") or {}).get("email")
    return found if isinstance(found, str) else None
