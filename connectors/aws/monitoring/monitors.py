"""What watches that services answer, and what makes them grow with their load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Monitor
from connectors.aws import aws
from connectors.aws.continuity.resilience import LIST_GROUPS, groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_LOOKS_ITSELF = {"HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"}
_AT_ONCE = 100
_STOPS_SCALING = {"AlarmNotification", "Launch"}
"""Processes of a group without which no policy makes it larger."""
_SCALED_FROM_OUTSIDE = {"eks:cluster-name", "k8s.io/cluster-autoscaler/enabled"}
"""Tags of groups whose size a program in their own cluster may set, of which AWS knows nothing."""
_FORECASTS_ALONE = "ForecastOnly"


@aws.evidence(
    "aws.availability.monitors",
    yields=Monitor,
    needs=["ec2:DescribeRegions", "route53:ListHealthChecks", LIST_GROUPS, "autoscaling:DescribePolicies"],
)
def monitors(source: AwsSource) -> Iterator[Monitor]:
    """Health checks and scaling.

    Population: once for the account, every Route 53 health check that looks at an address itself (`uptime`), with that
    address; and in all enabled regions one row for each Auto Scaling group (`scaling`), which it covers by its ARN.

    A check is `disabled` where it is switched off. A group is `enabled` where it may grow and a policy makes it: one
    that is on and does more than forecast, while nothing that it takes is suspended. It is `disabled` where its size
    is fixed, where its policies are switched off, or where scaling is suspended, and `absent` where it has no policy.
    The state of a group of a Kubernetes cluster without a policy is null: a program in the cluster may set its size.

    Complete when the last page of every list was read in every enabled region, and the health checks listed are those
    with a row and those left out, which look at other checks, at alarms, or at a switch that people set.

    Not included: alarms, which are rules and stand in the evidence of alerting; schedules, which follow the clock and
    not the load; what Application Auto Scaling sizes (containers, tables, replicas: each kind of service has to be
    asked by itself, twice, and none of them is judged here); and quotas, of which AWS has thousands for every account.
    """
    for _, rows in source.each([source], lambda one: list(_checks(one))):
        yield from rows
    for _, rows in source.each(source.regions, lambda region: list(_scaling(source.at(region)))):
        yield from rows


def _checks(source: AwsSource) -> Iterator[Monitor]:
    listed, rows, others = list(source.list("route53", "ListHealthChecks", "HealthChecks")), 0, 0
    for check in listed:
        config = check.get("HealthCheckConfig") or {}
        if config.get("Type") not in _LOOKS_ITSELF:
            others += 1
            continue
        rows += 1
        off = config.get("Disabled", False)
        yield Monitor(
            key=f"health check {check['Id']}",
            seen=[check],
            monitor=check["Id"],
            kind="uptime",
            covers=config.get("FullyQualifiedDomainName") or config.get("IPAddress"),
            state="disabled" if off else "enabled",
        )
    source.total("health checks listed = with a row + left out", expected=len(listed), found=rows + others)


def _scaling(source: AwsSource) -> Iterator[Monitor]:
    listed = list(groups(source))
    policies = _policies(source) if listed else {}
    for group in listed:
        own = None if policies is None else policies.get(group["AutoScalingGroupName"], [])
        yield Monitor(
            key=group["AutoScalingGroupARN"],
            seen=[group, *(own or ())],
            monitor=f"scaling of {group['AutoScalingGroupName']} in {source.place}",
            kind="scaling",
            covers=group["AutoScalingGroupARN"],
            state=scales(group, own),
        )


def _policies(source: AwsSource) -> dict[str, list[Answer]] | None:
    """The scaling policies of the region's groups; None where they could not be read, which is a gap."""
    found: dict[str, list[Answer]] = {}
    read = source.each(
        [source], lambda one: list(one.list("autoscaling", "DescribePolicies", "ScalingPolicies", MaxRecords=_AT_ONCE))
    )
    answered = False
    for _, listed in read:
        answered = True
        for policy in listed:
            found.setdefault(policy["AutoScalingGroupName"], []).append(policy)
    return found if answered else None


def scales(group: Mapping[str, Any], policies: Sequence[Mapping[str, Any]] | None) -> str | None:
    """Whether a group grows with its load; `policies` are its own, None where they could not be read."""
    smallest, largest = group.get("MinSize"), group.get("MaxSize")
    suspended = {one.get("ProcessName") for one in group.get("SuspendedProcesses") or ()}
    if (smallest is not None and smallest == largest) or suspended & _STOPS_SCALING:
        return "disabled"
    if policies is None or smallest is None or largest is None:
        return None
    if not policies:
        tags = {one.get("Key") for one in group.get("Tags") or ()}
        return None if tags & _SCALED_FROM_OUTSIDE else "absent"
    acting = [acts(one) for one in policies]
    return "enabled" if True in acting else None if None in acting else "disabled"


def acts(policy: Mapping[str, Any]) -> bool | None:
    """Whether a policy changes the size of its group; None where AWS does not say whether it is on."""
    if (policy.get("PredictiveScalingConfiguration") or {}).get("Mode") == _FORECASTS_ALONE:
        return False
    on: bool | None = policy.get("Enabled")
    return on
