"""Where AWS keeps backups, and whether its copies got there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import Answer
from collector.model import Origin
from connectors.aws.continuity.backup_copies import CopyJobs
from connectors.aws.continuity.backup_vaults import empty, locked
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
STORE = "arn:aws:rds:eu-central-1:111111111111:db:orders"
VAULT = "arn:aws:backup:{}:backup-vault:safe"
HERE, THERE, THEIRS = (VAULT.format(one) for one in (
    "eu-central-1:111111111111", "eu-west-1:111111111111", "eu-central-1:222222222222"
))  # fmt: skip


@pytest.mark.parametrize(
    ("vault", "for_good"),
    [
        ({"Locked": False}, False),
        ({"Locked": True}, False),
        ({"Locked": True, "LockDate": NOW}, True),
        ({"Locked": True, "LockDate": NOW + timedelta(seconds=1)}, False),
        ({"Locked": False, "LockDate": NOW - timedelta(days=1)}, False),
        ({"VaultType": AIR_GAPPED}, True),
        ({"VaultType": AIR_GAPPED, "VaultState": "AVAILABLE", "Locked": False}, True),
        ({"VaultType": AIR_GAPPED, "VaultState": "CREATING"}, None),
        ({"VaultType": AIR_GAPPED, "VaultState": "FAILED"}, None),
        ({"VaultType": "BACKUP_VAULT"}, None),
        ({}, None),
    ],
)
def test_a_lock_is_for_good_once_its_date_has_passed(*, vault: dict[str, Any], for_good: bool | None) -> None:
    assert locked(vault, NOW) is for_good


def test_a_vault_of_which_no_number_is_told_is_not_called_empty() -> None:
    assert [empty(number) for number in (0, 1, None)] == [True, False, None]


def job(vault: str, state: str, hours: float, **changed: Any) -> Answer:
    fields = {
        "ResourceArn": STORE,
        "CreatedBy": {"BackupPlanId": "plan", "BackupRuleId": "rule"},
        "DestinationBackupVaultArn": vault,
        "State": state,
        "CreationDate": NOW - timedelta(hours=hours),
    }
    return Answer(fields | changed, Origin("r", 1, ""))


def rule(*vaults: str) -> dict[str, Any]:
    return {"RuleId": "rule", "CopyActions": [{"DestinationBackupVaultArn": one} for one in vaults]}


@pytest.mark.parametrize(
    ("vaults", "jobs", "places", "hours"),
    [
        ([], [], (), None),
        ([HERE], [(HERE, "COMPLETED", 1)], (), None),
        ([THERE], [], ("eu-west-1 of 111111111111",), None),
        ([THERE], [(THERE, "COMPLETED", 30), (THERE, "COMPLETED", 6)], ("eu-west-1 of 111111111111",), 6),
        # What failed since leaves the older copy where it is.
        ([THERE], [(THERE, "COMPLETED", 30), (THERE, "FAILED", 6)], ("eu-west-1 of 111111111111",), 30),
        ([THERE], [(THERE, "FAILED", 30), (THERE, "FAILED", 6)], (), None),
        ([THERE], [(THERE, "FAILED", 30), (THERE, "RUNNING", 1)], ("eu-west-1 of 111111111111",), None),
        ([THERE], [(THERE, "PARTIAL", 6)], ("eu-west-1 of 111111111111",), None),
        ([THERE, THEIRS], [(THERE, "FAILED", 6), (THEIRS, "COMPLETED", 5)], ("eu-central-1 of 222222222222",), 5),
        (
            [THERE, THEIRS, HERE],
            [(THERE, "COMPLETED", 6), (THEIRS, "COMPLETED", 5)],
            ("eu-central-1 of 222222222222", "eu-west-1 of 111111111111"),
            5,
        ),
    ],
)
def test_what_became_of_the_copies_of_a_rule(
    vaults: list[str], jobs: list[tuple[str, str, float]], places: tuple[str, ...], hours: float | None
) -> None:
    found = CopyJobs([job(*one) for one in jobs]).of(STORE, "plan", rule(*vaults))
    assert found.copied_to == places
    assert found.copied_at == (None if hours is None else NOW - timedelta(hours=hours))


def test_what_shows_that_there_is_a_copy_or_none_is_cited() -> None:
    made, older, failed = job(THERE, "COMPLETED", 6), job(THERE, "COMPLETED", 30), job(THEIRS, "FAILED", 6)
    assert CopyJobs([older, made, failed]).of(STORE, "plan", rule(THERE, THEIRS)).seen == (made, failed)


@pytest.mark.parametrize(
    "changed",
    [
        {"ResourceArn": f"{STORE}-2"},
        {"CreatedBy": {"BackupPlanId": "plan", "BackupRuleId": "other"}},
        {"CreatedBy": {"BackupPlanId": "other", "BackupRuleId": "rule"}},
        {"CreatedBy": None},
    ],
)
def test_a_copy_of_something_else_or_by_hand_does_not_count(changed: dict[str, Any]) -> None:
    found = CopyJobs([job(THERE, "COMPLETED", 1, **changed)]).of(STORE, "plan", rule(THERE))
    assert (found.copied_to, found.copied_at) == (("eu-west-1 of 111111111111",), None)


def test_copies_that_could_not_be_asked_for_are_unknown_where_there_would_be_any() -> None:
    assert CopyJobs(None).of(STORE, "plan", rule(THERE)).copied_to is None
    assert CopyJobs(None).of(STORE, "plan", rule(HERE)).copied_to == ()


def vaults(found: list[Gathered]) -> dict[str, dict[str, Any]]:
    return {row["store"].rpartition(":")[2]: row for one in found for row in one.rows}


def test_every_vault_says_how_it_is_locked(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.backup.vaults")
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    rows = vaults(found)
    assert len(rows) == sum(place.get("backup.vaults", 0) for place in manifest["counts"].values())
    told_of = {
        name: tuple(row[field] for field in ("locked", "min_retention_days", "empty")) for name, row in rows.items()
    }
    assert told_of == {
        "nw-vault": (True, 30, False),
        "nw-copies": (False, 30, False),
        "nw-airgap": (True, 7, False),
        "nw-features": (False, 30, False),
        "nw-trial": (False, None, False),
        "Default": (False, None, True),
    }
    assert all(row["encrypted"] for row in rows.values())
    assert rows["nw-trial"]["environment"] == "sandbox"
    assert rows["nw-copies"]["environment"] is None


def test_all_pages_of_vaults_are_read(gather: Gather, aws: AwsDouble) -> None:
    now = datetime.now(UTC)
    whole = [sorted(vaults([one])) for one in gather("aws.backup.vaults", now=now)]
    aws.fault(match={"operation": "ListBackupVaults"}, page_size=1)
    assert [sorted(vaults([one])) for one in gather("aws.backup.vaults", now=now)] == whole


def test_vaults_that_cannot_be_listed_are_a_gap(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("throttle", match={"operation": "ListBackupVaults", "region": "eu-west-1"})
    for one in gather("aws.backup.vaults"):
        assert one.causes == ["throttled"]
        assert not [row for row in one.rows if ":eu-west-1:" in row["store"]]


def test_a_vault_whose_tags_cannot_be_read_keeps_its_lock(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "resourcegroupstaggingapi"})
    found = gather("aws.backup.vaults", environments={"northwind-prod": "production"})
    rows = vaults(found)
    assert rows["nw-vault"]["locked"] is True
    assert {row["environment"] for row in rows.values()} == {None}
    assert {cause for one in found for cause in one.causes} == {"denied"}


def test_copies_that_cannot_be_read_are_not_called_made(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListCopyJobs"})
    (prod,) = [one for one in gather("aws.backup.plans") if one.snapshot.scope.name == "northwind-prod"]
    nightly = [row for row in prod.rows if row["source"] == "plan nightly"]
    assert {(row["copied_at"], str(row["copied_to"])) for row in nightly} == {(None, "None")}
    assert len(nightly) == 2
    assert prod.causes == ["denied"]


def test_bcp_03_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    found = told("BCP-03", [*gather("aws.backup.plans"), *gather("aws.backup.vaults")])
    by_name = {item.rpartition(":")[2]: outcome for item, (outcome, _) in found.items() if item.startswith("vault ")}
    assert by_name == {
        "nw-vault": "pass",
        "nw-airgap": "pass",
        "nw-copies": "deviation",
        "nw-features": "deviation",
        "nw-trial": "not_applicable",
        "Default": "not_applicable",
    }
    planted = {place["item"] for place in manifest["deviations"]["BCP-03"]}
    assert {name for name, outcome in by_name.items() if outcome == "deviation"} == planted - {"sessions"}
    copies = {item.rpartition(":")[2]: said for item, said in found.items() if item.startswith("copy of ")}
    assert copies["orders-db"][0] == "pass"
    assert copies["table/sessions"][0] == "deviation"
    ages = {item.rpartition(":")[2]: said for item, said in found.items() if item.startswith("age of ")}
    assert {name: outcome for name, (outcome, _) in ages.items()} == {"orders-db": "pass"}
