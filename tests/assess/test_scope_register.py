"""AQ-06 and GOV-12: what is out of scope, who decided it, and what nobody has decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.model import Cause, Gap
from collector.records import Asset, Repository, ScopeDecision, ScopeUnit
from tests.assess.sealed import CONTROLS, Sealed, ago, judged, verdicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.records import Record

ACCOUNTS, PROJECTS, REPOSITORIES = "aws.org.accounts", "gcp.org.projects", "github.repos"
REGISTER, ASSETS = "records.scope_register", "gcp.asset.inventory"


def unit(unit_id: str, **columns: Any) -> ScopeUnit:
    usual: dict[str, Any] = {"status": "active", "joined_at": ago(days=300), "unit_id": unit_id}
    return ScopeUnit(key=unit_id, seen=(), **usual | columns)


def repository(name: str, **columns: Any) -> Repository:
    usual: dict[str, Any] = {"created_at": ago(days=300), "archived": False}
    return Repository(key=name, seen=(), repo=name, **usual | columns)


def entry(unit_id: str, **columns: Any) -> ScopeDecision:
    usual: dict[str, Any] = {
        "decision": "excluded",
        "reason": "sold in March",
        "approved_by": "CFO",
        "valid_from": ago(days=100),
    }
    return ScopeDecision(key=f"{unit_id} {columns}", seen=(), unit_id=unit_id, **usual | columns)


def of(found: ScopeUnit, *register: ScopeDecision) -> str:
    return verdicts("GOV-12", {PROJECTS: [found], REGISTER: register})[f"unit {found.unit_id}"]


def test_aq_06_what_the_register_does_not_name_is_unclassified_on_every_provider_and_the_control_fails() -> None:
    discovered: dict[str, Sequence[Record]] = {
        ACCOUNTS: [unit("111111111111")],
        PROJECTS: [unit("shadow-project")],
        REPOSITORIES: [repository("northwind/forgotten")],
        REGISTER: [entry("another", decision="in_scope")],
    }
    told = judged("GOV-12", discovered)
    names = {"unit 111111111111", "unit shadow-project", "unit northwind/forgotten"}
    assert {item for item, (outcome, _) in told.items() if outcome == "deviation"} == names
    assert all("Unclassified" in told[name][1] for name in names)
    # Each leaves the list by an entry with reason, approver and dates, and by nothing else.
    decided = {
        **discovered,
        REGISTER: [entry("111111111111", decision="in_scope"), entry("shadow-project"), entry("northwind/forgotten")],
    }
    after = judged("GOV-12", decided)
    assert {after[name][0] for name in names} == {"pass"}
    assert "approved by CFO: sold in March" in after["unit shadow-project"][1]


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "pass"),
        ({"decision": "in_scope", "reason": None, "approved_by": None}, "pass"),
        ({"reason": None}, "deviation"),
        ({"reason": " "}, "deviation"),
        ({"approved_by": None}, "deviation"),
        ({"valid_from": None}, "deviation"),
        ({"decision": None}, "deviation"),
        ({"valid_from": ago(days=-3)}, "deviation"),
        ({"valid_to": ago(days=1)}, "deviation"),
        ({"valid_to": ago(days=-1)}, "pass"),
    ],
)
def test_gov_12_an_entry_classifies_only_when_it_says_all_and_is_in_force(
    columns: dict[str, Any], outcome: str
) -> None:
    assert of(unit("p"), entry("p", **columns)) == outcome


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "deviation"),
        ({"joined_at": ago(days=6)}, "not_applicable"),
        ({"joined_at": ago(days=8)}, "deviation"),
        ({"joined_at": None}, "deviation"),
        ({"status": "delete_requested"}, "not_applicable"),
        ({"status": "suspended"}, "not_applicable"),
        ({"status": None}, "deviation"),
    ],
)
def test_gov_12_a_new_unit_has_a_week_and_one_that_goes_needs_nothing(columns: dict[str, Any], outcome: str) -> None:
    assert of(unit("p", **columns), entry("other")) == outcome


def test_gov_12_two_entries_that_contradict_each_other_cannot_be_told() -> None:
    assert of(unit("p"), entry("p"), entry("p", decision="in_scope")) == "cannot_tell"


def test_gov_12_without_a_register_nobody_can_tell_and_an_incomplete_one_is_none() -> None:
    assert verdicts("GOV-12", {PROJECTS: [unit("p")]})["unit p"] == "cannot_tell"
    sealed = Sealed()
    sealed.add(PROJECTS, [unit("p")])
    sealed.add(REGISTER, [entry("q")], gaps=(Gap(Cause.TRUNCATED, "row 7", "not read"),))
    sealed.fill(CONTROLS["GOV-12"], providers=frozenset({"gcp"}))
    (assessment,) = sealed.judge(CONTROLS["GOV-12"])
    assert {one.outcome for one in assessment.outcomes if one.item == "unit p"} == {"cannot_tell"}


@pytest.mark.parametrize(("owned", "outcome"), [(19, "pass"), (18, "deviation")])
def test_gov_12_production_resources_carry_an_owner(owned: int, outcome: str) -> None:
    assets = [Asset(key=str(n), seen=(), asset_id=str(n), owner="ada" if n < owned else None) for n in range(20)]
    tests = [Asset(key=f"t{n}", seen=(), asset_id=f"t{n}", environment="dev") for n in range(20)]
    told = judged("GOV-12", {ASSETS: [*assets, *tests]})["owners of production resources"]
    assert (told[0], told[1].partition(" resources")[0]) == (outcome, f"{owned} of 20")
