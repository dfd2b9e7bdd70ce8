"""CloudTrail: the event history (moto has none) and organisation trails as member accounts see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.cloudtrail.models import cloudtrail_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

EVENTS = "cloudtrail:events"
_REMEMBERED = timedelta(days=90)
_MOST = 50

# The history can be filtered by one attribute at a time, as at AWS.
_ATTRIBUTES = {
    "EventId": "EventId",
    "EventName": "EventName",
    "EventSource": "EventSource",
    "ReadOnly": "ReadOnly",
    "Username": "Username",
    "AccessKeyId": "AccessKeyId",
}


def lookup_events(asked: Asked) -> Mapping[str, Any]:
    """Events of this account and region, newest first, of at most the last 90 days."""
    start, end = _moment(asked.input.get("StartTime")), _moment(asked.input.get("EndTime"))
    if start and end and start > end:
        raise RefusedError("InvalidTimeRangeException", "StartTime is after EndTime")
    if not 1 <= int(asked.input.get("MaxResults") or _MOST) <= _MOST:
        raise RefusedError("InvalidMaxResultsException", f"MaxResults is at most {_MOST}")
    attributes = asked.input.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise RefusedError("InvalidLookupAttributesException", "Only one lookup attribute is allowed")
    oldest = max(start or datetime.min.replace(tzinfo=UTC), datetime.now(UTC) - _REMEMBERED)
    fitting = [
        event
        for event in (_read(item) for item in asked.items(EVENTS))
        if oldest <= event["EventTime"] <= (end or event["EventTime"])
        and all(_has(event, wanted) for wanted in attributes)
    ]
    fitting.sort(key=lambda event: (event["EventTime"], event["EventId"]), reverse=True)
    return asked.page("Events", fitting, "NextToken", "MaxResults", _MOST)


def describe_trails(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's trails, and the organisation's trails of other accounts that cover this one."""
    result = asked.moto_result()
    if not isinstance(result, dict) or asked.input.get("includeShadowTrails") is False:
        return result
    wanted = asked.input.get("trailNameList") or []
    known = {trail["TrailARN"] for trail in result["trailList"]}
    shadows = [
        _given(trail.description(include_region=True))
        for trail in _organisation_trails()
        if trail.arn not in known
        and (trail.is_multi_region or trail.region_name == asked.call.region)
        and (not wanted or {trail.arn, trail.trail_name} & set(wanted))
    ]
    return {"trailList": [*result["trailList"], *shadows]}


def get_trail_status(asked: Asked) -> Mapping[str, Any] | Answer:
    """The status of a trail; one of another account is found by its ARN, if it is the organisation's."""
    shadow = _shadow(asked, asked.input["Name"])
    if shadow is None:
        return asked.moto_result()
    return _given(shadow.status.description())


def get_event_selectors(asked: Asked) -> Mapping[str, Any] | Answer:
    """The selectors of a trail; AWS has one for management events where none were set, moto has none."""
    shadow = _shadow(asked, asked.input["TrailName"])
    if shadow is None:
        result = asked.moto_result()
        if not isinstance(result, dict):
            return result
    else:
        plain, advanced = shadow.get_event_selectors()
        result = {"TrailARN": shadow.arn, "EventSelectors": plain, "AdvancedEventSelectors": advanced}
    if not result.get("EventSelectors") and not result.get("AdvancedEventSelectors"):
        everything = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
        result["EventSelectors"] = [everything | {"ExcludeManagementEventSources": []}]
    return {name: value for name, value in result.items() if value}


def _given(described: Mapping[str, Any]) -> dict[str, Any]:
    """Without the members that moto fills with nothing, and with moments for its numbers."""
    given = {name: value for name, value in described.items() if value not in {"", None}}
    moments = ("LatestDeliveryTime", "StartLoggingTime", "StopLoggingTime")
    return given | {name: datetime.fromtimestamp(given[name], UTC) for name in moments if name in given}


def _organisation_trails() -> list[Any]:
    return [
        trail
        for regions in list(cloudtrail_backends.values())
        for backend in list(regions.values())
        for trail in backend.trails.values()
        if trail.is_org_trail
    ]


def _shadow(asked: Asked, name: str) -> Any | None:
    foreign = (trail for trail in _organisation_trails() if trail.account_id != asked.call.account)
    return next((trail for trail in foreign if trail.arn == name), None)


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "EventTime": datetime.fromisoformat(item["EventTime"])}


def _has(event: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    key, value = wanted["AttributeKey"], wanted["AttributeValue"]
    if key in _ATTRIBUTES:
        return bool(event.get(_ATTRIBUTES[key]) == value)
    return any(resource.get(key) == value for resource in event.get("Resources", []))


def _moment(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=UTC) if given and given.tzinfo is None else given
