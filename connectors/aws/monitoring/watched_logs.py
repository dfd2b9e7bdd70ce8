"""Metric filters: what is counted in logs, and whose events come there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connectors.aws.monitoring.event_classes import ANY, Waits, of_filter
from connectors.aws.monitoring.trail import WRITING, log_group, management_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

WATCH_NEEDS = (
    "logs:DescribeMetricFilters",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
)
_REGION, _ACCOUNT, _NAME = 3, 4, 6
"""Parts of the ARN of a group of logs."""


class Watched(NamedTuple):
    """One metric filter: what it waits for, in whose events, and whether any come."""

    waits: Waits
    covers: str | None
    on: bool | None
    stream: str | None
    seen: tuple[Answer, ...]


class Feed(NamedTuple):
    """A trail that fills a group of logs."""

    group: str
    covers: str | None
    on: bool | None
    whole: bool
    seen: tuple[Answer, ...]


class Logs:
    """The metric filters of one region, by the metric that each makes."""

    def __init__(self, account: str, filters: Sequence[Answer], feeds: Mapping[str, Sequence[Feed]]) -> None:
        """`feeds`: by the name of a group of logs, the trails that fill it."""
        self._account = account
        self._by_metric: dict[tuple[str, str], list[Watched]] = {}
        for one in filters:
            for made in one.get("metricTransformations") or ():
                metric = made["metricNamespace"], made["metricName"]
                self._by_metric.setdefault(metric, []).append(_watched(one, feeds.get(one["logGroupName"], ())))

    def of_alarm(self, alarm: Answer) -> list[Watched]:
        """The filters behind the metrics that an alarm looks at; of another account's metric nothing is known."""
        found: list[Watched] = []
        for namespace, name, account in _metrics(alarm):
            if account in {None, self._account}:
                found += self._by_metric.get((namespace, name), ())
            elif not namespace.startswith("AWS/"):
                found.append(Watched(Waits((ANY,), whole=False), None, None, None, ()))
        return found


def watched(source: AwsSource) -> Logs:
    """Every metric filter of the region, and the trails that fill its groups of logs; without a filter, no trail."""
    filters = list(source.list("logs", "DescribeMetricFilters", "metricFilters"))
    feeds: dict[str, list[Feed]] = {}
    for group, feed in _feeds(source) if filters else ():
        feeds.setdefault(group, []).append(feed)
    return Logs(source.account, filters, feeds)


def _feeds(source: AwsSource) -> Iterator[tuple[str, Feed]]:
    trails = source.list("cloudtrail", "DescribeTrails", "trailList", includeShadowTrails=True)
    for trail in trails:
        group = log_group(trail)
        parts = (group or "").split(":")
        if group and parts[_REGION : _ACCOUNT + 1] == [source.place, source.account]:
            yield parts[_NAME], _feed(source, trail, group)


def _feed(source: AwsSource, trail: Answer, group: str) -> Feed:
    home = trail.get("HomeRegion")
    there = source.at(home) if home in source.regions else source
    state = there.look("cloudtrail", "GetTrailStatus", "IsLogging", Name=trail["TrailARN"])
    selectors = there.look("cloudtrail", "GetEventSelectors", "TrailARN", TrailName=trail["TrailARN"])
    writing = selectors.tell(lambda seen: WRITING in management_events(seen))
    everywhere = trail.get("IsMultiRegionTrail")
    return Feed(
        group,
        (source.account if everywhere else f"{source.account} {home}") if writing else None,
        state.get("IsLogging"),
        whole=bool(writing and everywhere),
        seen=(trail, state, selectors),
    )


def _watched(metric_filter: Answer, feeds: Sequence[Feed]) -> Watched:
    waits = of_filter(str(metric_filter.get("filterPattern") or ""))
    best = max(feeds, key=lambda one: (one.on is True, one.whole, one.covers is not None), default=None)
    return Watched(
        waits,
        best.covers if best and waits.whole else None,
        any_on([one.on for one in feeds]) if feeds else True,
        best.group if best and best.whole and waits.whole else None,
        (metric_filter, *(answer for one in feeds for answer in one.seen)),
    )


def _metrics(alarm: Answer) -> Iterator[tuple[str, str, str | None]]:
    if alarm.get("MetricName"):
        yield str(alarm.get("Namespace")), str(alarm["MetricName"]), None
    for one in alarm.get("Metrics") or ():
        metric = (one.get("MetricStat") or {}).get("Metric") or {}
        if metric:
            yield str(metric.get("Namespace")), str(metric.get("MetricName")), one.get("AccountId")


def any_on(states: Sequence[bool | None]) -> bool | None:
    """Whether one of several is on; None where none is known to be, and not all are known."""
    return True if True in states else None if None in states else False
