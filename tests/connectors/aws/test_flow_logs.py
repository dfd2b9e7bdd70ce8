from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.monitoring.flow_logs import delivers
from tests.assess.clouds import told
from tests.doubles.aws.clients import Account

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

FLOWS = "aws.network.flow_logs"


@pytest.mark.parametrize(
    ("flow", "on"),
    [
        ({"FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "SUCCESS"}, True),
        ({"FlowLogStatus": "ACTIVE"}, True),
        ({"FlowLogStatus": "ACTIVE", "DeliverLogsStatus": "FAILED"}, False),
        ({"DeliverLogsStatus": "SUCCESS"}, None),
    ],
)
def test_a_flow_log_is_on_while_it_delivers(*, flow: dict[str, str], on: bool | None) -> None:
    assert delivers(flow) is on


def test_every_network_is_logged_or_said_not_to_be(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(FLOWS)
    assert [one.snapshot.gaps for one in found if not one.snapshot.complete] == []
    flows = [row for one in found for row in one.rows if row["kind"] == "network_flow"]
    assert len(flows) == len(manifest["accounts"]) * len(manifest["regions"]), "one network in each"
    planted = {one["item"]: one["why"] for one in manifest["deviations"]["LOG-01"] if one["item"].startswith("vpc-")}
    assert {row["covers"] for row in flows if not row["enabled"]} == planted.keys()
    assert {row["source"].startswith("no flow log") for row in flows if not row["enabled"]} == {True, False}
    (names,) = (row for one in found for row in one.rows if row["kind"] == "dns_query")
    assert (names["enabled"], names["destination"]) == (True, "arn:aws:s3:::nw-prod-assets")
    said = told("LOG-01", [*found, *gather("aws.cloudtrail.trails")])
    networks = {item: outcome for item, (outcome, _) in said.items() if item.startswith("network flows of ")}
    wrong = {item.removeprefix("network flows of ") for item, outcome in networks.items() if outcome == "deviation"}
    assert wrong == planted.keys()
    assert set(networks.values()) == {"pass", "deviation"}


def test_a_network_of_an_environment_that_is_not_production_is_not_judged(
    gather: Gather, manifest: dict[str, Any]
) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    said = told("LOG-01", [*gather(FLOWS, only=prod, environments={prod: "Sandbox"}), *gather("aws.cloudtrail.trails")])
    assert {outcome for item, (outcome, _) in said.items() if item.startswith("network")} == {"not_applicable"}


def test_a_network_that_another_account_shares_is_that_one_s_to_log(gather: Gather, aws: AwsDouble) -> None:
    answer = (
        b'<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet>'
        b"<item><vpcId>vpc-theirs</vpcId><ownerId>999988887777</ownerId></item></vpcSet></DescribeVpcsResponse>"
    )
    aws.fault(
        "replace_body",
        match={"operation": "DescribeVpcs"},
        body=answer.decode(),
        headers={"Content-Type": "text/xml"},
    )
    found = gather(FLOWS)
    assert all(one.snapshot.complete for one in found)
    assert not [row for one in found for row in one.rows if row["covers"] == "vpc-theirs"]


@pytest.mark.parametrize("operation", ["DescribeFlowLogs", "DescribeVpcs", "ListResolverQueryLogConfigs"])
def test_a_list_that_could_not_be_read_says_nothing_of_networks(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any], operation: str
) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    aws.fault("deny", match={"operation": operation, "region": "eu-west-1"})
    (found,) = gather(FLOWS, only=prod)
    assert found.causes == ["denied"]
    # In Ireland the one network has no flow log: nobody may say so, nor that all is well.
    silent = [row for row in found.rows if row["place"] == "eu-west-1" and row["enabled"] is False]
    assert bool(silent) == (operation == "ListResolverQueryLogConfigs")
    said = told("LOG-01", [found, *gather("aws.cloudtrail.trails", only=prod)])
    assert "pass" not in {outcome for outcome, _ in said.values()}


def test_flow_logs_are_read_over_all_pages(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    prod, region = Account.management(aws.endpoint).member(manifest["accounts"]["northwind-prod"]), "us-east-1"
    ec2 = prod.client("ec2", region)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    (made,) = ec2.create_flow_logs(
        ResourceIds=[subnet], ResourceType="Subnet", TrafficType="REJECT", LogGroupName="/nw/other",
        DeliverLogsPermissionArn=f"arn:aws:iam::{prod.id}:role/flows",
    )["FlowLogIds"]  # fmt: skip
    try:
        aws.fault(match={"operation": "DescribeFlowLogs"}, page_size=1)
        (found,) = gather(FLOWS, only=prod.id)
        assert found.snapshot.complete
        assert {row["covers"]: row["events"] for row in found.rows if row["place"] == region}[subnet] == ["REJECT"]
        aws.fault("throttle", match={"operation": "DescribeFlowLogs", "region": region, "contains": "NextToken"})
        (broken,) = gather(FLOWS, only=prod.id)
        assert broken.causes == ["throttled"]
        assert not [row for row in broken.rows if row["place"] == region and row["kind"] == "network_flow"]
    finally:
        ec2.delete_flow_logs(FlowLogIds=[made])
