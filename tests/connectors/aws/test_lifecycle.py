from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import UNSEEN, Answer
from collector.model import Origin
from connectors.aws.data.bucket_rules import Deed, condition, deeds

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

LIFECYCLE = "aws.data.lifecycle"
_ORIGIN = Origin("r", 1, "")
_PLAIN, _VERSIONED, _SUSPENDED = (
    Answer(fields, _ORIGIN) for fields in ({}, {"Status": "Enabled"}, {"Status": "Suspended"})
)
_DAY = datetime(2031, 1, 1, tzinfo=UTC)
_UNKNOWN = ("action", "after_days", "keeps_forever", "enabled", "covers", "condition", "from_day")
_TOLD = ("rule", "action", "covers", "after_days", "keeps_forever", "enabled", "condition", "from_day")


def _of(found: list[Gathered], store: str) -> list[tuple[Any, ...]]:
    rows = (row for one in found for row in one.rows if row["store"].rpartition(":")[2] == store)
    return sorted((tuple(row[name] for name in _TOLD) for row in rows), key=str)


@pytest.mark.parametrize(
    ("versioning", "action", "covers", "stays"),
    [
        (_PLAIN, "delete", "objects", False),
        (_VERSIONED, "mark_deleted", "current_versions", True),
        (_SUSPENDED, "mark_deleted", "current_versions", None),
        (UNSEEN, None, None, None),
    ],
)
def test_expiry_removes_only_where_no_versions_are_kept(
    versioning: Answer,
    action: str | None,
    covers: str | None,
    stays: bool | None,  # noqa: FBT001 - three-valued, not a flag
) -> None:
    (deed,) = deeds({"Expiration": {"Days": 30}}, versioning)
    assert deed == Deed("expiry", action, covers, stays, 30)
    (moved,) = deeds({"Transitions": [{"Date": _DAY, "StorageClass": "GLACIER"}]}, versioning)
    assert moved == Deed("transition to GLACIER", "transition", covers, keeps_forever=True, from_day=_DAY)


def test_the_newest_versions_are_kept_and_the_filter_counts_besides() -> None:
    rule = {
        "Filter": {"Prefix": "a/"},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 7, "StorageClass": "GLACIER"}],
    }
    gone, moved = deeds(rule, UNSEEN)
    assert (gone.action, gone.after_days, gone.keeps_forever) == ("delete", 30, False)
    assert gone.condition == "prefix a/; all but the 3 newest of an object's noncurrent versions"
    assert (moved.action, moved.after_days, moved.keeps_forever) == ("transition", 7, True)
    assert moved.condition == "prefix a/"


def test_a_rule_that_does_what_nobody_knows_yet_is_not_left_out() -> None:
    assert deeds({"ID": "new", "Filter": {"Prefix": "a/"}}, _PLAIN) == [Deed("unknown", condition="prefix a/")]


@pytest.mark.parametrize(
    ("rule", "narrowed"),
    [
        ({}, None),
        ({"Prefix": ""}, None),
        ({"Filter": {}}, None),
        ({"Filter": {"Prefix": ""}}, None),
        ({"Filter": {"And": {"Prefix": ""}}}, None),
        ({"Prefix": "logs/"}, "prefix logs/"),
        ({"Filter": {"Prefix": "logs/"}}, "prefix logs/"),
        ({"Filter": {"Tag": {"Key": "Kind", "Value": ""}}}, "tag Kind="),
        ({"Filter": {"ObjectSizeGreaterThan": 0}}, "larger than 0 bytes"),
        (
            {"Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "b", "Value": "c"}], "ObjectSizeLessThan": 9}}},
            "prefix a; tag b=c; smaller than 9 bytes",
        ),
    ],
)
def test_a_filter_narrows_a_rule(rule: dict[str, Any], narrowed: str | None) -> None:
    assert condition(rule) == narrowed


def test_every_store_has_a_row_and_totals_tie(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(LIFECYCLE)
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    stores = {row["store"] for one in found for row in one.rows}
    buckets = {store for store in stores if not store.startswith("arn:")}
    for kind, counted in (
        (buckets, "s3.buckets"),
        ({store for store in stores if ":dynamodb:" in store}, "dynamodb.tables"),
        ({store for store in stores if ":logs:" in store}, "logs.groups"),
    ):
        assert len(kind) == sum(place.get(counted, 0) for place in manifest["counts"].values()), counted
    assert all(total.ties for one in found for total in one.snapshot.totals)
    assert {total.name for one in found for total in one.snapshot.totals} == {
        "buckets listed = buckets accounted for",
        "tables listed = tables accounted for",
    }
    keys = [row["source_id"] for one in found for row in one.rows]
    assert len(keys) == len(set(keys))


def test_what_each_rule_of_a_bucket_does(gather: Gather) -> None:
    found = gather(LIFECYCLE)
    assert _of(found, "nw-prod-orders") == [
        ("marks", "delete", "delete_markers", None, False, True, None, None),
        ("orders", "delete", "incomplete_uploads", 7, False, True, None, None),
        ("orders", "delete", "noncurrent_versions", 30, False, True, None, None),
        ("orders", "mark_deleted", "current_versions", 365, True, True, None, None),
        ("orders", "transition", "current_versions", 90, True, True, None, None),
    ]
    day = "2031-01-01T00:00:00Z"
    assert _of(found, "nw-dev-scratch") == [
        ("project", "delete", "objects", None, False, True, "prefix old/", day),
        ("sweep", "delete", "objects", 30, False, False, None, None),
        ("thumbnails", "delete", "objects", 14, False, True, "prefix tmp/; tag Kind=thumbnail", None),
    ]
    forever = ("lifecycle configuration", "none", "objects", None, True, False, None, None)
    assert _of(found, "nw-prod-exports") == [
        ("cold", "transition", "objects", 30, True, True, None, None),
        forever,
    ]
    assert _of(found, "nw-prod-assets") == [forever]


def test_tables_and_log_groups(gather: Gather) -> None:
    found = gather(LIFECYCLE)
    at_its_time = "at the time in attribute expires_at"
    assert _of(found, "table/sessions") == [
        ("time to live", "delete", "items", None, False, True, at_its_time, None),
    ]
    assert _of(found, "table/carts") == [("time to live", "none", "items", None, True, False, None, None)]
    setting = "retention setting"
    assert _of(found, "/nw/audit") == [(setting, "delete", "events", 400, False, True, None, None)]
    assert _of(found, "/nw/shop") == [(setting, "none", "events", None, True, False, None, None)]


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("GetBucketLifecycleConfiguration", "nw-"), ("DescribeTimeToLive", "arn:aws:dynamodb:")],
)
def test_rules_that_cannot_be_read_are_not_called_for_ever(
    gather: Gather, aws: AwsDouble, operation: str, kind: str
) -> None:
    whole = {row["store"] for one in gather(LIFECYCLE) for row in one.rows}
    aws.fault("deny", match={"operation": operation})
    found = gather(LIFECYCLE)
    rows = [row for one in found for row in one.rows]
    assert {row["store"] for row in rows} == whole
    unread = [row for row in rows if row["store"].startswith(kind)]
    assert unread
    assert {row[name] for row in unread for name in _UNKNOWN} == {None}
    assert {cause for one in found for cause in one.causes} == {"denied"}
    assert all(total.ties for one in found for total in one.snapshot.totals)


@pytest.mark.parametrize("status", ["ENABLING", "DISABLING"])
def test_a_time_to_live_that_is_being_switched_is_neither_on_nor_off(
    gather: Gather, aws: AwsDouble, status: str
) -> None:
    body = json.dumps({"TimeToLiveDescription": {"TimeToLiveStatus": status, "AttributeName": "ends"}})
    aws.fault("replace_body", match={"operation": "DescribeTimeToLive"}, body=body)
    found = gather(LIFECYCLE)
    assert all(one.snapshot.complete for one in found)
    attribute = "at the time in attribute ends"
    assert _of(found, "table/sessions") == [("time to live", None, "items", None, None, None, attribute, None)]


def test_where_versions_cannot_be_read_nobody_knows_what_expiry_removes(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "GetBucketVersioning"})
    found = gather(LIFECYCLE)
    assert ("sweep", None, None, 30, None, False, None, None) in _of(found, "nw-dev-scratch")
    assert [row for row in _of(found, "nw-dev-scratch") if row[1] == "none"] == []
    assert ("orders", "delete", "noncurrent_versions", 30, False, True, None, None) in _of(found, "nw-prod-orders")
    assert any("denied" in one.causes for one in found)


def test_versions_are_asked_for_only_where_they_settle_something(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "GetBucketVersioning"})
    found = gather(LIFECYCLE)
    # In production the three buckets with rules on objects, in management the one of the trail.
    assert sorted(len(one.causes) for one in found) == [0, 1, 3]


def test_lists_that_break_off_take_no_other_with_them(gather: Gather, aws: AwsDouble) -> None:
    for operation in ("ListBuckets", "DescribeLogGroups"):
        aws.fault("deny", match={"operation": operation})
    found = gather(LIFECYCLE)
    assert all(set(one.causes) == {"denied"} for one in found)
    assert {row["rule"] for one in found for row in one.rows} == {"time to live"}


def test_of_a_list_without_its_second_page_nothing_is_kept(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    aws.fault(match={"operation": "ListBuckets", "account": manifest["accounts"]["northwind-prod"]}, page_size=2)
    aws.fault("deny", skip=1, match={"operation": "ListBuckets", "account": manifest["accounts"]["northwind-prod"]})
    (prod,) = gather(LIFECYCLE, only=manifest["accounts"]["northwind-prod"])
    assert prod.causes == ["denied"]
    assert {row["rule"] for row in prod.rows} == {"time to live", "retention setting"}
    assert [total.name for total in prod.snapshot.totals] == ["tables listed = tables accounted for"]
