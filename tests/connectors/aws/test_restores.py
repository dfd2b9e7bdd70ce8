"""What AWS Backup restored, and what of it was a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.records import RestoreTest
from connectors.aws.continuity.restores import lasted, plan_of
from tests.assess.clouds import told
from tests.assess.sealed import verdicts

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

RESTORES, WRITTEN = "aws.backup.restore_jobs", "records.restore_test"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_only_a_restore_that_a_testing_plan_started_is_a_test() -> None:
    assert plan_of({"CreatedBy": {"RestoreTestingPlanArn": "arn:plan"}}) == "arn:plan"
    by_hand: list[dict[str, Any]] = [{"CreatedBy": {}}, {"CreatedBy": None}, {}]
    assert [plan_of(job) for job in by_hand] == [None, None, None]


def test_how_long_a_restore_took() -> None:
    assert lasted(NOW, NOW + timedelta(minutes=42, seconds=59)) == "42 min"
    assert lasted(NOW, None) is lasted(None, NOW) is None


def rows(found: list[Gathered]) -> list[dict[str, Any]]:
    return sorted((row for one in found for row in one.rows), key=lambda row: str(row["tested_at"]))


def test_tests_are_told_from_restores_and_what_was_called_off_is_neither(
    gather: Gather, manifest: dict[str, Any]
) -> None:
    found = gather(RESTORES)
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    assert [(bool(row["test_plan"]), row["restored_ok"], row["validated"]) for row in rows(found)] == [
        (True, True, True),
        (True, True, False),
        (True, True, None),
        (False, True, None),
        (False, False, None),
        (False, None, None),
    ]
    assert {row["rto_actual"] for row in rows(found)} == {"42 min", None}
    prod = manifest["accounts"]["northwind-prod"]
    assert rows(found)[0]["resource_id"] == f"arn:aws:rds:eu-central-1:{prod}:db:orders-db"
    assert rows(found)[0]["backup_point"] < rows(found)[0]["tested_at"]
    totals = {total.name: total.found for one in found for total in one.snapshot.totals if total.found}
    assert totals == {"restore jobs received = kept + called off": 7}


def test_the_window_is_what_aws_backup_remembers(gather: Gather) -> None:
    window = gather(RESTORES, now=NOW)[0].snapshot.window
    assert window is not None
    assert (window.start, window.end) == (NOW - timedelta(days=30), NOW)


def test_all_pages_of_restores_are_read(gather: Gather, aws: AwsDouble) -> None:
    now = datetime.now(UTC)
    whole = [row["test_id"] for row in rows(gather(RESTORES, now=now))]
    aws.fault(match={"operation": "ListRestoreJobs"}, page_size=2)
    assert [row["test_id"] for row in rows(gather(RESTORES, now=now))] == whole


def test_restores_that_cannot_be_listed_are_a_gap_and_no_empty_list(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListRestoreJobs", "region": "eu-central-1"})
    found = gather(RESTORES)
    assert [one.causes for one in found] == [["denied"]] * 3
    assert rows(found) == []


def written(resource: str, at: datetime) -> RestoreTest:
    return RestoreTest(
        key=resource, seen=(), test_id="t1", resource_id=resource, tested_at=at, restored_ok=True, verified_by="Grace"
    )


def test_bcp_04_of_aws(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    database, table = (
        f"arn:aws:rds:eu-central-1:{prod}:db:orders-db",
        f"arn:aws:dynamodb:eu-central-1:{prod}:table/sessions",
    )
    critical = {"critical": [database, table]}
    gathered = gather(RESTORES)
    found = told("BCP-04", gathered, {WRITTEN: []}, critical)
    planted = {place["item"] for place in manifest["deviations"]["BCP-04"]}
    deviating = {item for item, (outcome, _) in found.items() if outcome == "deviation"}
    assert {item.partition(" ")[2] for item in deviating} == planted | {table}
    kinds = sorted((item.partition(" ")[0], outcome) for item, (outcome, _) in found.items())
    assert kinds == [
        ("restore", "cannot_tell"),
        ("restore", "deviation"),
        ("restore", "pass"),
        ("store", "deviation"),
        ("store", "pass"),
        ("test", "deviation"),
        ("test", "pass"),
        ("test", "pass"),
    ]
    known = told("BCP-04", gathered, {WRITTEN: [written(table, datetime.now(UTC))]}, critical)
    assert known[f"store {table}"][0] == "pass"
    aws.fault("deny", match={"operation": "ListRestoreJobs"})
    unseen = told("BCP-04", gather(RESTORES), {WRITTEN: []}, critical)
    # A test of it may be among those that nobody could see.
    assert {unseen[f"store {one}"][0] for one in (database, table)} == {"cannot_tell"}


@pytest.mark.parametrize(
    ("changed", "of_test", "of_store"),
    [
        ({}, "pass", "pass"),
        ({"restored_ok": False}, "deviation", "deviation"),
        ({"restored_ok": None}, "cannot_tell", "deviation"),
        ({"validated": False}, "deviation", "deviation"),
        # Nobody looked: data came back, and that is all.
        ({"validated": None}, "pass", "deviation"),
        ({"test_plan": None}, None, "deviation"),
        ({"resource_id": "another"}, "pass", "deviation"),
    ],
)
def test_bcp_04_a_test_by_a_plan(changed: dict[str, Any], of_test: str | None, of_store: str) -> None:
    usual: dict[str, Any] = {"resource_id": "orders", "restored_ok": True, "test_plan": "monthly", "validated": True}
    at = datetime(2026, 11, 10, tzinfo=UTC)
    test = RestoreTest(key="j1", seen=(), test_id="j1", tested_at=at, **usual | changed)
    found = verdicts("BCP-04", {RESTORES: [test], WRITTEN: []}, {"critical": ["orders"]})
    assert (found.get("test j1"), found["store orders"]) == (of_test, of_store)


def test_bcp_04_what_is_written_down_needs_a_person_still() -> None:
    test = RestoreTest(
        key="t",
        seen=(),
        test_id="t",
        resource_id="orders",
        restored_ok=True,
        test_plan="p",
        validated=True,
        tested_at=NOW,
    )
    found = verdicts("BCP-04", {WRITTEN: [test]}, {"critical": ["orders"]})
    assert set(found.values()) == {"deviation"}
