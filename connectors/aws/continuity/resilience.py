"""Services that answer for the company: whether they go on when one zone fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import Resource
from connectors.aws import aws
from connectors.aws.tags import GET_RESOURCES, labels, plain, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

LIST_GROUPS = "autoscaling:DescribeAutoScalingGroups"
_LIST_BALANCERS = "elbv2:DescribeLoadBalancers"
_GROUPS_AT_ONCE, _BALANCERS_AT_ONCE = 100, 400
_RUNS = ("InService", "Pending", "ReplacingRootVolume")
"""How the states of an instance begin that is at work, or about to be; one in a warm pool is not."""
_PROTECTED = {"none": False, "prevent-force-deletion": False, "prevent-all-deletion": True}
"""A group whose deletion is prevented by force alone is deleted as soon as it is empty."""


@aws.evidence("aws.resilience", yields=Resource, needs=[LIST_GROUPS, _LIST_BALANCERS, GET_RESOURCES], per=Per.PLACE)
def resilience(source: AwsSource) -> Iterator[Resource]:
    """Zones of groups of machines and of load balancers.

    Population, in each enabled region: every Auto Scaling group (type `scaling_group`) and every application, network
    and gateway load balancer (`load_balancer`). Databases, tables, buckets and file systems, with their zones and their
    protection from deletion, are in `aws.encryption.at_rest`.

    `zones` of a load balancer are those it is switched on in. Of a group they are those that its instances run in;
    where none runs, those in which it may start some. `multi_zone` is true where there is more than one: the others
    then go on, and a group starts what is lost in them. `deletion_protected` of a group is true where AWS prevents
    every deletion; of load balancers it is not asked, which would take a call for each.

    Complete when the last page of both lists was read in every enabled region. Not included: classic load balancers,
    machines that are in no group, containers (ECS, EKS), caches, queues, search domains and functions, which AWS
    spreads over zones by itself or by settings of their own.
    """
    for _, rows in source.each(_KINDS, lambda read: list(read(source))):
        yield from rows


def groups(source: AwsSource) -> Iterator[Answer]:
    """Every Auto Scaling group of the region, by one request that several evidence types share."""
    service, operation = LIST_GROUPS.split(":")
    return source.list(service, operation, "AutoScalingGroups", MaxRecords=_GROUPS_AT_ONCE)


def _groups(source: AwsSource) -> Iterator[Resource]:
    for group in groups(source):
        zones = group_zones(group)
        yield Resource(
            key=group["AutoScalingGroupARN"],
            seen=[group],
            resource_id=group["AutoScalingGroupARN"],
            type="scaling_group",
            zones=zones,
            multi_zone=spread(zones),
            deletion_protected=_PROTECTED.get(group.get("DeletionProtection", "")),
            **labels(source, plain(group.get("Tags"))),
        )


def _balancers(source: AwsSource) -> Iterator[Resource]:
    service, operation = _LIST_BALANCERS.split(":")
    listed = list(source.list(service, operation, "LoadBalancers", PageSize=_BALANCERS_AT_ONCE))
    tags = tagged(source, [source.place] if listed else [])
    for balancer in listed:
        arn, known = balancer["LoadBalancerArn"], tags[source.place]
        zones = _named(balancer.get("AvailabilityZones"), "ZoneName")
        yield Resource(
            key=arn,
            seen=[balancer, *known.seen(arn)],
            resource_id=arn,
            type="load_balancer",
            public=balancer.get("Scheme") == "internet-facing" if balancer.get("Scheme") else None,
            zones=zones,
            multi_zone=spread(zones),
            **labels(source, known.tags(arn)),
        )


def group_zones(group: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Where the instances of a group run; where none does, where it may start some. None where AWS does not say."""
    at_work = [one for one in group.get("Instances") or () if str(one.get("LifecycleState")).startswith(_RUNS)]
    if at_work:
        return _named(at_work, "AvailabilityZone")
    return tuple(sorted(group.get("AvailabilityZones") or ())) or None


def spread(zones: tuple[str, ...] | None) -> bool | None:
    """Whether one zone may fail; None where the zones are not known."""
    return None if zones is None else len(zones) > 1


def _named(places: list[dict[str, Any]] | None, field: str) -> tuple[str, ...] | None:
    return tuple(sorted({one[field] for one in places or () if one.get(field)})) or None


_KINDS: tuple[Callable[[AwsSource], Iterator[Resource]], ...] = (_groups, _balancers)
