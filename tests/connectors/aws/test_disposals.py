"""What was deleted of stores, keys and logs; and what LOG-02 says of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.plan import shared_needs
from collector.registry import load
from connectors.aws.changes.disposals import DISPOSALS
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, History
    from tests.doubles.aws.process import AwsDouble

DELETED, TRAILS, STORES = "aws.cloudtrail.disposals", "aws.cloudtrail.trails", "aws.s3.log_bucket_protection"
IRELAND = "eu-west-1"


def event(name: str, source: str, asked: dict[str, Any] | None, **parts: Any) -> dict[str, Any]:
    text = {"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/ann"}, "requestParameters": asked, **parts}
    return {
        "EventId": f"{source} {name} {asked}",
        "EventName": name,
        "EventSource": f"{source}.amazonaws.com",
        "EventTime": (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0).isoformat(),
        "ReadOnly": "false",
        "Resources": [],
        "CloudTrailEvent": json.dumps(text),
    }


def test_what_was_deleted_in_the_story(gather: Gather, manifest: dict[str, Any]) -> None:
    (found,) = gather(DELETED, only=manifest["accounts"]["northwind-prod"])
    assert found.snapshot.complete, found.snapshot.gaps
    assert {(row["kind"], row["item"], row["method"], row["outcome"]) for row in found.rows} == {
        ("audit_trail", "former-trail", "cloudtrail:DeleteTrail", "success"),
        ("db_instance", "former-db", "rds:DeleteDBInstance", "success"),
    }
    assert {row["disposed_by"].rpartition("/")[2] for row in found.rows} == {"ben.ortiz", "carla.nunes"}
    (total,) = found.snapshot.totals
    assert total.ties
    assert total.found > len(found.rows)


def test_every_kind_is_found_by_what_its_request_names(gather: Gather, history: History) -> None:
    happened = [
        event(action.partition(":")[2], action.partition(":")[0], {names: f"{kind}-1"})
        for action, (kind, names) in DISPOSALS.items()
    ]
    spared = [event("DeleteTags", "ec2", {"resource": "x"}), event("CreateTable", "dynamodb", {"tableName": "t"})]
    unnamed = event("DeleteBucket", "s3", None, errorCode="AccessDenied")
    history.happened(*happened, *spared, unnamed)
    (found,) = gather(DELETED, only=history.unit)
    assert found.snapshot.complete, found.snapshot.gaps
    rows = {row["method"]: row for row in found.rows if row["item"] != "not given"}
    assert {action: (row["kind"], row["item"]) for action, row in rows.items()} == {
        action: (kind, f"{kind}-1") for action, (kind, _) in DISPOSALS.items()
    }
    (refused,) = (row for row in found.rows if row["item"] == "not given")
    assert (refused["method"], refused["outcome"]) == ("s3:DeleteBucket", "failure")


def test_the_list_of_writing_events_is_asked_for_with_the_same_words_as_for_changes(gather: Gather) -> None:
    lookups = []
    for evidence in (DELETED, "aws.cloudtrail.manual_changes"):
        found = gather(evidence, now=datetime(2026, 11, 28, tzinfo=UTC))
        lookups.append({body for one in found for body in _asked(one.kept)})
    assert lookups[0] == lookups[1] != set()
    types = load(["aws"])[0]["aws"].types
    both = [types[DELETED], types["aws.cloudtrail.manual_changes"]]
    assert shared_needs(both) == {"cloudtrail:LookupEvents"}
    # The other lookups ask for other events, and none of them is kept for anybody.
    assert shared_needs([types[DELETED], types["aws.cloudtrail.iam_events"]]) == set()


def _asked(kept: Any) -> list[str]:
    """The parameters of each lookup, from the list of exchanges that is kept."""
    documents = [body for body in kept.values() if b"cloudtrail:LookupEvents" in body]
    lines = [json.loads(line) for body in documents for line in body.splitlines()]
    lookups = [one for one in lines if one.get("operation") == "cloudtrail:LookupEvents"]
    return [json.dumps(one["parameters"], sort_keys=True) for one in lookups]


@pytest.mark.parametrize("fault", ["deny", "throttle"])
def test_a_region_that_cannot_be_asked_is_a_gap(gather: Gather, aws: AwsDouble, fault: str) -> None:
    aws.fault(fault, match={"operation": "LookupEvents", "region": IRELAND})
    (found,) = gather(DELETED, role="", attempts=1)
    assert len(found.causes) == 1


def test_log_02_of_aws_names_each_attempt_to_delete_a_log_or_its_store(
    gather: Gather, history: History, manifest: dict[str, Any]
) -> None:
    bucket = manifest["log_bucket"]
    refused = event("DeleteBucket", "s3", {"bucketName": bucket}, errorCode="AccessDenied")
    history.happened(refused, event("DeleteBucket", "s3", {"bucketName": "other"}))
    deleted = gather(DELETED)
    found = told("LOG-02", [*gather(TRAILS), *gather(STORES), *deleted])
    attempts = {because.split(" on ")[0] for item, (_, because) in found.items() if item.startswith("deletion ")}
    assert f"arn:aws:iam::1:user/ann: s3:DeleteBucket of {bucket}" in attempts
    assert any(one.endswith("cloudtrail:DeleteTrail of former-trail") for one in attempts)
    assert not [one for one in attempts if one.endswith((" of other", " of former-db"))]
    assert {found[item][0] for item in found if item.startswith("deletion ")} == {"cannot_tell"}
    assert any("which was refused" in because for _, because in found.values())
    # What the rule says of logs and stores themselves is as it was.
    assert found[f"store {bucket}"][0] == "pass"
