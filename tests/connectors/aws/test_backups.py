from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.continuity.backup_stores import replicated
from connectors.aws.continuity.backups import job_state, rule_way

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble


def _ways(found: list[Gathered]) -> dict[str, dict[str | None, dict[str, Any]]]:
    """Rows by the last part of the store's ARN and by source."""
    ways: dict[str, dict[str | None, dict[str, Any]]] = {}
    for one in found:
        for row in one.rows:
            name = row["resource_id"].replace("/", ":").split(":")[-1]
            ways.setdefault(name, {})[row["source"]] = row
    return ways


@pytest.mark.parametrize(
    ("rule", "days", "for_ever"),
    [
        ({"Lifecycle": {"DeleteAfterDays": 35}}, 35, False),
        ({"Lifecycle": {"DeleteAfterDays": -1}}, None, True),
        ({"Lifecycle": {"MoveToColdStorageAfterDays": 30}}, None, True),
        ({}, None, True),
        ({"Lifecycle": {"DeleteAfterEvent": "DELETE_AFTER_COPY"}}, None, None),
    ],
)
def test_a_rule_without_a_lifetime_keeps_for_ever(
    *, rule: dict[str, Any], days: int | None, for_ever: bool | None
) -> None:
    way = rule_way("nightly", rule)
    assert (way.retention_days, way.keeps_forever, way.frequency_hours) == (days, for_ever, 24)


def test_where_rds_does_not_say_whether_it_replicates_backups_that_is_unknown() -> None:
    arn = "arn:aws:rds:us-east-1:111111111111:auto-backup:ab-1"
    assert replicated({"DBInstanceAutomatedBackupsReplications": [{"DBInstanceAutomatedBackupsArn": arn}]}) == (
        "us-east-1",
    )
    assert replicated({"DBInstanceAutomatedBackupsReplications": []}) == ()
    assert replicated({}) is None


@pytest.mark.parametrize(
    ("job", "state"),
    [
        ({"State": "COMPLETED", "MessageCategory": "SUCCESS"}, "success"),
        ({"State": "COMPLETED"}, "success"),
        ({"State": "COMPLETED", "MessageCategory": "VSSInSnapshotFailed"}, "issues"),
        ({"State": "PARTIAL"}, "issues"),
        ({"State": "FAILED"}, "failed"),
        ({"State": "EXPIRED"}, "failed"),
        ({"State": "ABORTED"}, "aborted"),
        ({"State": "ABORTING"}, "running"),
        ({"State": "RUNNING"}, "running"),
        ({"State": "SOMETHING_NEW"}, None),
        ({}, None),
    ],
)
def test_how_a_job_ended(job: dict[str, str], state: str | None) -> None:
    assert job_state(job) == state


def test_every_store_shows_each_way_it_is_backed_up(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.backup.plans")
    ways = _ways(found)
    assert all(one.snapshot.complete for one in found)
    assert set(ways["orders-db"]) == {"plan nightly", "automated"}
    assert set(ways["sessions"]) == {"plan nightly", "pitr"}
    assert set(ways["catalogue-db"]) == {"automated"}
    assert set(ways["payments"]) == {"automated"}
    assert set(ways["reports-db"]) == set(ways["customers"]) == {None}
    nightly = ways["orders-db"]["plan nightly"]
    assert (nightly["frequency_hours"], nightly["retention_days"]) == (24, 35)
    prod = manifest["accounts"]["northwind-prod"]
    assert nightly["destination"] == f"arn:aws:backup:eu-central-1:{prod}:backup-vault:nw-vault"
    assert nightly["last_backup_at"]
    assert nightly["copied_to"] == [f"us-east-1 of {prod}"]
    assert ways["sessions"]["plan nightly"]["copied_to"] == ways["sessions"]["pitr"]["copied_to"] == []
    dated = {name for name, of_store in ways.items() for way in of_store.values() if way["copied_at"]}
    assert dated == {"orders-db"}
    assert ways["catalogue-db"]["automated"]["retention_days"] == 7
    stores = ("rds.instances", "rds.clusters", "dynamodb.tables", "efs.file_systems")
    counts = manifest["counts"].values()
    assert len(ways) == sum(place.get(kind, 0) for place in counts for kind in stores)


@pytest.mark.parametrize(
    "operation", ["ListBackupPlans", "GetBackupPlan", "ListBackupSelections", "GetBackupSelection"]
)
def test_plans_that_cannot_be_read_are_not_called_no_backup(gather: Gather, aws: AwsDouble, operation: str) -> None:
    aws.fault("deny", match={"service": "backup", "operation": operation})
    (prod,) = [one for one in gather("aws.backup.plans") if one.snapshot.scope.name == "northwind-prod"]
    ways = _ways([prod])
    assert set(ways["reports-db"]) == {"unknown"}
    assert set(ways["catalogue-db"]) == {"automated"}
    assert set(prod.causes) == {"denied"}


def test_recovery_that_cannot_be_read_is_not_called_off(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeContinuousBackups"})
    assert set(_ways(gather("aws.backup.plans"))["customers"]) == {"unknown"}


def test_tags_that_cannot_be_read_leave_open_whether_a_plan_selects(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "resourcegroupstaggingapi"})
    aws.fault("deny", match={"operation": "DescribeContinuousBackups"})
    ways = _ways(gather("aws.backup.plans"))
    assert set(ways["carts"]) == {"unknown"}
    assert ways["carts"]["unknown"]["environment"] is None
    assert set(ways["sessions"]) == {"plan nightly"}


def test_jobs_of_the_window_and_how_they_ended(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.backup.jobs")
    rows = [row for one in found for row in one.rows]
    assert all(one.snapshot.complete for one in found)
    assert len(rows) == sum(place.get("backup.jobs", 0) for place in manifest["counts"].values())
    assert {row["state"] for row in rows} == {"success", "failed", "issues"}
    assert len([row for row in rows if row["state"] == "issues"]) == 1


def test_the_window_is_what_aws_backup_remembers(gather: Gather) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    window = gather("aws.backup.jobs", now=now)[0].snapshot.window
    assert window is not None
    assert (window.start, window.end) == (now - timedelta(days=30), now)


def test_all_pages_of_jobs_are_read(gather: Gather, aws: AwsDouble) -> None:
    now = datetime.now(UTC)
    whole = [one.snapshot.records for one in gather("aws.backup.jobs", now=now)]
    aws.fault(match={"operation": "ListBackupJobs"}, page_size=7)
    paged = [one.snapshot.records.count for one in gather("aws.backup.jobs", now=now)]
    assert paged == [one.count for one in whole]
