"""CloudWatch alarms: composite ones, which kinds are asked for, and pages, all of which moto leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.paging import offset_in, token_at
from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

HISTORY = "cloudwatch:history"
COMPOSITE = "cloudwatch:composite"
_KINDS = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms"}
_USUAL, _MOST = 50, 100
_REMEMBERED = timedelta(days=14)


def describe_alarms(asked: Asked) -> Mapping[str, Any] | Answer:
    """Alarms of the kinds asked for: of metrics alone where none is named. One page holds both kinds."""
    size = _size(asked)
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    result["CompositeAlarms"] = asked.items(COMPOSITE)
    wanted = asked.input.get("AlarmTypes") or ["MetricAlarm"]
    labelled = [(kind, one) for name, kind in _KINDS.items() if name in wanted for one in result.get(kind) or ()]
    start = offset_in(asked.input.get("NextToken"))
    page: dict[str, Any] = {kind: [] for kind in _KINDS.values()}
    for kind, one in labelled[start : start + size]:
        page[kind].append(one)
    if start + size < len(labelled):
        page["NextToken"] = token_at(start + size)
    return page


def describe_alarm_history(asked: Asked) -> Mapping[str, Any]:
    """What was noted of the alarms of these kinds in that time, newest first unless asked otherwise."""
    oldest = datetime.now(UTC) - _REMEMBERED
    start, end = (_utc(asked.input.get(name)) for name in ("StartDate", "EndDate"))
    wanted = asked.input.get("AlarmTypes") or ["MetricAlarm"]
    kind = asked.input.get("HistoryItemType")
    items = [
        one
        for one in ({**item, "Timestamp": datetime.fromisoformat(item["Timestamp"])} for item in asked.items(HISTORY))
        if max(start or oldest, oldest) <= one["Timestamp"] <= (end or one["Timestamp"])
        and one["AlarmType"] in wanted
        and kind in {None, one["HistoryItemType"]}
    ]
    backwards = asked.input.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    items.sort(key=lambda one: (one["Timestamp"], one["AlarmName"]), reverse=backwards)
    return asked.page("AlarmHistoryItems", items, "NextToken", "MaxRecords", _size(asked))


def _size(asked: Asked) -> int:
    size = int(asked.input.get("MaxRecords") or _USUAL)
    if not 1 <= size <= _MOST:
        raise RefusedError("ValidationError", f"MaxRecords must be between 1 and {_MOST}")
    return size


def _utc(given: datetime | str | None) -> datetime | None:
    at = datetime.fromisoformat(given) if isinstance(given, str) else given
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
