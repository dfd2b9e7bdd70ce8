"""Whose traffic is written down: flow logs of every network but one, and a log of the names that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, IRELAND, REGIONS, US

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground


def seed_flow_logs(ground: Ground) -> None:
    """Missing in Ireland of production; in the data account's us-east-1 it cannot deliver."""
    for account in ground.accounts:
        for region in REGIONS:
            ec2 = account.client("ec2", region)
            networks = [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"]]
            if (account, region) == (ground.prod, IRELAND):
                for network in networks:
                    ground.manifest.deviates("LOG-01", account.id, region, network, "no flow log")
                continue
            _log(ground, account, region, networks)
    resolver = ground.prod.client("route53resolver", EU)
    made = resolver.create_resolver_query_log_config(
        Name="names", DestinationArn="arn:aws:s3:::nw-prod-assets", CreatorRequestId="names"
    )["ResolverQueryLogConfig"]
    network = ground.prod.client("ec2", EU).describe_vpcs()["Vpcs"][0]["VpcId"]
    resolver.associate_resolver_query_log_config(ResolverQueryLogConfigId=made["Id"], ResourceId=network)
    ground.manifest.count(ground.prod.id, EU, "route53resolver.query_logs")


def _log(ground: Ground, account: Account, region: str, networks: list[str]) -> None:
    made = account.client("ec2", region).create_flow_logs(
        ResourceIds=networks,
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/nw/flows",
        DeliverLogsPermissionArn=f"arn:aws:iam::{account.id}:role/flows",
    )["FlowLogIds"]
    ground.manifest.count(account.id, region, "ec2.flow_logs", len(made))
    for flow, network in zip(made, networks, strict=True):
        if (account, region) == (ground.data, US):
            # As moto says of every flow log whose log group is not there.
            ground.manifest.deviates("LOG-01", account.id, region, network, "its flow log cannot deliver")
        else:
            ground.edit("ec2", account.id, region, ["flow_logs", flow, "deliver_logs_status"], "SUCCESS")
