"""Which events raise an alert, and whom it tells: CloudWatch alarms and rules of EventBridge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from collector.connector import Per
from collector.records import AlertRule
from connectors.aws import aws
from connectors.aws.monitoring.alert_routes import ROUTE_NEEDS, Route, Told, Topics, is_topic, only_steers, together
from connectors.aws.monitoring.event_classes import ANY, GLOBAL_SERVICES, OTHER, of_event_pattern
from connectors.aws.monitoring.watched_logs import WATCH_NEEDS, Watched, any_on, watched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.monitoring.event_classes import Waits

METRIC = "metric"
_HOME_OF_GLOBAL = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})
"""Where the events of global services show up, in each of AWS's partitions."""
_ON = {"ENABLED": True, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": True, "DISABLED": False}
_NAMED_IN = re.compile(r'\bALARM\s*\(\s*(?:"([^"]+)"|\'([^\']+)\'|([^)\s]+))\s*\)')


class Raised(NamedTuple):
    """The alarms of one region, and what else hears of them."""

    parents: dict[str, list[tuple[Answer, bool]]]
    """By the name or ARN of an alarm: composite alarms that wait for it, and whether it alone is enough for them."""
    forwarded: bool
    """Whether a rule of EventBridge hears of alarms: then an alarm may reach somebody that way."""


@aws.evidence(
    "aws.alerting.rules",
    yields=AlertRule,
    needs=[
        *WATCH_NEEDS,
        "cloudwatch:DescribeAlarms",
        "events:ListRules",
        "events:ListTargetsByRule",
        *ROUTE_NEEDS,
    ],
    per=Per.PLACE,
)
def rules(source: AwsSource) -> Iterator[AlertRule]:
    """Alarm rules and where they notify.

    Population, in each enabled region: every CloudWatch alarm on a metric and every composite alarm, and every rule of
    EventBridge on the default bus that waits for events of a class that is known here, for any event, or that tells a
    topic of SNS. An alarm on a metric that metric filters make of logs has a row for each class of event that their
    patterns name; any other alarm is of the class `metric`. It `covers` the account where a trail of all regions sends
    management events to such a group of logs, and `stream` is then that group; a rule of EventBridge covers its region,
    and the account where all that it waits for are global services. A pattern that also asks for a user, an address or
    the like sees a part, and what it covers is not given.

    Each rule is followed to topics of the same account and region, and from there to subscriptions:
    `destination_confirmed` is whether one is confirmed. One that waits for confirmation, a topic that is gone, an alarm
    without an action or with its actions switched off tells nobody, unless a composite alarm waits for that alarm alone
    or a rule of EventBridge hears of alarms. A topic of another account is not looked into, nor is a function, a bus, a
    response plan or anything else that is no topic: then it is not known to be confirmed. An alarm on logs is off where
    every trail that fills them is.

    Left out, and counted: alarms on plain metrics that act on machines alone; rules of EventBridge that run by the
    clock, that a service of AWS keeps for itself, or that wait for other events and tell no topic. Not in it: alarms on
    queries of logs, other buses, and whether thresholds are right. Addresses of subscribers are not kept.

    Complete when every list was read to its last page in every enabled region.
    """
    logs = watched(source)
    kinds = ("MetricAlarms", "CompositeAlarms")
    alarms = list(source.lists("cloudwatch", "DescribeAlarms", kinds, AlarmTypes=["CompositeAlarm", "MetricAlarm"]))
    listed = list(source.list("events", "ListRules", "Rules"))
    waiting = [(one, of_event_pattern(one["EventPattern"])) for one in listed if _ours(one)]
    targets = {
        rule["Arn"]: found
        for (rule, _), found in source.each(
            waiting, lambda one: list(source.list("events", "ListTargetsByRule", "Targets", Rule=one[0]["Name"]))
        )
    }
    named = [arn for _, one in alarms for arn in one.get("AlarmActions") or ()]
    topics = Topics(source, [*named, *(one["Arn"] for found in targets.values() for one in found)])
    raised = Raised(
        _parents([one for kind, one in alarms if kind == "CompositeAlarms"]),
        any(_ON.get(one.get("State", "")) is not False and _hears(waits) for one, waits in waiting),
    )
    kept = 0
    for kind, alarm in alarms:
        seen = logs.of_alarm(alarm) if kind == "MetricAlarms" else []
        if seen or not only_steers(alarm):
            kept += 1
            yield from _alarm_rows(alarm, seen, _told(alarm, topics, raised))
    steering = sum(only_steers(one) and not logs.of_alarm(one) for _, one in alarms)
    source.total(
        "alarms listed = rules + those that act on machines alone", expected=len(alarms), found=kept + steering
    )
    for rule, waits in waiting:
        yield from _event_rows(source, rule, waits, targets.get(rule["Arn"]), topics)


def _alarm_rows(alarm: Answer, seen: Sequence[Watched], told: Told) -> Iterator[AlertRule]:
    classes = {one for each in seen for one in each.waits.classes} or {METRIC}
    for event_class in sorted(classes, key=str):
        mine = [one for one in seen if event_class in one.waits.classes]
        # A filter that is fed comes first: what one that is not would see counts for nothing.
        best = max(mine, key=lambda one: (one.on is True, bool(one.stream), bool(one.covers)), default=None)
        yield AlertRule(
            key=f"{alarm['AlarmArn']} {event_class or 'any'}",
            seen=[alarm, *(answer for one in mine for answer in one.seen), *told.seen],
            rule=alarm["AlarmName"],
            rule_id=alarm["AlarmArn"],
            covers=best.covers if best else None,
            event_class=event_class,
            enabled=any_on([one.on for one in mine]) if mine else True,
            destinations=told.destinations,
            destination_confirmed=told.live,
            stream=best.stream if best else None,
        )


def _event_rows(
    source: AwsSource, rule: Answer, waits: Waits, targets: list[Answer] | None, topics: Topics
) -> Iterator[AlertRule]:
    arns = [one["Arn"] for one in targets or ()]
    if waits.classes == (OTHER,) and not any(map(is_topic, arns)):
        return
    routes = [Route((), live=None, read=False)] if targets is None else [topics.follow(one) for one in arns]
    told = together(routes)
    everywhere = source.place in _HOME_OF_GLOBAL and waits.services and waits.services <= GLOBAL_SERVICES
    for event_class in waits.classes:
        yield AlertRule(
            key=f"{rule['Arn']} {event_class or 'any'}",
            seen=[rule, *(targets or ()), *told.seen],
            rule=rule["Name"],
            rule_id=rule["Arn"],
            covers=(source.account if everywhere else f"{source.account} {source.place}") if waits.whole else None,
            event_class=event_class,
            enabled=_ON.get(rule.get("State", "")),
            destinations=told.destinations,
            destination_confirmed=told.live,
        )


def _told(alarm: Answer, topics: Topics, raised: Raised) -> Told:
    """Whom an alarm tells: by its own actions, by composite alarms that wait for it, by rules that hear of alarms."""
    told = together(_routes(alarm, topics, raised, frozenset()))
    return told._replace(live=None) if told.live is False and raised.forwarded else told


def _routes(alarm: Answer, topics: Topics, raised: Raised, below: frozenset[str]) -> list[Route]:
    """`below` are the alarms that led here: composite alarms may be made of each other, and even in a circle."""
    routes = _own_routes(alarm, topics)
    for name in (alarm["AlarmName"], alarm["AlarmArn"]):
        for parent, alone in raised.parents.get(name, ()):
            if parent["AlarmArn"] not in below:
                found = together(_routes(parent, topics, raised, below | {alarm["AlarmArn"]}))
                live = found.live if alone or found.live is False else None
                whole = found.destinations is not None
                routes.append(Route(found.destinations or (), live, (parent, *found.seen), whole))
    return routes


def _own_routes(alarm: Answer, topics: Topics) -> list[Route]:
    switched = alarm.get("ActionsEnabled")
    if switched is False:
        return []
    found = [topics.follow(one) for one in alarm.get("AlarmActions") or ()]
    return found if switched else [one._replace(live=None if one.live else one.live) for one in found]


def _parents(composite: Sequence[Answer]) -> dict[str, list[tuple[Answer, bool]]]:
    found: dict[str, list[tuple[Answer, bool]]] = {}
    for one in composite:
        text = str(one.get("AlarmRule") or "")
        alone = not re.search(r"\b(AND|NOT|FALSE)\b", _NAMED_IN.sub("", text)) and not one.get("ActionsSuppressor")
        for names in _NAMED_IN.findall(text):
            found.setdefault(next(filter(None, names)), []).append((one, alone))
    return found


def _ours(rule: Answer) -> bool:
    return bool(rule.get("EventPattern")) and not rule.get("ManagedBy")


def _hears(waits: Waits) -> bool:
    """Whether a rule of EventBridge may wait for a change of an alarm's state."""
    anyone = not waits.services or any("*" in one for one in waits.services)
    return "cloudwatch" in waits.services or (waits.classes == (ANY,) and anyone)
