"""Which of Google's own watchers look into each project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Monitor
from connectors.gcp import gcp
from connectors.gcp.project_operations import WATCHERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.source import GcpSource

_EVENTS = "event-threat-detection"
_KINDS = {
    _EVENTS: "threat_detection",
    "vm-threat-detection": "threat_detection_hosts",
    "container-threat-detection": "threat_detection_containers",
    "security-health-analytics": "configuration_scan",
    "web-security-scanner": "web_scan",
}
_STATES = {"ENABLED": "enabled", "DISABLED": "disabled", "INGEST_ONLY": "disabled"}
"""Of one that only takes in what others found, Google says that it is not on."""


@gcp.evidence("gcp.scc.services", yields=Monitor, needs=[WATCHERS])
def watchers(source: GcpSource) -> Iterator[Monitor]:
    """Services of Security Command Center that are on, per project.

    Of every active project each service that Security Command Center has there, and the state that it is in by all that
    the project inherits and all that is paid for. Event Threat Detection, which reads the logs of the whole project, is
    what looks for threats (`threat_detection`); those that look into machines and containers alone are of kinds of
    their own. A project in which it is not named, or that could not be read, has it in the list with its state unknown.
    Which of its single detectors somebody has switched off is not in the list.

    What a project has of its own shows nowhere but there, so each project is asked, once. Whole when every project
    answered to its end.
    """
    projects, answered = {one.id: one for one in source.projects}, 0
    unread = dict(projects)
    for project, listed in source.each(list(projects), lambda one: list(source.list(WATCHERS, project=one))):
        answered += 1
        named = {one["name"].rpartition("/")[2]: one for one in listed}
        yield from (_monitor(projects[project], name, one) for name, one in named.items())
        if _EVENTS in named:
            del unread[project]
    for unit in unread.values():
        yield _monitor(unit, _EVENTS, None)
    source.total("projects asked for their watchers", expected=len(projects), found=answered)


def _monitor(unit: Unit, name: str, said: Answer | None) -> Monitor:
    return Monitor(
        key=f"projects/{unit.id} {name}",
        seen=[said] if said is not None else [unit.seen],
        within=unit.id,
        monitor=f"Security Command Center {name}",
        kind=_KINDS.get(name, name),
        covers=unit.id,
        state=_STATES.get(said.get("effectiveEnablementState") or "") if said is not None else None,
    )
