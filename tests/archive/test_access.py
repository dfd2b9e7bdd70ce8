"""Which logs are kept of who reads, writes and deletes in the archive: what each kind of place says, and what not."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from collector.archive.access import Kept
from collector.archive.azure import AzureStore
from collector.archive.places import Bucket, Container, Terms, bucket_at, google_bucket_at
from collector.archive.s3 import S3Store
from collector.archive.s3_access import recorded
from collector.errors import ArchiveError

from .clouds import gcs_bucket, place_in
from .test_azure_wire import KEY
from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.archive.access import AccessLog
    from collector.archive.store import Place
    from tests.doubles.gcs.server import GcsDouble

    from .buckets import Server

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BUCKET = Bucket("b", "archive/", None, None)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def logs(place: Place) -> list[AccessLog]:
    return list(place.access_logs())


def test_a_directory_keeps_none(tmp_path: Path) -> None:
    (log,) = logs(place_in(str(tmp_path)))
    assert log.kept is Kept.OFF
    assert "a local directory keeps none" in log.told


@pytest.fixture
def aws(moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """AWS as boto3 finds it by itself: CloudTrail beside S3."""
    moto.use(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.endpoint)
    return moto


def on_aws(url: str) -> S3Store:
    bucket = bucket_at(url)
    return S3Store(Bucket(bucket.name, bucket.prefix, "us-east-1", None), 30, lambda: NOW)


def trail(server: Server, name: str, **selectors: Any) -> Any:
    client = boto3.client("cloudtrail", region_name="us-east-1", endpoint_url=server.endpoint)
    logs_in = bucket_at(server.bucket(locked=False)).name
    client.create_trail(Name=name, S3BucketName=logs_in, S3KeyPrefix="trail")
    client.put_event_selectors(TrailName=name, **selectors)
    client.start_logging(Name=name)
    return client


def test_a_bucket_of_which_nothing_is_logged_says_so_and_how_it_is(aws: Server) -> None:
    server, trails = logs(on_aws(aws.bucket(locked=True)))
    assert (server.kept, trails.kept) == (Kept.OFF, Kept.OFF)
    assert "aws s3api put-bucket-logging --bucket archive-" in server.told
    assert "no trail that records us-east-1 has writes of the bucket's objects" in trails.told


def test_s3_says_where_its_access_logs_go(aws: Server) -> None:
    url, target = aws.bucket(locked=True), bucket_at(aws.bucket(locked=False)).name
    grant = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}
    owner = aws.client.get_bucket_acl(Bucket=target)["Owner"]
    given = [grant | {"Permission": right} for right in ("WRITE", "READ_ACP")]
    aws.client.put_bucket_acl(Bucket=target, AccessControlPolicy={"Grants": given, "Owner": owner})
    wanted = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "evidence/"}}
    aws.client.put_bucket_logging(Bucket=bucket_at(url).name, BucketLoggingStatus=wanted)
    server, _ = logs(on_aws(url))
    assert (server.kept, server.told) == (Kept.ON, f"into s3://{target}/evidence/")
    assert server.entries == f"ask the owner of s3://{target}/evidence/ for the days in question"


def test_a_trail_that_records_the_objects_and_one_that_is_switched_off(aws: Server) -> None:
    url = aws.bucket(locked=True)
    arn = f"arn:aws:s3:::{bucket_at(url).name}/"
    selector = {"ReadWriteType": "WriteOnly", "DataResources": [{"Type": "AWS::S3::Object", "Values": [arn]}]}
    client = trail(aws, "of-writes", EventSelectors=[selector])
    try:
        _, trails = logs(on_aws(url))
        assert (trails.kept, trails.told) == (Kept.ON, "writes by the trail of-writes")
        assert trails.entries.endswith("/trail for them")
        assert logs(on_aws(aws.bucket(locked=True)))[1].kept is Kept.OFF, "of another bucket"
        client.put_event_selectors(TrailName="of-writes", EventSelectors=[selector | {"ReadWriteType": "ReadOnly"}])
        _, trails = logs(on_aws(url))
        assert (trails.kept, trails.told.split("; ")[-1]) == (Kept.OFF, "the trail of-writes records reads alone")
        client.put_event_selectors(TrailName="of-writes", EventSelectors=[selector])
        client.stop_logging(Name="of-writes")
        assert logs(on_aws(url))[1].kept is Kept.OFF
    finally:
        client.delete_trail(Name="of-writes")


def test_a_server_of_ones_own_has_no_trail(moto: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    moto.use(monkeypatch)
    _, trails = logs(place_in(moto.bucket(locked=False)))
    assert trails.kept is Kept.UNKNOWN
    assert f"CloudTrail does not see {moto.endpoint}" in trails.told


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(403, "<Error><Code>AccessDenied</Code></Error>"), "it takes s3:GetBucketLogging"),
        (Answer(200, ""), "was answered by something else"),
        (Answer(200, "<ListBucketResult/>"), "was answered by something else"),
        (Answer(200, "<html>"), "it takes s3:GetBucketLogging"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_an_answer_that_is_none_is_not_taken_for_off(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, answer: Answer, said: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", wire.endpoint)
    wire.always["logging"] = answer
    server, _ = logs(S3Store(BUCKET, 30, lambda: NOW))
    assert server.kept is Kept.UNKNOWN
    assert said in server.told


TRAIL = Answer(200, '{"trailList": [{"Name": "t", "TrailARN": "arn:t", "HomeRegion": "eu-west-1"}]}')


def fine(**conditions: Any) -> dict[str, Any]:
    known = {"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": ["AWS::S3::Object"]}}
    given = known | {name.replace("_", "."): one for name, one in conditions.items()}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": name, **one} for name, one in given.items()]}]}


def simple(kind: str, *values: str) -> dict[str, Any]:
    data = [{"Type": "AWS::S3::Object", "Values": values}]
    return {"EventSelectors": [{"ReadWriteType": kind, "DataResources": data}]}


@pytest.mark.parametrize(
    ("listed", "selectors", "status", "said"),
    [
        (Answer(400, '{"__type": "AccessDeniedException"}'), {}, {}, "it takes cloudtrail:DescribeTrails"),
        (Answer(200, "{}"), {}, {}, "DescribeTrails was answered by something else"),
        (TRAIL, {}, {}, "GetEventSelectors was answered by no selectors"),
        (TRAIL, simple("All", "arn:aws:s3"), {}, "GetTrailStatus of t was answered by something else"),
        (
            TRAIL,
            fine(eventName={"Equals": ["PutObject"]}),
            {"IsLogging": True},
            "the trail t chooses by eventName, which",
        ),
    ],
)
def test_a_trail_that_cannot_be_judged_leaves_it_open(
    wire: Wire,
    aws: Server,
    monkeypatch: pytest.MonkeyPatch,
    listed: Answer,
    selectors: dict[str, Any],
    status: dict[str, Any],
    said: str,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", wire.endpoint)
    wire.answers = [listed, Answer(200, json.dumps(selectors)), Answer(200, json.dumps(status))]
    _, trails = logs(on_aws(aws.bucket(locked=False)))
    assert trails.kept is Kept.UNKNOWN
    assert said in trails.told


@pytest.mark.parametrize(
    ("selected", "seen", "doubtful"),
    [
        (simple("All", "arn:aws:s3"), ["writes", "reads"], ""),
        (simple("WriteOnly", "arn:aws:s3:::b/"), ["writes"], ""),
        (simple("ReadOnly", "arn:aws:s3:::b/archive/"), ["reads"], ""),
        (simple("All", "arn:aws:s3:::b/archive/packs/"), [], ""),  # some of the archive is not all of it
        (simple("All", "arn:aws:s3:::b2/"), [], ""),
        ({"EventSelectors": [{"ReadWriteType": "All", "DataResources": []}]}, [], ""),
        (fine(), ["writes", "reads"], ""),
        (fine(readOnly={"Equals": ["false"]}), ["writes"], ""),
        (fine(resources_ARN={"StartsWith": ["arn:aws:s3:::b/"]}), ["writes", "reads"], ""),
        (fine(resources_ARN={"StartsWith": ["arn:aws:s3:::c/"]}), [], ""),
        (fine(resources_ARN={"NotStartsWith": ["arn:aws:s3:::c/"]}), [], "resources.ARN"),
        (fine(eventName={"Equals": ["PutObject"]}), [], "eventName"),
        (fine(resources_type={"Equals": ["AWS::Lambda::Function"]}), [], ""),
        (fine(eventCategory={"Equals": ["Management"]}), [], ""),
    ],
)
def test_what_a_trail_records(selected: dict[str, Any], seen: list[str], doubtful: str) -> None:
    assert recorded(selected, BUCKET) == (seen, doubtful)


def test_a_trail_without_selectors_is_no_answer() -> None:
    with pytest.raises(ArchiveError, match="no selectors"):
        recorded({}, BUCKET)


def test_google_says_where_usage_logs_go_and_what_the_project_audits(gcs: GcsDouble) -> None:
    url = gcs_bucket(gcs)
    usage, audit = logs(place_in(url))
    assert usage.kept is Kept.OFF
    assert audit.kept is Kept.UNKNOWN, "what is above the project may turn it on"
    assert "a folder or the organisation above it may" in audit.told
    bucket = gcs.service.bucket(google_bucket_at(url).name)
    bucket.fields["logging"] = {"logBucket": "logs-of-others", "logObjectPrefix": "evidence"}
    both = [{"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]
    before = gcs.service.project_policy
    try:
        configs = [{"service": "storage.googleapis.com", "auditLogConfigs": both}]
        gcs.service.project_policy = {"etag": "x", "auditConfigs": configs}
        usage, audit = logs(place_in(url))
        assert (usage.kept, usage.told) == (Kept.ON, "into gs://logs-of-others/evidence")
        assert (audit.kept, audit.told.split(",")[0]) == (Kept.ON, "writes and reads")
        assert "project 123456789012" in audit.entries
        gcs.service.project_policy = {
            "etag": "x",
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": both[:1]}],
        }
        assert "does not log writes of objects (only reads)" in logs(place_in(url))[1].told
        for policy, said in (
            (None, "was refused: 403; it takes resourcemanager.projects.getIamPolicy"),
            ({}, "something else"),
        ):
            gcs.service.project_policy = policy
            audit = logs(place_in(url))[1]
            assert audit.kept is Kept.UNKNOWN
            assert said in audit.told
    finally:
        gcs.service.project_policy = before
    gcs.service.buckets.pop(bucket.name)
    assert {one.kept for one in logs(place_in(url))} == {Kept.UNKNOWN}


SETTINGS = (
    "^GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/prov"
)


def in_azure(wire: Wire, *, managed: bool = True) -> AzureStore:
    named = {"subscription": "s", "group": "g", "management": wire.endpoint} if managed else {}
    return AzureStore(Container("a", "c", "x/", endpoint=f"{wire.endpoint}/a", **named), Terms(730, lambda: NOW, KEY))


def setting(*enabled: str, group: str = "", place: str = "workspaceId") -> dict[str, Any]:
    logged = [{"category": one, "enabled": True} for one in enabled]
    logged += (
        [{"category": "StorageRead", "enabled": False}] if not group else [{"categoryGroup": group, "enabled": True}]
    )
    return {"name": "s", "properties": {place: "/subscriptions/s/…/workspaces/w", "logs": logged}}


@pytest.mark.parametrize(
    ("settings", "kept", "said"),
    [
        ([], Kept.OFF, "no diagnostic setting logs StorageDelete and StorageWrite"),
        ([setting("StorageWrite")], Kept.OFF, "no diagnostic setting logs StorageDelete of"),
        ([setting("StorageWrite", "StorageDelete", place="nowhere")], Kept.OFF, "StorageDelete and StorageWrite"),
        (
            [setting("StorageWrite"), setting("StorageDelete")],
            Kept.ON,
            "StorageWrite to /subscriptions/s/…/workspaces/w",
        ),
        ([setting(group="allLogs")], Kept.ON, "allLogs to /subscriptions"),
        ([setting(group="audit")], Kept.UNKNOWN, "whether these have every write and deletion: audit to"),
    ],
)
def test_azure_says_what_its_diagnostic_settings_log(
    wire: Wire, settings: list[dict[str, Any]], kept: Kept, said: str
) -> None:
    wire.always[SETTINGS] = Answer(200, json.dumps({"value": settings}))
    (log,) = logs(in_azure(wire))
    assert log.kept is kept
    assert said in log.told
    assert bool(log.entries) == (kept is Kept.ON)


def test_an_answer_of_google_that_says_nothing_is_not_off(wire: Wire) -> None:
    wire.always["/storage/v1/b/b"] = Answer(200, "{}")
    found = logs(place_in(f"gs://b/x?endpoint={wire.endpoint}"))
    assert {one.kept for one in found} == {Kept.UNKNOWN}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, "{}"),
        Answer(200, "{}"),
        Answer(200, "<html>"),
        Answer(200, '{"value": [{}]}'),
        Answer(200, '{"value": ["x"]}'),
        Answer(200, '{"value": [{"properties": {"logs": ["x"]}}]}'),
        Answer(200, '{"value": [], "nextLink": "https://management.azure.com/more"}'),
    ],
)
def test_what_azure_does_not_tell_is_open(wire: Wire, answer: Answer) -> None:
    wire.always[SETTINGS] = answer
    (log,) = logs(in_azure(wire))
    assert log.kept is Kept.UNKNOWN
    assert "it takes Microsoft.Insights/DiagnosticSettings/Read" in log.told
    (log,) = logs(in_azure(wire, managed=False))
    assert log.kept is Kept.UNKNOWN
    assert "add ?subscription=…&group=…" in log.told
