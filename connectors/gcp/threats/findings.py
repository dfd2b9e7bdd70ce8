"""What Google's own watchers found: threats, settings and weaknesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Alert, Finding, Vulnerability
from connectors.gcp import gcp
from connectors.gcp.moments import moment, written
from connectors.gcp.operations import FINDINGS
from connectors.gcp.project_operations import OCCURRENCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

KEPT = 90
_THREAT = "THREAT"
_STATES = {"ACTIVE": "open", "INACTIVE": "closed"}
SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "MINIMAL": "low"}


@gcp.evidence("gcp.scc.findings", yields=(Alert, Finding), needs=[FINDINGS], kind=Kind.POPULATION, keeps_days=KEPT)
def findings(source: GcpSource) -> Iterator[Alert | Finding]:
    """Security Command Center findings.

    Every finding of every source, of each class (threats, settings, weaknesses), that was active or inactive with an
    event within the window. Threats are alerts, all others findings. One that is inactive is `closed`, at the time of
    its last event; with which result Google does not note. One that is active and muted is in the list all the same; as
    an alert it is `acknowledged`, by whoever muted it.

    Where Security Command Center is not on for the organisation there is a gap. Whole when the list was read to its
    end.
    """
    window = source.window
    span = f'event_time >= "{written(window.start)}" AND event_time < "{written(window.end)}"'
    for one in source.list(FINDINGS, filter=span):
        yield _threat(one) if one["finding"].get("findingClass") == _THREAT else _finding(one)


def _threat(answer: Answer) -> Alert:
    finding = answer["finding"]
    status, muted = _STATES.get(finding.get("state", "")), finding.get("mute") == "MUTED"
    return Alert(
        key=finding["name"],
        seen=[answer],
        alert_id=finding["name"],
        source=finding.get("parent"),
        kind=finding.get("category"),
        severity=SEVERITIES.get(finding.get("severity", "")),
        status="acknowledged" if muted and status == "open" else status,
        opened_at=moment(finding.get("createTime")),
        acknowledged_at=moment(finding.get("muteUpdateTime")) if muted else None,
        closed_at=moment(finding.get("eventTime")) if status == "closed" else None,
        owner=finding.get("muteInitiator") if muted else None,
        target=_about(finding),
    )


def _finding(answer: Answer) -> Finding:
    finding = answer["finding"]
    status = _STATES.get(finding.get("state", ""))
    return Finding(
        key=finding["name"],
        seen=[answer],
        finding_id=finding["name"],
        asset_id=_about(finding),
        rule=finding.get("category"),
        severity=SEVERITIES.get(finding.get("severity", "")),
        status=status,
        first_seen_at=moment(finding.get("createTime")),
        last_seen_at=moment(finding.get("eventTime")),
        closed_at=moment(finding.get("eventTime")) if status == "closed" else None,
    )


def _about(finding: Mapping[str, Any]) -> str | None:
    return str(finding.get("resourceName") or "").removeprefix("//") or None


@gcp.evidence("gcp.vuln.images", yields=Vulnerability, needs=[OCCURRENCES], kind=Kind.POPULATION, keeps_days=30)
def images(source: GcpSource) -> Iterator[Vulnerability]:
    """Container image vulnerabilities.

    Of every active project, each weakness that Artifact Analysis knows of an image that it still watches, whenever it
    was found: Google stops watching an image that nobody pulled for 30 days. Google does not note when one was fixed:
    a new image has its own list. Which images run in production is not in this evidence.

    The inventory has none of it, so each project is asked; one in which the Container Analysis API is off is a gap.
    Whole when every project answered to its end.
    """
    projects, answered = [one.id for one in source.projects], 0
    sought = 'kind="VULNERABILITY"'
    for _, found in source.each(projects, lambda one: list(source.list(OCCURRENCES, project=one, filter=sought))):
        answered += 1
        for one in found:
            weak = one.get("vulnerability") or {}
            yield Vulnerability(
                key=one["name"],
                seen=[one],
                finding_id=one["name"],
                asset_id=one.get("resourceUri"),
                kind="image",
                title=weak.get("shortDescription") or (one.get("noteName") or "").rpartition("/")[2] or None,
                severity=SEVERITIES.get(weak.get("effectiveSeverity") or weak.get("severity") or ""),
                status="open",
                first_seen_at=moment(one.get("createTime")),
            )
    source.total("projects asked for images", expected=len(projects), found=answered)
