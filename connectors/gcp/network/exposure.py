"""What the internet can reach, and which networks log their traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import LogSource, Resource
from connectors.gcp import gcp
from connectors.gcp.inventory import assets, of_type
from connectors.gcp.kinds import bulk, search
from connectors.gcp.labels import environment, labels
from connectors.gcp.network.openings import of_policy, of_rule
from connectors.gcp.project_operations import INSTANCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.source import GcpSource

FIREWALL, POLICY = "compute.googleapis.com/Firewall", "compute.googleapis.com/FirewallPolicy"
INSTANCE, SUBNET = "compute.googleapis.com/Instance", "compute.googleapis.com/Subnetwork"
_UNLOGGED = frozenset({"REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER"})
"""Purposes of subnets that hold proxies alone, which Google does not let log their traffic."""


@gcp.evidence("gcp.compute.exposure", yields=Resource, needs=[*bulk(FIREWALL, POLICY), search(INSTANCE), INSTANCES])
def exposure(source: GcpSource) -> Iterator[Resource]:
    """Firewall rules and public addresses.

    Every firewall rule of every network, and every firewall policy (both of type `security_group`); every virtual
    machine (`instance`), stopped ones included.

    `open_ports` are those that a rule lets in from all of IPv4 or all of IPv6, also where several ranges together make
    up the whole; a rule that is off, or denies, opens none. Rules of a higher priority that deny are not weighed.
    `attached` tells whether a machine is on the rule's network. A machine is `public` when it has an external address.
    Google's metadata service answers nobody who does not send its own header, and no older one is left: so every
    machine has `hardened_metadata`.

    Rules come from Cloud Asset Inventory. Machines are asked of their own zone, since the inventory would show the
    scripts and settings that they carry, where secrets are; a zone that could not be
    asked is a gap, and its machines are in the list with their names alone. Whole
    when every list was read to its end, and the machines listed are those that the inventory knows.
    """
    known = source.known()
    by_id = {one.id: one for one in known.values()}
    machines, named, whole = _machines(source)
    used = {_path(nic.get("network")) for one in machines for nic in one.get("networkInterfaces") or ()}
    found = assets(source, FIREWALL, POLICY)
    for rule in found[FIREWALL] or ():
        network = _path(rule.data.get("network"))
        project = known.get(rule.project)
        yield Resource(
            key=rule.name,
            seen=[rule.seen, *([project.seen] if project else [])],
            resource_id=rule.name,
            type="security_group",
            open_ports=of_rule(rule.data) if rule.data else None,
            attached=True if network in used else False if whole else None,
            **labels(source.settings, None, project),
        )
    for policy in found[POLICY] or ():
        yield Resource(
            key=policy.name,
            seen=[policy.seen],
            resource_id=policy.name,
            type="security_group",
            open_ports=of_policy(policy.data) if policy.data else None,
            **labels(source.settings, None, known.get(policy.project)),
        )
    for machine in machines:
        yield _instance(source, machine, by_id.get(_path(machine["selfLink"]).split("/")[1]))
    for machine in named:
        name = machine["name"].removeprefix("//")
        yield Resource(key=name, seen=[machine], resource_id=name, type="instance")


def _machines(source: GcpSource) -> tuple[list[Answer], list[Answer], bool]:
    """Every machine that could be read, those of which the inventory shows only the name, and whether it was read.

    Asked of each zone in which the inventory knows any.
    """
    names: dict[tuple[str, str], dict[str, Answer]] = {}
    searched = False
    for _, found in source.each([INSTANCE], lambda one: list(source.list(search(one), readMask="name"))):
        searched = True
        for one in found:
            parts = one["name"].split("/")
            names.setdefault((parts[4], parts[6]), {})[parts[-1]] = one
    listed: list[Answer] = []
    excluded = source.settings.excluded_projects
    places = sorted(place for place in names if place[0] not in excluded)
    unread = {place: dict(names[place]) for place in places}
    for place, found in source.each(places, lambda one: list(source.list(INSTANCES, project=one[0], zone=one[1]))):
        shown = {one["name"] for one in found}
        source.total(
            "machines in the inventory = listed", expected=len(names[place]), found=len(shown & set(names[place]))
        )
        listed += found
        del unread[place]
    return listed, [one for found in unread.values() for one in found.values()], searched and not unread


def _instance(source: GcpSource, machine: Answer, project: Unit | None) -> Resource:
    name = f"compute.googleapis.com/{_path(machine['selfLink'])}"
    return Resource(
        key=name,
        seen=[machine, *([project.seen] if project else [])],
        resource_id=name,
        type="instance",
        public=any(_external(one) for one in machine.get("networkInterfaces") or ()),
        hardened_metadata=True,
        **labels(source.settings, machine.get("labels"), project),
    )


def _external(interface: Mapping[str, Any]) -> bool:
    addresses = [one.get("natIP") for one in interface.get("accessConfigs") or ()]
    return any(addresses) or any(one.get("externalIpv6") for one in interface.get("ipv6AccessConfigs") or ())


def _path(link: str | None) -> str:
    """What of a link names the thing: `projects/P/global/networks/N`, wherever it is asked for."""
    return "projects/" + (link or "").rpartition("/projects/")[2]


@gcp.evidence("gcp.network.flow_logs", yields=LogSource, needs=bulk(SUBNET))
def flow_logs(source: GcpSource) -> Iterator[LogSource]:
    """Subnet flow logging.

    Every subnet of every network, with whether it logs its traffic. Subnets that hold Google's proxies alone cannot,
    and have no row.

    Whole when the list was read to its end and ties with a second search.
    """
    known = source.known()
    for subnet in of_type(source, SUBNET):
        if subnet.data.get("purpose") in _UNLOGGED:
            continue
        config = subnet.data.get("logConfig") or {}
        told = config.get("enable", subnet.data.get("enableFlowLogs"))
        yield LogSource(
            key=subnet.name,
            seen=[subnet.seen],
            source=subnet.name,
            kind="network_flow",
            # Google leaves out what is off.
            enabled=bool(told) if subnet.data else None,
            covers=subnet.name,
            environment=environment(source.settings, known.get(subnet.project)),
            place=_path(subnet.data.get("network")) if subnet.data.get("network") else None,
        )
