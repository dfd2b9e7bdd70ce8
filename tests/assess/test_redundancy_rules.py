"""BCP-07: no store that matters hangs on one zone, or on nobody's pressing a wrong button, on every cloud."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model import Cause, Gap, Total
from collector.records import Resource
from tests.assess.sealed import CONTROLS, Sealed, judged, verdicts

STORES = {"aws": "aws.encryption.at_rest", "gcp": "gcp.sql.instances", "azure": "azure.sql.servers"}
OBJECTS = {"aws": "aws.encryption.at_rest", "gcp": "gcp.storage.buckets", "azure": "azure.storage.accounts"}

each_cloud = pytest.mark.parametrize("cloud", STORES)


def store(name: str = "db", **changed: Any) -> Resource:
    healthy: dict[str, Any] = {
        "key": name,
        "seen": (),
        "resource_id": name,
        "type": "db_instance",
        "environment": "production",
        "zones": ("a", "b"),
        "multi_zone": True,
        "deletion_protected": True,
    }
    return Resource(**healthy | changed)


@each_cloud
def test_bcp_07_databases(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str | None, str | None]] = [
        ({}, "pass", "pass"),
        ({"multi_zone": False}, "deviation", "pass"),
        ({"multi_zone": None}, "cannot_tell", "pass"),
        ({"deletion_protected": False}, "pass", "deviation"),
        ({"deletion_protected": None}, "pass", "cannot_tell"),
        # Two zones by name are not yet a store that goes on without one of them.
        ({"multi_zone": None, "zones": ("a", "b")}, "cannot_tell", "pass"),
        ({"environment": None, "multi_zone": False}, "deviation", "pass"),
        ({"environment": "Staging", "multi_zone": False}, "not_applicable", "not_applicable"),
        ({"part_of": "cluster", "multi_zone": False}, "not_applicable", "not_applicable"),
        ({"type": "db_database", "multi_zone": False}, "deviation", "pass"),
        ({"type": "table", "deletion_protected": False}, "pass", "deviation"),
        ({"type": "db_server", "multi_zone": False}, None, None),
        ({"type": "volume", "multi_zone": False}, None, None),
        ({"type": None}, "cannot_tell", None),
    ]
    rows = [store(f"db{n}", **changed) for n, (changed, _, _) in enumerate(cases)]
    found = verdicts("BCP-07", {STORES[cloud]: rows})
    told = [(found.get(f"zones of db{n}"), found.get(f"deletion of db{n}")) for n in range(len(cases))]
    assert told == [(zones, deletion) for _, zones, deletion in cases]


@each_cloud
def test_bcp_07_what_has_no_protection_from_deletion_is_judged_by_its_zones(cloud: str) -> None:
    outcomes = {True: "pass", False: "deviation", None: "cannot_tell"}
    kinds = ("bucket", "storage_account", "file_system")
    rows = [
        store(f"{kind} {zones}", type=kind, multi_zone=zones, deletion_protected=None)
        for kind in kinds
        for zones in outcomes
    ]
    assert verdicts("BCP-07", {OBJECTS[cloud]: rows}) == {
        f"zones of {kind} {zones}": outcome for kind in kinds for zones, outcome in outcomes.items()
    }


@pytest.mark.parametrize("kind", ["load_balancer", "scaling_group"])
def test_bcp_07_services_are_judged_by_their_zones(kind: str) -> None:
    outcomes = {True: "pass", False: "deviation", None: "cannot_tell"}
    rows = [store(f"s {zones}", type=kind, multi_zone=zones, deletion_protected=None) for zones in outcomes]
    rows.append(store("tried", type=kind, multi_zone=False, environment="qa"))
    found = verdicts("BCP-07", {"aws.resilience": rows})
    found = {item: outcome for item, outcome in found.items() if not item.startswith("scaling of ")}
    assert found == {f"zones of s {zones}": outcome for zones, outcome in outcomes.items()} | {
        "zones of tried": "not_applicable"
    }


def test_bcp_07_the_zones_are_told() -> None:
    found = judged("BCP-07", {STORES["aws"]: [store(), store("one", zones=("a",), multi_zone=False)]})
    assert found["zones of db"][1] == "db_instance: Goes on when one zone fails: a, b."
    assert found["zones of one"][1] == "db_instance: Runs in one zone alone: a."
    unnamed = judged("BCP-07", {STORES["azure"]: [store(zones=None)]})
    assert unnamed["zones of db"][1] == "db_instance: Goes on when one zone fails."


def test_bcp_07_what_is_less_than_critical_is_the_companys_own_word() -> None:
    rows = {STORES["azure"]: [store("/subscriptions/0/DB", multi_zone=False)]}
    parameters = {"uncritical": ["/Subscriptions/0/db"]}
    assert set(verdicts("BCP-07", rows, parameters).values()) == {"not_applicable"}
    assert "deviation" in verdicts("BCP-07", rows, {"uncritical": ["db"]}).values()
    assert "deviation" in verdicts("BCP-07", {STORES["gcp"]: [store(environment="dev", multi_zone=False)]}, {
        "non_production": ["test"]
    }).values()  # fmt: skip


@each_cloud
def test_bcp_07_without_any_store_nothing_passes(cloud: str) -> None:
    assert verdicts("BCP-07", {STORES[cloud]: []}) == {}


@each_cloud
def test_bcp_07_what_could_not_be_read_passes_nothing(cloud: str) -> None:
    lacking: list[dict[str, Any]] = [
        {"gaps": (Gap(Cause.DENIED, "the call", "HTTP 403"),)},
        {"totals": (Total("listed = found", 2, 1),)},
    ]
    for how in lacking:
        sealed = Sealed()
        sealed.add(STORES[cloud], [store(), store("one", multi_zone=False)], **how)
        sealed.fill(CONTROLS["BCP-07"])
        (assessment,) = sealed.judge(CONTROLS["BCP-07"])
        assert {one.outcome for one in assessment.outcomes} == {"cannot_tell"}
        # What was seen is shown all the same.
        assert "deviation" in {one.seen for one in assessment.outcomes}
