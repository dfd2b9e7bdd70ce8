"""The rules that three clouds share, over AWS's rows: those of the other two are in `tests/assess/test_clouds_*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import ScopeDecision
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather


def test_log_03_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    groups = gather("aws.logs.retention")
    found = told("LOG-03", [*groups, *gather("aws.s3.log_bucket_protection")])
    told_of = {
        row["store"].partition(":log-group:")[2]: found[f"store {row['store']}"][0]
        for one in groups
        for row in one.rows
    }
    planted = {place["item"] for place in manifest["deviations"]["LOG-03"]}
    assert {name for name, outcome in told_of.items() if outcome == "deviation"} == planted
    assert {outcome for name, outcome in told_of.items() if name not in planted} == {"pass"}


def test_gov_12_of_aws(gather: Gather) -> None:
    accounts = gather("aws.org.accounts")
    units = {row["unit_id"]: row["status"] for one in accounts for row in one.rows}
    in_use = sorted(unit for unit, status in units.items() if status == "active")
    named = [ScopeDecision(key=unit, seen=(), unit_id=unit, decision="in_scope") for unit in in_use[:-1]]
    resources = gather("aws.resources.inventory")
    found = told("GOV-12", [*accounts, *resources], {"records.scope_register": named})
    assert {unit: found[f"unit {unit}"][0] for unit in units} == {
        unit: "not_applicable" if units[unit] != "active" else "pass" if unit in in_use[:-1] else "deviation"
        for unit in units
    }
    assert len(in_use) > 1
    assert set(found) == {"owners of production resources", *(f"unit {unit}" for unit in units)}
