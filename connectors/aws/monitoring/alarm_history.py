"""CloudWatch: which alarms fired, and how long each lasted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.connector import Per
from collector.model import Cause, Kind
from collector.records import Alert
from connectors.aws import aws
from connectors.aws.monitoring.alert_routes import only_steers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

KEPT = 14
"""AWS's guides speak of two weeks, and newer ones of more; it is asked for what all of them promise."""
_FIRES = "ALARM"
_TYPES = ("CompositeAlarm", "MetricAlarm")
_CHANGED = re.compile(r" from (\w+) to (\w+)\W*$")


class Fired(NamedTuple):
    """An alarm from the moment it fired: the change that began it, and the one that ended it."""

    began: Answer
    ended: Answer | None = None


@aws.evidence(
    "aws.alerting.history",
    yields=Alert,
    needs=["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
    shares=["cloudwatch:DescribeAlarms"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=KEPT,
    late_minutes=KEPT * 24 * 60,
)
def history(source: AwsSource) -> Iterator[Alert]:
    """Alarms that fired.

    Population, in each enabled region: each time inside the window that an alarm on a metric or a composite alarm went
    into the state ALARM, also of alarms that are deleted by now. It is `closed` from when the alarm left that state,
    `not_closed` until then: CloudWatch tells nothing of people, neither whether nor when somebody took it up. An alarm
    has no severity either. All that the source remembers is asked for each time, since an alert ends after it began.

    Left out, and counted: alarms that by their actions of today act on machines alone, as those of scaling do.

    Complete when the history was read to its last page in every enabled region, for both kinds of alarm.
    """
    kinds = ("MetricAlarms", "CompositeAlarms")
    listed = source.lists("cloudwatch", "DescribeAlarms", kinds, AlarmTypes=list(_TYPES))
    steering = {one["AlarmName"] for _, one in listed if only_steers(one)}
    for kind in _TYPES:
        fired, kept, left_out = list(_fired(source, kind)), 0, 0
        for one in fired:
            if one.began["AlarmName"] in steering:
                left_out += 1
            else:
                yield _alert(one, kind, source.place)
                kept += 1
        source.total("times fired = alerts + those of machines", expected=len(fired), found=kept + left_out)


def _fired(source: AwsSource, kind: str) -> Iterator[Fired]:
    window = source.window
    going: dict[str, Answer] = {}
    changes = source.list(
        "cloudwatch",
        "DescribeAlarmHistory",
        "AlarmHistoryItems",
        # One kind at a time: AWS documents that it answers for the one or the other.
        AlarmTypes=[kind],
        HistoryItemType="StateUpdate",
        StartDate=window.start,
        EndDate=window.end,
        ScanBy="TimestampAscending",
    )
    for change in changes:
        if change.get("AlarmType", kind) != kind:
            continue  # it comes with its own kind
        name, state = change["AlarmName"], became(change)
        if state is None:
            source.gap(Cause.TRUNCATED, name, f"which state it went into {change.get('Timestamp')} cannot be read")
        elif state == _FIRES and change["Timestamp"] < window.end:
            going.setdefault(name, change)
        elif name in going:
            yield Fired(going.pop(name), change)
    yield from map(Fired, going.values())


def became(change: Mapping[str, Any]) -> str | None:
    """The state that an alarm went into; None where neither the change nor its summary tells."""
    try:
        told = json.loads(change.get("HistoryData") or "")["newState"]["stateValue"]
    except (ValueError, LookupError, TypeError):
        # CloudWatch cuts what is too long: then the summary still has it.
        found = _CHANGED.search(change.get("HistorySummary") or "")
        return found[2] if found else None
    return str(told)


def _alert(fired: Fired, kind: str, place: str) -> Alert:
    began, ended = fired
    name, at = began["AlarmName"], began["Timestamp"]
    return Alert(
        key=f"{place} {name} {at.isoformat()}",
        seen=[began, *([ended] if ended else [])],
        alert_id=f"{place} {name} {at.isoformat()}",
        source=name,
        kind=kind,
        status="closed" if ended else "not_closed",
        opened_at=at,
        closed_at=ended["Timestamp"] if ended else None,
    )
