"""What there is: every resource that its tags or AWS Config show, in all regions of an account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.answer import UNSEEN
from collector.model import Cause
from collector.records import Asset, LogSource
from connectors.aws import aws
from connectors.aws.changes.configuration import recorded, records
from connectors.aws.tags import GET_RESOURCES, labels, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

SELECT = "SELECT arn, resourceType, resourceId, awsRegion, resourceCreationTime, configurationItemCaptureTime, tags"
_SETTLING = timedelta(hours=1)
_VERDICTS = ("AWS::Config::ResourceCompliance", "AWS::Config::ConformancePackCompliance")
"""AWS Config shows the outcomes of its rules among the resources."""
BY_TAGS, BY_CONFIGURATION = "tags", "configuration"


class Recorder(NamedTuple):
    """What AWS Config records in one region, and what it has."""

    place: str
    enabled: bool | None
    events: tuple[str, ...] | None
    follows: bool
    """Whether it records each change at once; a daily one knows what was there up to a day ago."""
    seen: tuple[Answer, ...]
    items: tuple[Item, ...]


class Item(NamedTuple):
    """One resource as AWS Config has it."""

    told: Mapping[str, Any]
    seen: Answer
    place: str

    @property
    def key(self) -> str:
        """Its ARN; what has none is known by type, id and region."""
        arn = str(self.told.get("arn") or "").removesuffix(":*")
        return arn or " ".join(str(self.told.get(name)) for name in ("resourceType", "resourceId", "awsRegion"))

    @property
    def tags(self) -> dict[str, str]:
        """As a mapping; Config writes their names with small letters."""
        return {one["key"]: one.get("value") or "" for one in self.told.get("tags") or () if one.get("key")}


@dataclass(slots=True)
class Shown:
    """One resource in the answers of either list, or of both."""

    place: str
    mapping: Answer
    item: Item | None = None


@aws.evidence(
    "aws.resources.inventory",
    yields=(Asset, LogSource),
    needs=[
        "ec2:DescribeRegions",
        GET_RESOURCES,
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "config:SelectResourceConfig",
    ],
)
def inventory(source: AwsSource) -> Iterator[Asset | LogSource]:
    """Asset inventory with owner and data-class tags.

    Every resource of the account, in every enabled region, that either of two lists shows: the tagging interface, which
    lists only what has or had tags, and the current state in AWS Config, which has what was never tagged. Environment,
    class and owner are what its tags say; one without the environment's tag is in its account's environment.
    `listed_by` says which list shows it, so each difference between them is a row; it is null where either could not be
    read.

    And one row for each region that says whether AWS Config records there, and which types (`configuration_history`).
    Where it does not record, it is not asked, and resources that were never tagged are not in this list.

    Complete when both lists were read to their end, and a total ties: of the kinds of resources that both lists show,
    each one that has tags in AWS Config is known by its tags. It counts where changes are recorded as they happen, and
    leaves out what changed within the last hour. A resource that was deleted between the readings shows as a
    difference.

    Not in it: types that neither list knows, what is inside a resource, and, of what was never tagged, what AWS Config
    does not record. The tagging interface may show what was deleted a short time ago.
    """
    by_tags = dict(source.each(source.regions, lambda region: list(_tagged(source.at(region)))))
    recorders = [one for _, one in source.each(source.regions, lambda region: _recorder(source.at(region)))]
    found: dict[str, Shown] = {}
    for region, mappings in by_tags.items():
        for mapping in mappings:
            found.setdefault(mapping["ResourceARN"], Shown(region, mapping))
    for recorder in recorders:
        for item in recorder.items:
            shown = found.setdefault(item.key, Shown(item.place, UNSEEN))
            shown.item = shown.item or item
    whole = len(by_tags) == len(source.regions)
    compared = {one.place for one in recorders if one.enabled is not None} if whole else set()
    for key, shown in found.items():
        yield _asset(source, key, shown, compared=shown.place in compared)
    for recorder in recorders:
        yield _row(recorder)
    if whole:
        _tie(source, {arn for arn, shown in found.items() if shown.mapping.seen}, recorders)


def kind(key: str) -> str:
    """What a resource is, as its ARN has it: `ec2:instance`, `s3`; for what has none, AWS Config's word."""
    if not key.startswith("arn:"):
        return key.partition(" ")[0]
    *_, service, _, _, rest = key.split(":", 5)
    words = rest.strip("/").replace(":", "/").split("/")
    return f"{service}:{words[0]}" if len(words) > 1 else service


def _tagged(source: AwsSource) -> Iterator[Answer]:
    service, operation = GET_RESOURCES.split(":")
    return source.list(service, operation, "ResourceTagMappingList", ResourcesPerPage=100)


def _recorder(source: AwsSource) -> Recorder:
    """What the region's own recorder records; its resources where it is on, since those of one that is off are old."""
    listed = source.get("config", "DescribeConfigurationRecorders", "ConfigurationRecorders")
    own = next((one for one in listed["ConfigurationRecorders"] if not one.get("servicePrincipal")), None)
    if own is None:
        return Recorder(source.place, enabled=False, events=None, follows=False, seen=(listed,), items=())
    status = source.look("config", "DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus")
    enabled = records(status, own.get("name"))
    return Recorder(
        source.place,
        enabled=enabled,
        events=recorded(own.get("recordingGroup") or {}),
        follows="DAILY" not in json.dumps(own.get("recordingMode") or {}),
        seen=(listed, status),
        items=tuple(_items(source)) if enabled else (),
    )


def _items(source: AwsSource) -> Iterator[Item]:
    """Each result is a document of its own."""
    for answer in source.list("config", "SelectResourceConfig", "Results", Expression=SELECT, Limit=100):
        try:
            told = json.loads(answer["value"])
        except ValueError:
            told = None
        if not isinstance(told, dict) or not told.get("resourceType"):
            source.gap(Cause.TRUNCATED, f"config:SelectResourceConfig ({source.place})", "a result cannot be read")
        elif told["resourceType"] not in _VERDICTS:
            yield Item(told, answer, source.place)


def _asset(source: AwsSource, key: str, shown: Shown, *, compared: bool) -> Asset:
    """`compared`: both lists could be read, so that what one of them lacks is not in it."""
    item = shown.item
    tags = plain(shown.mapping.get("Tags")) if shown.mapping.seen else item.tags if item else None
    lists = ((BY_TAGS, shown.mapping.seen), (BY_CONFIGURATION, item is not None))
    return Asset(
        key=key,
        seen=[answer for answer in (shown.mapping, item.seen if item else UNSEEN) if answer.seen],
        asset_id=key,
        type=kind(key),
        place=shown.place,
        first_seen_at=_moment(item.told.get("resourceCreationTime")) if item else None,
        listed_by=tuple(name for name, there in lists if there) if compared else None,
        **labels(source, tags),
    )


def _row(recorder: Recorder) -> LogSource:
    return LogSource(
        key=f"configuration recorder in {recorder.place}",
        seen=recorder.seen,
        source=f"configuration recorder in {recorder.place}",
        kind="configuration_history",
        enabled=recorder.enabled,
        covers="region",
        place=recorder.place,
        all_regions=False,
        events=recorder.events,
    )


def _tie(source: AwsSource, by_tags: set[str], recorders: list[Recorder]) -> None:
    """What AWS Config knows to have tags is known by them. A kind that only one list has shows nothing of the other."""
    kinds, limit = {kind(arn) for arn in by_tags}, source.now - _SETTLING
    with_tags = {
        item.key
        for recorder in recorders
        if recorder.follows
        for item in recorder.items
        if item.tags
        and kind(item.key) in kinds
        and (_moment(item.told.get("configurationItemCaptureTime")) or limit) <= limit
    }
    source.total(
        "resources with tags in AWS Config = known by their tags",
        expected=len(with_tags),
        found=len(with_tags & by_tags),
    )


def _moment(given: object) -> datetime | None:
    """A time as AWS Config writes it; None where it is none."""
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    return at if at.tzinfo else None
