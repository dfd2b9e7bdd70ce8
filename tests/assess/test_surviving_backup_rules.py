"""BCP-03: backups are locked, and lie elsewhere too, on every cloud."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model import Cause, Gap
from collector.records import BackupPlan, BackupStore
from tests.assess.sealed import CONTROLS, Sealed, ago, judged, verdicts

PLANS = {"aws": "aws.backup.plans", "gcp": "gcp.backup.plans", "azure": "azure.backup.items"}
VAULTS = PLANS | {"aws": "aws.backup.vaults"}
COPY, AGE = "copy of db", "age of the copy of db"

each_cloud = pytest.mark.parametrize("cloud", PLANS)


def way(key: str = "way", **changed: Any) -> BackupPlan:
    healthy: dict[str, Any] = {
        "key": key,
        "seen": (),
        "resource_id": "db",
        "environment": "production",
        "source": "plan daily",
        "frequency_hours": 24,
        "copied_to": ("far away",),
        "copied_at": ago(hours=12),
    }
    return BackupPlan(**healthy | changed)


def vault(**changed: Any) -> BackupStore:
    healthy: dict[str, Any] = {"key": "safe", "seen": (), "store": "safe", "encrypted": True, "locked": True}
    return BackupStore(**healthy | changed)


@each_cloud
def test_bcp_03_each_store_has_a_copy_elsewhere(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({}, "pass", "pass"),
        ({"copied_at": ago(hours=24)}, "pass", "pass"),
        ({"copied_at": ago(hours=24.1)}, "pass", "deviation"),
        ({"copied_at": None}, "pass", "cannot_tell"),
        ({"copied_at": None, "frequency_hours": None}, "pass", "cannot_tell"),
        # Made too seldom, a copy is too old for some of the time, whenever the newest was made.
        ({"copied_at": None, "frequency_hours": 25}, "pass", "deviation"),
        ({"copied_at": None, "frequency_hours": 0, "pitr": True, "source": "pitr"}, "pass", "cannot_tell"),
        ({"copied_to": ()}, "deviation", None),
        ({"copied_to": None}, "cannot_tell", None),
        ({"source": "unknown", "copied_to": None}, "cannot_tell", None),
        ({"source": None, "copied_to": None}, "deviation", None),
        ({"environment": None, "copied_to": ()}, "deviation", None),
        ({"environment": "Dev", "copied_to": ()}, "not_applicable", None),
        ({"environment": "dev"}, "not_applicable", None),
    ]
    rows = [way(f"w{n}", **{"resource_id": f"db{n}"} | changed) for n, (changed, _, _) in enumerate(cases)]
    found = verdicts("BCP-03", {PLANS[cloud]: rows})
    told = [(found.get(f"copy of db{n}"), found.get(f"age of the copy of db{n}")) for n in range(len(cases))]
    assert told == [(copy, age) for _, copy, age in cases]


def test_bcp_03_one_good_way_is_enough() -> None:
    others: list[dict[str, Any]] = [
        {"copied_to": ()},
        {"copied_to": None},
        {"copied_at": ago(days=3)},
        {"copied_at": None},
    ]
    rows = [
        way(f"{key} {n}", resource_id=f"db{n}", **changed)
        for n, other in enumerate(others)
        for key, changed in (("good", {}), ("other", other))
    ]
    assert set(verdicts("BCP-03", {PLANS["aws"]: rows}).values()) == {"pass"}


def test_bcp_03_an_old_copy_and_one_of_which_the_time_is_not_told() -> None:
    rows = {PLANS["gcp"]: [way(copied_at=ago(days=3)), way("other", copied_at=None)]}
    assert verdicts("BCP-03", rows)[AGE] == "cannot_tell"
    rows = {PLANS["gcp"]: [way(copied_at=ago(days=3)), way("other", copied_at=None, frequency_hours=168)]}
    assert verdicts("BCP-03", rows)[AGE] == "deviation"
    rows = {PLANS["gcp"]: [way(copied_to=()), way("other", source="pitr", copied_to=None)]}
    assert verdicts("BCP-03", rows)[COPY] == "cannot_tell"


def test_bcp_03_what_is_said_of_a_store() -> None:
    told = judged("BCP-03", {PLANS["aws"]: [way(), way("other", source="pitr", copied_to=("a", "b"))]})
    assert told[COPY][1] == "Copied to a and b (pitr), far away (plan daily)."
    unseen = judged("BCP-03", {PLANS["aws"]: [way(source="unknown", copied_to=None)]})
    assert unseen[COPY][1] == "How it is backed up could not be looked at."
    alone = judged("BCP-03", {PLANS["aws"]: [way(copied_to=()), way("other", source="pitr", copied_to=())]})
    assert alone[COPY][1] == "Backed up by pitr, plan daily, and copied nowhere else."


def test_bcp_03_the_companys_own_words() -> None:
    rows = {PLANS["azure"]: [way(copied_to=(), resource_id="/subscriptions/0/db")]}
    assert set(verdicts("BCP-03", rows, {"uncritical": ["/Subscriptions/0/DB"]}).values()) == {"not_applicable"}
    old = {PLANS["gcp"]: [way(copied_at=ago(hours=48))]}
    assert verdicts("BCP-03", old, {"recovery_point_hours": 48})[AGE] == "pass"
    assert verdicts("BCP-03", old, {"recovery_point_hours": 47})[AGE] == "deviation"


@pytest.mark.parametrize("cloud", VAULTS)
def test_bcp_03_vaults(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "pass"),
        ({"min_retention_days": 40}, "pass"),
        ({"encrypted": False}, "deviation"),
        ({"locked": False}, "deviation"),
        ({"locked": False, "encrypted": None}, "deviation"),
        ({"locked": None}, "cannot_tell"),
        ({"encrypted": None}, "cannot_tell"),
        ({"encrypted": None, "locked": None}, "cannot_tell"),
        ({"locked": False, "environment": "sandbox"}, "not_applicable"),
        ({"locked": False, "environment": None}, "deviation"),
        ({"locked": False, "encrypted": False, "empty": True}, "not_applicable"),
        ({"locked": False, "empty": False}, "deviation"),
    ]
    rows = [vault(key=f"v{n}", store=f"v{n}", **changed) for n, (changed, _) in enumerate(cases)]
    assert verdicts("BCP-03", {VAULTS[cloud]: rows}) == {f"vault v{n}": outcome for n, (_, outcome) in enumerate(cases)}


def test_bcp_03_what_is_not_told_of_a_vault_is_named() -> None:
    def because(**changed: Any) -> str:
        return judged("BCP-03", {VAULTS["gcp"]: [vault(**changed)]})["vault safe"][1]

    assert because(encrypted=None, locked=None) == "Whether it is encrypted and locked is not given."
    assert because(locked=None) == "Whether it is locked is not given."
    assert because(min_retention_days=40) == "Encrypted and locked, for 40 days at least."
    assert because() == "Encrypted and locked."


@each_cloud
def test_bcp_03_a_vault_that_a_plan_names_and_nobody_has_seen_cannot_be_told(cloud: str) -> None:
    rows: dict[str, list[Any]] = {PLANS[cloud]: [way(destination="Far/Safe"), way("two", destination="Far/Safe")]}
    assert verdicts("BCP-03", rows)["vault Far/Safe"] == "cannot_tell"
    # Where a service puts what it backs up by itself is a place, and no vault.
    assert "vault eu" not in verdicts("BCP-03", {PLANS[cloud]: [way(source="automated", destination="eu")]})
    rows[VAULTS[cloud]] = [*rows.get(VAULTS[cloud], []), vault(store="far/safe")]
    assert {item: outcome for item, outcome in verdicts("BCP-03", rows).items() if "vault" in item} == {
        "vault far/safe": "pass"
    }


@each_cloud
def test_bcp_03_without_stores_and_vaults_nothing_passes(cloud: str) -> None:
    assert verdicts("BCP-03", {PLANS[cloud]: []}) == {}


@each_cloud
def test_bcp_03_what_could_not_be_read_passes_nothing(cloud: str) -> None:
    sealed = Sealed()
    rows: list[Any] = [way(), way("two", resource_id="other", copied_to=())]
    sealed.add(PLANS[cloud], rows, gaps=(Gap(Cause.DENIED, "the call", "HTTP 403"),))
    sealed.fill(CONTROLS["BCP-03"])
    (assessment,) = sealed.judge(CONTROLS["BCP-03"])
    assert {one.outcome for one in assessment.outcomes} == {"cannot_tell"}
    assert {"pass", "deviation"} <= {one.seen for one in assessment.outcomes}
