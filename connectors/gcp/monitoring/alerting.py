"""What raises an alert, whom it tells, and what was raised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Alert, AlertRule, Monitor
from connectors.gcp import gcp
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk
from connectors.gcp.moments import moment
from connectors.gcp.project_operations import ALERTS, CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

POLICY, METRIC = "monitoring.googleapis.com/AlertPolicy", "logging.googleapis.com/LogMetric"
UPTIME = "monitoring.googleapis.com/UptimeCheckConfig"
AUTOSCALER, REGIONAL = "compute.googleapis.com/Autoscaler", "compute.googleapis.com/RegionAutoscaler"
_UNSPECIFIED = "SEVERITY_UNSPECIFIED"
_USER_METRIC = re.compile(r"logging\.googleapis\.com/user/([^\"\s]+)")
_CLASSES = (
    ("identity", ("setiampolicy", "serviceaccount", "iam_role", "createrole")),
    # Who may do what is set by the same method as any other policy of IAM.
    ("policy", ("setiampolicy", "orgpolicy")),
    ("network", ("firewall", "gce_route", "gce_network", "networks.")),
    ("key", ("cryptokey", "cloudkms")),
    ("logging", ("configservice", "sinks", "auditconfig", "logging.googleapis.com/sink")),
    ("security", ("securitycenter",)),
)
"""Words of Google's methods and resources, by the class of event that an alert on them is about."""


@gcp.evidence("gcp.alerting.rules", yields=AlertRule, needs=[*bulk(POLICY, METRIC), CHANNELS])
def rules(source: GcpSource) -> Iterator[AlertRule]:
    """Alert policies and channels.

    Every alert policy of every project, with what it watches: where it is about a metric made of logs, the filter of
    that metric tells. Each class of event that a policy is about has a row, and one about none that is known here is
    `other`. A metric counts the entries of its own project, and the policy `covers` that; of a metric over a log bucket
    it is not known whose entries come there. Each policy is followed to its channels: `destination_confirmed` is
    whether one of them is on, and not waiting to be verified; Google verifies e-mail by itself.

    Channels are asked of each project that has a policy, without what is secret in them; a project in which the
    Monitoring API is off is a gap. Whole when policies, metrics and channels were read to their end.
    """
    found, known = assets(source, POLICY, METRIC), source.known()
    # Names are a project's own: two projects may have a metric, or a channel, of the same.
    metrics = {(one.project, one.name.rpartition("/metrics/")[2]): one for one in found[METRIC] or ()}
    policies = found[POLICY] or []
    projects = sorted({known[one.project].id for one in policies if one.project in known})
    channels: dict[tuple[str, str], Answer] = {}
    answered: set[str] = set()
    for project, listed in source.each(projects, lambda one: list(source.list(CHANNELS, project=one))):
        answered.add(project)
        channels |= {(project, one["name"].rpartition("/")[2]): one for one in listed}
    for policy in policies:
        of = known.get(policy.project)
        watched = [metrics[at] for one in _user_metrics(policy.data) if (at := (policy.project, one)) in metrics]
        named = [str(one).rpartition("/")[2] for one in policy.data.get("notificationChannels") or ()]
        told = [channels[at] for one in named if of and (at := (of.id, one)) in channels]
        yield from _rows(policy, of, watched, told, whole=of is not None and of.id in answered)


def _rows(
    policy: Asset, project: Unit | None, watched: Sequence[Asset], told: Sequence[Answer], *, whole: bool
) -> Iterator[AlertRule]:
    # A metric over a log bucket counts whatever is routed there: whose events those are is not in this evidence.
    routed = any(one.data.get("bucketName") for one in watched)
    for event_class in _classes(policy.data, watched):
        yield AlertRule(
            key=f"{policy.name} {event_class}",
            seen=[policy.seen, *(one.seen for one in watched), *told],
            rule=str(policy.data.get("displayName") or policy.name),
            rule_id=policy.name,
            covers=project.id if project and not routed else None,
            event_class=event_class,
            # Google leaves the field out of a policy that is on.
            enabled=policy.data.get("enabled", True) if policy.data else None,
            destinations=tuple(f"{one.get('type')} {one['name']}" for one in told) if whole else None,
            destination_confirmed=any(_works(one) for one in told) if whole else None,
        )


def _works(channel: Answer) -> bool:
    return bool(channel.get("enabled", True)) and channel.get("verificationStatus") != "UNVERIFIED"


def _user_metrics(policy: Mapping[str, Any]) -> set[str]:
    return set(_USER_METRIC.findall(" ".join(_filters(policy))))


def _filters(policy: Mapping[str, Any]) -> Iterator[str]:
    for condition in policy.get("conditions") or ():
        for one in condition.values():
            if isinstance(one, dict):
                yield str(one.get("filter") or one.get("query") or "")


def _classes(policy: Mapping[str, Any], metrics: Sequence[Asset]) -> list[str]:
    text = " ".join([*_filters(policy), *(str(one.data.get("filter") or "") for one in metrics)]).lower()
    found = [name for name, words in _CLASSES if any(word in text for word in words)]
    return found or ["other"]


@gcp.evidence("gcp.alerting.alerts", yields=Alert, needs=[ALERTS], kind=Kind.POPULATION, keeps_days=30)
def alerts(source: GcpSource) -> Iterator[Alert]:
    """Alerts opened and closed.

    Of every active project, each alert that was opened within the window, or closed within it, with the policy that
    raised it. Google does not note whether, when and by whom an alert was taken up: one that is not closed is
    `not_closed`. A policy has a severity only where somebody gave it one.

    The inventory has no alerts, so each project is asked; one in which the Monitoring API is off is a gap. Whole when
    every project answered to its end.
    """
    window, projects = source.window, [one.id for one in source.projects]
    answered = 0
    for _, found in source.each(projects, lambda one: list(source.list(ALERTS, project=one))):
        answered += 1
        for one in found:
            opened, closed = moment(one.get("openTime")), moment(one.get("closeTime"))
            if any(at and window.start <= at < window.end for at in (opened, closed)) or opened is None:
                policy = one.get("policy") or {}
                yield Alert(
                    key=one["name"],
                    seen=[one],
                    alert_id=one["name"],
                    source=policy.get("name"),
                    kind=policy.get("displayName"),
                    severity=None if policy.get("severity") == _UNSPECIFIED else policy.get("severity"),
                    status={"OPEN": "not_closed", "CLOSED": "closed"}.get(one.get("state", "")),
                    opened_at=opened,
                    closed_at=closed,
                    target=(one.get("resource") or {}).get("type"),
                )
    source.total("projects asked for alerts", expected=len(projects), found=answered)


@gcp.evidence("gcp.availability.monitors", yields=Monitor, needs=bulk(UPTIME, AUTOSCALER, REGIONAL))
def monitors(source: GcpSource) -> Iterator[Monitor]:
    """Uptime checks and scaling.

    Every uptime check (`uptime`), with what it looks at, and every autoscaler (`scaling`), with the group of machines
    that it scales.

    Whole when each list was read to its end and ties with a second search.
    """
    found = assets(source, UPTIME, AUTOSCALER, REGIONAL)
    for one in found[UPTIME] or ():
        yield Monitor(
            key=one.name,
            seen=[one.seen],
            monitor=str(one.data.get("displayName") or one.name),
            kind="uptime",
            covers=_looked_at(one.data),
            state=None if not one.data else "disabled" if one.data.get("disabled") else "enabled",
        )
    for one in (*(found[AUTOSCALER] or ()), *(found[REGIONAL] or ())):
        mode = (one.data.get("autoscalingPolicy") or {}).get("mode", "ON")
        yield Monitor(
            key=one.name,
            seen=[one.seen],
            monitor=one.name,
            kind="scaling",
            covers=one.data.get("target"),
            state=None if not one.data else "disabled" if mode == "OFF" else "enabled",
        )


def _looked_at(check: Mapping[str, Any]) -> str | None:
    labels = (check.get("monitoredResource") or {}).get("labels") or {}
    return labels.get("host") or labels.get("service_name") or labels.get("instance_id")
