"""Which logs AWS keeps of a bucket's objects: S3's own access logs, and the data events of CloudTrail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from collector.archive.access import AccessLog, Kept
from collector.archive.s3_calls import code_of
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.archive.places import Bucket
    from collector.archive.s3_calls import S3Calls

SERVER_LOGS, DATA_EVENTS = "S3 server access logs", "CloudTrail data events"
_OBJECTS = "AWS::S3::Object"
_JUDGED = {"eventCategory", "resources.type", "resources.ARN", "readOnly"}


def access_logs(calls: S3Calls) -> tuple[AccessLog, ...]:
    """As `Place.access_logs`."""
    return _server_logs(calls), _data_events(calls)


def _server_logs(calls: S3Calls) -> AccessLog:
    name, said = calls.bucket.name, list[bytes]()

    def keep(response_dict: Mapping[str, Any], **_: Any) -> None:  # noqa: ANN401 - botocore's
        said.append(bytes(response_dict["body"]))

    calls.client.meta.events.register("before-parse.s3.GetBucketLogging", keep)
    try:
        with calls.explained("GetBucketLogging"):
            found = calls.client.get_bucket_logging(Bucket=name).get("LoggingEnabled")
    except ArchiveError as error:
        return AccessLog(SERVER_LOGS, Kept.UNKNOWN, f"{error}; it takes s3:GetBucketLogging")
    finally:
        calls.client.meta.events.unregister("before-parse.s3.GetBucketLogging", keep)
    if found:
        where = f"s3://{found['TargetBucket']}/{found.get('TargetPrefix') or ''}"
        return AccessLog(SERVER_LOGS, Kept.ON, f"into {where}", f"ask the owner of {where} for the days in question")
    # botocore reads an empty body as an answer that has nothing in it; what says "off" has its own element.
    if not said or b"BucketLoggingStatus" not in said[-1]:
        return AccessLog(
            SERVER_LOGS, Kept.UNKNOWN, f"GetBucketLogging of {calls.bucket} was answered by something else"
        )
    wanted = f"aws s3api put-bucket-logging --bucket {name} --bucket-logging-status …"
    return AccessLog(SERVER_LOGS, Kept.OFF, f"turn it on, into a bucket of somebody else: {wanted}")


def _data_events(calls: S3Calls) -> AccessLog:
    if calls.bucket.endpoint:
        told = f"CloudTrail does not see {calls.bucket.endpoint}; ask whoever runs that server for its log"
        return AccessLog(DATA_EVENTS, Kept.UNKNOWN, told)
    region = calls.client.meta.region_name
    try:
        with _explained("DescribeTrails"):
            listed: Sequence[Mapping[str, Any]] = _trails(region).describe_trails(includeShadowTrails=True)["trailList"]
    except ArchiveError as error:
        return AccessLog(DATA_EVENTS, Kept.UNKNOWN, f"{error}; it takes cloudtrail:DescribeTrails")
    found = _Found()
    for trail in listed:
        found.look(trail, calls.bucket)
    if found.on:
        ask = f"ask the owner of {', '.join(dict.fromkeys(found.owners))} for them"
        return AccessLog(DATA_EVENTS, Kept.ON, "; ".join([*found.on, *found.reads, *found.unread]), ask)
    if found.unread:
        return AccessLog(DATA_EVENTS, Kept.UNKNOWN, "; ".join([*found.unread, *found.reads]))
    told = (
        f"no trail that records {region} has writes of the bucket's objects among its data events; add them to one "
        "(event data stores of CloudTrail Lake are not looked at)"
    )
    return AccessLog(DATA_EVENTS, Kept.OFF, "; ".join([told, *found.reads]))


@dataclass
class _Found:
    """What the trails say of the bucket's objects."""

    on: list[str] = field(default_factory=list)
    """Those that record who writes and deletes."""
    reads: list[str] = field(default_factory=list)
    """Those that record nothing but who reads."""
    owners: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def look(self, trail: Mapping[str, Any], bucket: Bucket) -> None:
        """Take in one trail, which its own region is asked about; one that is switched off records nothing."""
        try:
            with _explained("DescribeTrails"):
                name, arn, trails = trail["Name"], trail["TrailARN"], _trails(trail["HomeRegion"])
            with _explained(f"GetEventSelectors of {name}"):
                seen, doubtful = recorded(trails.get_event_selectors(TrailName=arn), bucket)
            with _explained(f"GetTrailStatus of {name}"):
                if not (seen or doubtful) or not trails.get_trail_status(Name=arn)["IsLogging"]:
                    return
        except ArchiveError as error:
            self.unread.append(f"{error}; it takes cloudtrail:GetEventSelectors and cloudtrail:GetTrailStatus")
            return
        if seen == ["reads"]:
            self.reads.append(f"the trail {name} records reads alone")
        elif seen:
            self.on.append(f"{' and '.join(seen)} by the trail {name}")
            self.owners.append(f"s3://{trail.get('S3BucketName', '…')}/{trail.get('S3KeyPrefix', '')}")
        if doubtful:
            self.unread.append(f"the trail {name} chooses by {doubtful}, which is not judged here")


def _trails(region: str) -> Any:  # noqa: ANN401 - boto3 has no types
    return boto3.session.Session().client("cloudtrail", region_name=region)


def recorded(selected: Mapping[str, Any], bucket: Bucket) -> tuple[list[str], str]:
    """What a trail records of the bucket's objects, `writes`, `reads`; and by what else it chooses, not judged here."""
    seen: set[str] = set()
    doubtful: set[str] = set()
    simple, fine = selected.get("EventSelectors"), selected.get("AdvancedEventSelectors")
    if simple is None and fine is None:
        raise ArchiveError("GetEventSelectors was answered by no selectors")
    for one in simple or ():
        values = [v for data in one.get("DataResources", ()) if data["Type"] == _OBJECTS for v in data["Values"]]
        if any(_covers(value, bucket) for value in values):
            seen |= _kinds(one.get("ReadWriteType", "All"))
    for one in fine or ():
        fields = {each["Field"]: each for each in one["FieldSelectors"]}
        if fields["eventCategory"].get("Equals") != ["Data"] or _OBJECTS not in _equals(fields.get("resources.type")):
            continue
        strange = (fields.keys() - _JUDGED) | {
            name for name, each in fields.items() if each.keys() - {"Field", "Equals", "StartsWith"}
        }
        named = fields.get("resources.ARN")
        if strange:
            doubtful |= strange
        elif named is None or any(_covers(value, bucket) for value in named.get("StartsWith", ())):
            only = {"true": "ReadOnly", "false": "WriteOnly"}.get("".join(_equals(fields.get("readOnly"))), "All")
            seen |= _kinds(only)
    return [one for one in ("writes", "reads") if one in seen], ", ".join(sorted(doubtful))


def _covers(beginning: str, bucket: Bucket) -> bool:
    """Whether every object of the archive begins so; `arn:aws:s3` alone means all buckets."""
    return f"arn:aws:s3:::{bucket.name}/{bucket.prefix}".startswith(beginning)


def _kinds(named: str) -> set[str]:
    return {"WriteOnly": {"writes"}, "ReadOnly": {"reads"}}.get(named, {"writes", "reads"})


def _equals(condition: Mapping[str, Any] | None) -> list[str]:
    return list((condition or {}).get("Equals", ()))


@contextmanager
def _explained(asked: str) -> Iterator[None]:
    """ArchiveError for each error of the library, and for an answer that has not what it must."""
    try:
        yield
    except ClientError as error:
        raise ArchiveError(f"{asked} was refused: {code_of(error)}") from error
    except BotoCoreError as error:
        raise ArchiveError(f"{asked} failed: {error}") from error
    except (KeyError, TypeError) as error:
        raise ArchiveError(f"{asked} was answered by something else") from error
