"""What watches services of AWS, and what scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.records import Monitor, Resource
from connectors.aws.monitoring.monitors import acts, scales
from tests.assess.clouds import told
from tests.assess.sealed import judged, verdicts

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

MONITORS, SERVICES = "aws.availability.monitors", "aws.resilience"
GROWS = {"MinSize": 1, "MaxSize": 4}
ON, OFF = {"Enabled": True}, {"Enabled": False}
FORECAST = {"Enabled": True, "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"}}


@pytest.mark.parametrize(
    ("group", "policies", "state"),
    [
        (GROWS, [ON], "enabled"),
        (GROWS, [OFF, ON], "enabled"),
        (GROWS, [OFF], "disabled"),
        (GROWS, [FORECAST], "disabled"),
        (GROWS, [{}], None),
        (GROWS, [], "absent"),
        (GROWS, None, None),
        ({"MinSize": 2, "MaxSize": 2}, [ON], "disabled"),
        ({"MinSize": 2, "MaxSize": 2}, None, "disabled"),
        ({}, [ON], None),
        (GROWS | {"SuspendedProcesses": [{"ProcessName": "Launch"}]}, [ON], "disabled"),
        (GROWS | {"SuspendedProcesses": [{"ProcessName": "AZRebalance"}]}, [ON], "enabled"),
        (GROWS | {"Tags": [{"Key": "eks:cluster-name", "Value": "nw"}]}, [], None),
        (GROWS | {"Tags": [{"Key": "Environment", "Value": "production"}]}, [], "absent"),
    ],
)
def test_what_scales_a_group(group: dict[str, Any], policies: list[dict[str, Any]] | None, state: str | None) -> None:
    assert scales(group, policies) == state


def test_a_policy_that_only_forecasts_does_nothing() -> None:
    policies: list[dict[str, Any]] = [
        ON, OFF, {}, FORECAST, {"Enabled": True, "PredictiveScalingConfiguration": {"Mode": "ForecastAndScale"}}
    ]  # fmt: skip
    assert [acts(one) for one in policies] == [True, False, None, False, True]


def scaling(found: list[Gathered]) -> dict[str, str | None]:
    return {
        row["covers"].rpartition("/")[2]: row["state"] for one in found for row in one.rows if row["kind"] == "scaling"
    }


def test_each_group_and_each_check_that_looks_has_a_row(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(MONITORS)
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    assert scaling(found) == {
        "nw-shop": "enabled",
        "nw-batch": "disabled",
        "nw-ledger": "disabled",
        "nw-standby": "absent",
        "nw-notebooks": "absent",
        "nw-nodes": None,
    }
    checks = {row["covers"]: row["state"] for one in found for row in one.rows if row["kind"] == "uptime"}
    assert checks == {"shop.northwind.example": "enabled", "old-shop.northwind.example": "disabled"}
    assert len(checks) == sum(place.get("route53.checks", 0) for place in manifest["counts"].values())
    totals = [total.found for one in found for total in one.snapshot.totals if "health checks" in total.name]
    # One only reckons with the others: it is counted, and no row.
    assert sorted(totals) == [0, 0, 3]


def test_health_checks_are_asked_for_once_in_an_account(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListHealthChecks"})
    found = gather(MONITORS)
    (rule,) = aws.faults()
    assert rule["fired"] == len(found) == 3
    assert [one.causes for one in found] == [["denied"]] * 3
    assert scaling(found)["nw-shop"] == "enabled"


def test_policies_that_cannot_be_read_are_not_called_absent(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("throttle", match={"operation": "DescribePolicies"})
    found = gather(MONITORS)
    # That one cannot grow the group itself says.
    assert {name: state for name, state in scaling(found).items() if state} == {"nw-batch": "disabled"}
    assert {cause for one in found for cause in one.causes} == {"throttled"}


def test_all_pages_are_read(gather: Gather, aws: AwsDouble) -> None:
    whole = sorted(row["row_id"] for one in gather(MONITORS) for row in one.rows)
    for operation in ("DescribePolicies", "ListHealthChecks", "DescribeAutoScalingGroups"):
        aws.fault(match={"operation": operation}, page_size=1)
    assert sorted(row["row_id"] for one in gather(MONITORS) for row in one.rows) == whole


def test_bcp_07_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    outcomes = told("BCP-07", [*gather(SERVICES), *gather(MONITORS), *gather("aws.encryption.at_rest")])
    of_groups = {
        item.rpartition("/")[2]: outcome for item, (outcome, _) in outcomes.items() if item.startswith("scaling of ")
    }
    planted = {one["item"] for one in manifest["deviations"]["BCP-07"] if one["why"] == "scaling"}
    assert {name for name, outcome in of_groups.items() if outcome == "deviation"} == planted
    assert {name: outcome for name, outcome in of_groups.items() if name not in planted} == {
        "nw-shop": "pass",
        "nw-notebooks": "not_applicable",
        "nw-nodes": "cannot_tell",
    }


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (["enabled"], "pass"),
        (["disabled", "enabled"], "pass"),
        (["disabled", None], "cannot_tell"),
        (["disabled"], "deviation"),
        (["absent"], "deviation"),
        ([], "deviation"),
    ],
)
def test_bcp_07_a_group_scales_with_its_load(states: list[str | None], outcome: str) -> None:
    group = Resource(key="g", seen=(), resource_id="g", type="scaling_group", multi_zone=True)
    watching = [
        Monitor(key=f"m{number}", seen=(), monitor=f"m{number}", kind="scaling", covers="g", state=state)
        for number, state in enumerate(states)
    ]
    # What watches the same thing without scaling it does not count.
    watching.append(Monitor(key="up", seen=(), monitor="up", kind="uptime", covers="g", state="enabled"))
    assert verdicts("BCP-07", {SERVICES: [group], MONITORS: watching})["scaling of g"] == outcome


def test_bcp_07_what_is_said_of_a_group() -> None:
    group = Resource(key="g", seen=(), resource_id="g", type="scaling_group", multi_zone=True)
    off = Monitor(key="m", seen=(), monitor="m", kind="scaling", covers="g", state="disabled")
    found = judged("BCP-07", {SERVICES: [group], MONITORS: [off]})
    assert found["scaling of g"][1] == "scaling_group: Its size is fixed, or what would scale it is switched off."
    alone = judged("BCP-07", {SERVICES: [group], MONITORS: []})
    assert alone["scaling of g"][1] == "scaling_group: Nothing scales it with its load."
