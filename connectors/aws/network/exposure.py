"""EC2: what the internet can reach."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.records import Resource
from connectors.aws import aws
from connectors.aws.instances import reservations
from connectors.aws.tags import labels, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_ANYWHERE_4, _ANYWHERE_6 = IPv4Network("0.0.0.0/0"), IPv6Network("::/0")
_WITH_PORTS = {"tcp", "udp", "6", "17"}
_ALL_PROTOCOLS = "-1"
_PAGE = 1000

_LISTS: dict[str, Callable[[AwsSource], Iterator[Answer]]] = {
    "groups": lambda source: source.list("ec2", "DescribeSecurityGroups", "SecurityGroups", MaxResults=_PAGE),
    "interfaces": lambda source: source.list(
        "ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", MaxResults=_PAGE, IncludeManagedResources=True
    ),
    "reservations": reservations,
}


@aws.evidence(
    "aws.ec2.exposure",
    yields=Resource,
    needs=["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces", "ec2:DescribeInstances"],
    per=Per.PLACE,
)
def exposure(source: AwsSource) -> Iterator[Resource]:
    """Security groups, public addresses and instance metadata.

    Population, in each enabled region: every security group (type `security_group`), every instance that is not
    terminated (`instance`), and every network interface with a public IPv4 address (`network_interface`), whoever
    manages it: resources that AWS services run in the account are asked for too.

    `open_ports` of a group are the ports that its inbound rules open to all of IPv4 or all of IPv6, also when several
    ranges of one rule together make up the whole; `all` means every protocol. Protocols without ports (ICMP, GRE, …),
    prefix lists and other groups as sources do not count. `attached` tells whether any network interface uses the
    group; unattached groups are kept. An instance is `public` when it has a public IPv4 address, and has
    `hardened_metadata` when its metadata service demands a session token or is off.

    Complete when the last page of all three lists was read in every enabled region, and instances listed are those with
    a row plus the terminated. Not looked into: network ACLs, routes, load balancers, and whether an IPv6 address,
    which is global by nature, can be reached.
    """
    found: dict[str, list[Answer]] = dict(source.each(_LISTS, lambda name: list(_LISTS[name](source))))
    interfaces = found.get("interfaces")
    used = None if interfaces is None else {group["GroupId"] for one in interfaces for group in one.get("Groups", ())}
    for group in found.get("groups", ()):
        yield Resource(
            key=f"{source.place} {group['GroupId']}",
            seen=[group],
            resource_id=group["GroupId"],
            type="security_group",
            open_ports=open_ports(group.get("IpPermissions", ())),
            attached=None if used is None else group["GroupId"] in used,
            **labels(source, plain(group.get("Tags"))),
        )
    yield from _public_interfaces(source, interfaces or ())
    yield from _instances(source, found.get("reservations", ()))


def _public_interfaces(source: AwsSource, interfaces: Iterable[Answer]) -> Iterator[Resource]:
    for interface in interfaces:
        if _has_address(interface):
            yield Resource(
                key=f"{source.place} {interface['NetworkInterfaceId']}",
                seen=[interface],
                resource_id=interface["NetworkInterfaceId"],
                type="network_interface",
                public=True,
                attached=interface.get("Status") == "in-use",
                **labels(source, plain(interface.get("TagSet"))),
            )


def _instances(source: AwsSource, reservations: Iterable[Answer]) -> Iterator[Resource]:
    listed = [(one, instance) for one in reservations for instance in one.get("Instances", ())]
    terminated = [instance for _, instance in listed if instance["State"]["Name"] == "terminated"]
    rows = 0
    for reservation, instance in listed:
        if instance["State"]["Name"] == "terminated":
            continue
        rows += 1
        yield Resource(
            key=f"{source.place} {instance['InstanceId']}",
            seen=[reservation],
            resource_id=instance["InstanceId"],
            type="instance",
            public=bool(instance.get("PublicIpAddress"))
            or any(map(_has_address, instance.get("NetworkInterfaces", ()))),
            hardened_metadata=hardened(instance.get("MetadataOptions") or {}),
            **labels(source, plain(instance.get("Tags"))),
        )
    source.total(
        "instances listed = instances with a row + terminated", expected=len(listed), found=rows + len(terminated)
    )


def _has_address(interface: Mapping[str, Any]) -> bool:
    return bool((interface.get("Association") or {}).get("PublicIp"))


def hardened(options: Mapping[str, Any]) -> bool | None:
    """Whether the metadata service answers only with a session token, or not at all; None when AWS does not say."""
    if options.get("HttpEndpoint") == "disabled" or options.get("HttpTokens") == "required":
        return True
    return False if options.get("HttpTokens") else None


def open_ports(permissions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ports that inbound rules open to anywhere, in order: `22`, `1000-2000`, `all`."""
    ranges = {ports for rule in permissions if _from_anywhere(rule) and (ports := _ports(rule))}
    return tuple(
        "all" if ports == (0, 0) else str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
        for ports in sorted(ranges)
    )


def _ports(rule: Mapping[str, Any]) -> tuple[int, int] | None:
    """First and last port of a rule; (0, 0) for every protocol, None for a protocol that has no ports."""
    protocol = str(rule.get("IpProtocol"))
    if protocol == _ALL_PROTOCOLS:
        return 0, 0
    if protocol not in _WITH_PORTS:
        return None
    first, last = rule.get("FromPort"), rule.get("ToPort")
    return (0, 65535) if first in {None, -1} or last in {None, -1} else (int(first or 0), int(last or 0))


def _from_anywhere(rule: Mapping[str, Any]) -> bool:
    ranges = [IPv4Network(one["CidrIp"], strict=False) for one in rule.get("IpRanges", ())]
    ranges_6 = [IPv6Network(one["CidrIpv6"], strict=False) for one in rule.get("Ipv6Ranges", ())]
    return _ANYWHERE_4 in collapse_addresses(ranges) or _ANYWHERE_6 in collapse_addresses(ranges_6)
