"""Which services of AWS go on when one zone fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.continuity.resilience import group_zones, spread
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

SERVICES = "aws.resilience"


def machine(zone: str, state: str = "InService") -> dict[str, str]:
    return {"AvailabilityZone": zone, "LifecycleState": state}


@pytest.mark.parametrize(
    ("group", "zones", "goes_on"),
    [
        ({"AvailabilityZones": ["b", "a"], "Instances": []}, ("a", "b"), True),
        ({"AvailabilityZones": ["a"]}, ("a",), False),
        ({"AvailabilityZones": ["a", "b"], "Instances": [machine("b")]}, ("b",), False),
        (
            {"AvailabilityZones": ["a", "b"], "Instances": [machine("b"), machine("a", "Pending:Wait")]},
            ("a", "b"),
            True,
        ),
        ({"AvailabilityZones": ["a", "b"], "Instances": [machine("b"), machine("a", "Terminating")]}, ("b",), False),
        ({"AvailabilityZones": ["a", "b"], "Instances": [machine("b"), machine("a", "Warmed:Stopped")]}, ("b",), False),
        ({"AvailabilityZones": ["a", "b"], "Instances": [machine("a", "Terminated")]}, ("a", "b"), True),
        ({"AvailabilityZones": []}, None, None),
        ({}, None, None),
    ],
)
def test_a_group_is_where_its_machines_run(
    *, group: dict[str, Any], zones: tuple[str, ...] | None, goes_on: bool | None
) -> None:
    assert group_zones(group) == zones
    assert spread(group_zones(group)) is goes_on


def name_of(row: dict[str, Any]) -> str:
    """Of `…/nw-shop`, or of a load balancer's `…/net/nw-intake/50dc6c495c0c9188`."""
    parts: list[str] = row["resource_id"].split("/")
    return parts[-2] if row["type"] == "load_balancer" else parts[-1]


def services(found: list[Gathered]) -> dict[str, dict[str, Any]]:
    return {name_of(row): row for one in found for row in one.rows}


def test_every_group_and_load_balancer_says_in_which_zones_it_is(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(SERVICES)
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    rows = services(found)
    kinds = ("autoscaling.groups", "elbv2.load_balancers")
    assert len(rows) == sum(place.get(kind, 0) for place in manifest["counts"].values() for kind in kinds)
    assert (rows["nw-shop"]["zones"], rows["nw-shop"]["multi_zone"]) == (["eu-central-1a", "eu-central-1b"], True)
    assert (rows["nw-ledger"]["zones"], rows["nw-ledger"]["multi_zone"]) == (["eu-central-1b"], False)
    assert rows["nw-standby"]["multi_zone"] is True
    assert (rows["nw-intake"]["multi_zone"], len(rows["nw-intake"]["zones"])) == (False, 1)
    assert (rows["nw-front"]["multi_zone"], rows["nw-front"]["public"]) == (True, False)
    assert {rows[name]["environment"] for name in ("nw-front", "nw-intake", "nw-batch")} == {"production"}
    assert rows["nw-notebooks"]["environment"] == "sandbox"
    assert {row["deletion_protected"] for row in rows.values()} == {None}


@pytest.mark.parametrize(
    ("operation", "left"),
    [("DescribeAutoScalingGroups", {"load_balancer"}), ("DescribeLoadBalancers", {"scaling_group"})],
)
def test_a_list_that_cannot_be_read_leaves_the_other(
    gather: Gather, aws: AwsDouble, operation: str, left: set[str]
) -> None:
    aws.fault("deny", match={"operation": operation})
    found = gather(SERVICES)
    assert {row["type"] for one in found for row in one.rows} == left
    assert [set(one.causes) for one in found] == [{"denied"}] * 3


def test_all_pages_of_both_lists_are_read(gather: Gather, aws: AwsDouble) -> None:
    whole = services(gather(SERVICES)).keys()
    for operation in ("DescribeAutoScalingGroups", "DescribeLoadBalancers"):
        aws.fault(match={"operation": operation}, page_size=1)
    assert services(gather(SERVICES)).keys() == whole


def test_tags_that_cannot_be_read_take_nothing_out_of_production(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("throttle", match={"service": "resourcegroupstaggingapi"})
    (prod,) = [one for one in gather(SERVICES) if one.snapshot.scope.name == "northwind-prod"]
    rows = services([prod])
    assert rows["nw-intake"]["environment"] is None
    # A group brings its own.
    assert rows["nw-shop"]["environment"] == "production"
    assert prod.causes == ["throttled"]


def test_bcp_07_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(SERVICES)
    outcomes = told("BCP-07", [*found, *gather("aws.availability.monitors"), *gather("aws.encryption.at_rest")])
    of_services = {name: outcomes[f"zones of {row['resource_id']}"][0] for name, row in services(found).items()}
    zones = {one["item"] for one in manifest["deviations"]["BCP-07"] if one["why"] == "zones"}
    planted = zones & of_services.keys()
    assert {name for name, outcome in of_services.items() if outcome == "deviation"} == planted
    assert len(planted) == 3
    assert of_services["nw-notebooks"] == "not_applicable"
    # What runs anew from its template needs no protection from deletion.
    assert not [item for item in outcomes if item.startswith("deletion of") and "autoscaling" in item]
    # A database is told once, by the type that has it.
    assert len([item for item in outcomes if item.startswith("zones of") and item.endswith(":db:orders-db")]) == 1
