"""Which audit trails record what is done in an account, and whether they deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import LogSource
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

READING, WRITING = "reading", "writing"
BOTH = frozenset({READING, WRITING})
READ_WRITE = {"All": BOTH, "ReadOnly": frozenset({READING}), "WriteOnly": frozenset({WRITING})}
NO_LOSS = frozenset({"kms.amazonaws.com", "rdsdata.amazonaws.com"})
"""The two noisy services that AWS itself offers to leave out of management events."""
_ACCOUNT = 4
"""The part of an ARN that is the account."""


@aws.evidence(
    "aws.cloudtrail.trails",
    yields=LogSource,
    needs=[
        "ec2:DescribeRegions",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
    ],
)
def trails(source: AwsSource) -> Iterator[LogSource]:
    """Audit trails and whether they are delivering.

    Population: every CloudTrail trail that the account has in any of its enabled regions, and every trail of the
    organisation that covers it. A trail that shows up in several regions, or in several accounts, is one row in each
    account, by its ARN. An account without any trail has no row; the answer of each of its regions is kept.

    A trail is enabled when it is logging now, and records both reading and writing management events of all services
    (AWS KMS and the RDS Data API may be left out). What data events it records is not asked. `covers` is the
    organisation, the account (all its regions) or the region of the trail. `delivered_at` is the last delivery to its
    bucket; `stream` the group of CloudWatch Logs to which it sends each event, and `stream_unit` that group's account.

    Complete when every enabled region answered. State and selectors are asked by ARN in the trail's home region, which
    AWS lets member accounts do for the organisation's trails; where it refuses, the trail stays, what was refused is
    not known, and a gap names it.
    """
    found: dict[str, tuple[str, Answer]] = {}
    answered = 0
    for region, shown in source.each(source.regions, lambda region: _described(source.at(region))):
        answered += 1
        for trail in shown:
            home = trail.get("HomeRegion")
            found.setdefault(trail["TrailARN"], (home if home in source.regions else region, trail))
    source.total("regions asked for trails", expected=len(source.regions), found=answered)
    for _, record in source.each(found.values(), lambda one: _trail(source.at(one[0]), one[1])):
        yield record


def management_events(selectors: Mapping[str, Any]) -> frozenset[str]:
    """Which management events a trail records in full: reading, writing, both or none."""
    recorded: set[str] = set()
    for plain in selectors.get("EventSelectors") or ():
        if plain.get("IncludeManagementEvents") and NO_LOSS.issuperset(
            plain.get("ExcludeManagementEventSources") or ()
        ):
            recorded |= READ_WRITE.get(plain.get("ReadWriteType", ""), frozenset())
    for advanced in selectors.get("AdvancedEventSelectors") or ():
        recorded |= _selected({field["Field"]: field for field in advanced.get("FieldSelectors") or ()})
    return frozenset(recorded)


def _selected(fields: dict[str, Mapping[str, Any]]) -> frozenset[str]:
    """The same for one advanced selector: any condition that we do not know narrows it, so it counts for nothing."""
    category = fields.pop("eventCategory", {})
    reading = fields.pop("readOnly", {"Equals": ["true", "false"]})
    services = fields.pop("eventSource", {})
    whole = NO_LOSS.issuperset(services.get("NotEquals") or ()) and not set(services) - {"Field", "NotEquals"}
    if fields or not whole or category.get("Equals") != ["Management"]:
        return frozenset()
    kinds = {"true": READING, "false": WRITING}
    return frozenset(kinds[value] for value in reading.get("Equals") or () if value in kinds)


def log_group(trail: Mapping[str, Any]) -> str | None:
    """The group of CloudWatch Logs that a trail sends its events to, by ARN, as the group itself is named."""
    return str(trail.get("CloudWatchLogsLogGroupArn") or "").removesuffix(":*") or None


def _described(source: AwsSource) -> list[Answer]:
    return list(source.list("cloudtrail", "DescribeTrails", "trailList", includeShadowTrails=True))


def _trail(source: AwsSource, trail: Answer) -> LogSource:
    arn = trail["TrailARN"]
    state = source.look("cloudtrail", "GetTrailStatus", "IsLogging", Name=arn)
    selectors = source.look("cloudtrail", "GetEventSelectors", "TrailARN", TrailName=arn)
    everywhere = trail.get("IsMultiRegionTrail")
    stream = log_group(trail)
    return LogSource(
        key=arn,
        seen=[trail, state, selectors],
        source=arn,
        kind="admin_activity",
        enabled=_enabled(state.get("IsLogging"), selectors.tell(lambda seen: management_events(seen) == BOTH)),
        covers=_covers(trail),
        place=trail.get("HomeRegion"),
        all_regions=everywhere,
        destination=trail.get("S3BucketName"),
        integrity_check=trail.get("LogFileValidationEnabled"),
        delivered_at=state.get("LatestDeliveryTime"),
        stream=stream,
        stream_unit=stream.split(":")[_ACCOUNT] if stream else None,
    )


def _covers(trail: Answer) -> str | None:
    if trail.get("IsOrganizationTrail"):
        return "organisation"
    return {True: "account", False: "region", None: None}[trail.get("IsMultiRegionTrail")]


def _enabled(*needed: bool | None) -> bool | None:
    """False when anything needed is missing; otherwise None when anything is not known."""
    return False if False in needed else None if None in needed else True
