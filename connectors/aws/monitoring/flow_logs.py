"""Which traffic of networks, and which questions for names, are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import LogSource
from connectors.aws import aws
from connectors.aws.tags import labels, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_LISTS: dict[str, Callable[[AwsSource], Iterator[Answer]]] = {
    "networks": lambda source: source.list("ec2", "DescribeVpcs", "Vpcs", MaxResults=1000),
    "flows": lambda source: source.list("ec2", "DescribeFlowLogs", "FlowLogs", MaxResults=1000),
    "queries": lambda source: source.list(
        "route53resolver", "ListResolverQueryLogConfigs", "ResolverQueryLogConfigs", MaxResults=100
    ),
}


@aws.evidence(
    "aws.network.flow_logs",
    yields=LogSource,
    needs=["ec2:DescribeVpcs", "ec2:DescribeFlowLogs", "route53resolver:ListResolverQueryLogConfigs"],
    per=Per.PLACE,
)
def flow_logs(source: AwsSource) -> Iterator[LogSource]:
    """Flow and DNS query logging.

    Population, in each enabled region: every flow log (`network_flow`), of whatever it is, with what it covers and
    where it writes to; every VPC of the account without a flow log of its own, as a row that says so; and every
    configuration by which Route 53 Resolver logs the names that networks ask for (`dns_query`). VPCs that other
    accounts share are theirs to log, and have no row.

    A flow log is `enabled` when it is active and its last delivery did not fail; `events` is the traffic that it
    writes down (`ALL`, `ACCEPT`, `REJECT`). A configuration of the resolver is when AWS has created it and at least
    one network is in it; which networks those are is not asked. A VPC whose subnets or interfaces alone are logged has
    no flow log of its own.

    Complete when the last page of all three lists was read in every enabled region, and VPCs listed are those of the
    account and those that are shared with it.
    """
    found: dict[str, list[Answer]] = dict(source.each(_LISTS, lambda name: list(_LISTS[name](source))))
    networks, flows = found.get("networks"), found.get("flows")
    own = {one["VpcId"]: one for one in networks or () if one.get("OwnerId") in {None, source.account}}
    for flow in flows or ():
        yield _flow(source, flow, own.get(flow.get("ResourceId", "")))
    logged = {flow.get("ResourceId") for flow in flows or ()}
    # Without the list of flow logs nobody knows which networks have none.
    for name, network in own.items() if flows is not None else ():
        if name not in logged:
            yield LogSource(
                key=f"{source.place} none {name}",
                seen=[network],
                source=f"no flow log of {name}",
                kind="network_flow",
                enabled=False,
                covers=name,
                place=source.place,
                environment=_environment(source, network),
            )
    if networks is not None:
        shared = [one for one in networks if one["VpcId"] not in own]
        name = f"VPCs listed = the account's own + shared with it, in {source.place}"
        source.total(name, expected=len(networks), found=len(own) + len(shared))
    for query in found.get("queries", ()):
        yield _query(source, query)


def _flow(source: AwsSource, flow: Answer, network: Answer | None) -> LogSource:
    return LogSource(
        key=f"{source.place} {flow['FlowLogId']}",
        seen=[flow] if network is None else [flow, network],
        source=flow["FlowLogId"],
        kind="network_flow",
        enabled=delivers(flow),
        covers=flow.get("ResourceId"),
        place=source.place,
        destination=flow.get("LogDestination") or flow.get("LogGroupName"),
        events=(flow["TrafficType"],) if flow.get("TrafficType") else None,
        environment=_environment(source, network),
    )


def delivers(flow: Mapping[str, str]) -> bool | None:
    """Whether a flow log is active and was not last seen to fail; None when AWS does not say."""
    if flow.get("FlowLogStatus") is None:
        return None
    return flow["FlowLogStatus"] == "ACTIVE" and flow.get("DeliverLogsStatus") != "FAILED"


def _query(source: AwsSource, query: Answer) -> LogSource:
    status, networks = query.get("Status"), query.get("AssociationCount")
    known = status is not None and networks is not None
    return LogSource(
        key=query["Arn"],
        seen=[query],
        source=query["Arn"],
        kind="dns_query",
        enabled=status == "CREATED" and bool(networks) if known else None,
        place=source.place,
        destination=query.get("DestinationArn"),
    )


def _environment(source: AwsSource, network: Answer | None) -> str | None:
    """Of what is no VPC of the account the tags are not known, nor whether it is production."""
    return labels(source, plain(network.get("Tags")))["environment"] if network is not None else None
