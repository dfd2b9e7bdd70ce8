"""What the internet can reach, and which traffic is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import LogSource, Resource
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import FLOW_LOGS, NETWORK
from connectors.azure.labels import labels, properties
from connectors.azure.network.port_ranges import open_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.azure.source import AzureSource

_GROUPS, _ADDRESSES, _FIREWALLS = NETWORK.types
_FLOWS, _NETWORKS = FLOW_LOGS.types


@azure.evidence("azure.network.exposure", yields=Resource, needs=NETWORK.needs)
def exposure(source: AzureSource) -> Iterator[Resource]:
    """Network rules, public addresses, WAF.

    Population: every network security group of the subscription, with the ports that its inbound rules open to
    everyone in the order of their priority, and whether it is on a subnet or an interface; every public address, and
    whether anything has it; every policy of the web firewall before an Application Gateway, and whether it blocks.

    Complete when Resource Graph and the subscription's own list have the same resources of these kinds.

    Not in it: rules of Azure Firewall, of a virtual network manager, and of Front Door.
    """
    rows = resources(source, NETWORK)
    for row in of_type(rows, _GROUPS):
        known = properties(row)
        rules = known.get("securityRules")
        yield Resource(
            key=row["id"],
            seen=[row],
            resource_id=row["id"],
            type="security_group",
            open_ports=None if rules is None else open_ports(one["properties"] for one in rules),
            attached=bool(known.get("subnets") or known.get("networkInterfaces")),
            **labels(source, row),
        )
    for row in of_type(rows, _ADDRESSES):
        known = properties(row)
        yield Resource(
            key=row["id"],
            seen=[row],
            resource_id=row["id"],
            type="public_address",
            public=True,
            attached=bool(known.get("ipConfiguration") or known.get("natGateway")),
            **labels(source, row),
        )
    for row in of_type(rows, _FIREWALLS):
        known = properties(row)
        policy = known.get("policySettings") or {}
        told = policy.get("state") is not None and policy.get("mode") is not None
        yield Resource(
            key=row["id"],
            seen=[row],
            resource_id=row["id"],
            type="web_firewall",
            waf=policy["state"] == "Enabled" and policy["mode"] == "Prevention" if told else None,
            attached=bool(known.get("applicationGateways")),
            **labels(source, row),
        )


@azure.evidence("azure.network.flow_logs", yields=LogSource, needs=FLOW_LOGS.needs)
def flow_logs(source: AzureSource) -> Iterator[LogSource]:
    """Network flow logs.

    Population: every flow log of the subscription, whether it is on, of what and where to; and every virtual network
    without one of its own, as a row that says so. A network whose subnets or groups alone are logged has no flow log
    of its own.

    Complete when Resource Graph and the subscription's own list have the same flow logs and networks.
    """
    rows = resources(source, FLOW_LOGS)
    networks = {row["id"].lower(): row for row in of_type(rows, _NETWORKS)}
    environments = {name: labels(source, row)["environment"] for name, row in networks.items()}
    targets: set[str] = set()
    for row in of_type(rows, _FLOWS):
        known = properties(row)
        target = str(known.get("targetResourceId") or "").lower()
        targets.add(target)
        yield LogSource(
            key=row["id"],
            seen=[row],
            source=row["id"],
            kind="network_flow",
            enabled=known.get("enabled"),
            covers=target or None,
            place=row.get("location"),
            destination=str(known.get("storageId") or "").lower() or None,
            environment=environments.get(target),
        )
    for name, row in networks.items():
        if name not in targets:
            yield LogSource(
                key=f"none {row['id']}",
                seen=[row],
                source=f"no flow log of {row['name']}",
                kind="network_flow",
                enabled=False,
                covers=name,
                place=row.get("location"),
                environment=environments[name],
            )
