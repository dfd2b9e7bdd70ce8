"""Services: groups of machines and load balancers, in one zone and in several; what scales and what watches them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, GLOBAL, IRELAND
from tests.doubles.aws.supplement.autoscaling import INSTANCES, SWITCHED_OFF

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_IMAGE = "ami-12c6146b"
_MOST = 6
_PRODUCTION, _SANDBOX = "production", "sandbox"


def seed_groups(ground: Ground) -> None:
    """Spread, in one zone, in two zones with all that runs in one, with nothing running; and one to try things out."""
    for account, region, name, environment, allowed, running in (
        (ground.prod, EU, "nw-shop", _PRODUCTION, "ab", "aab"),
        (ground.prod, EU, "nw-batch", _PRODUCTION, "a", "aa"),
        (ground.prod, EU, "nw-ledger", _PRODUCTION, "ab", "b"),
        (ground.prod, IRELAND, "nw-standby", _PRODUCTION, "ab", ""),
        (ground.data, EU, "nw-notebooks", _SANDBOX, "a", "a"),
    ):
        _group(account, region, name, environment, [f"{region}{zone}" for zone in allowed])
        for number, zone in enumerate(running):
            machine = {
                "group": name,
                "InstanceId": f"i-{number:08x}",
                "InstanceType": "t3.small",
                "AvailabilityZone": f"{region}{zone}",
                "LifecycleState": "InService",
                "HealthStatus": "Healthy",
                "LaunchConfigurationName": name,
                "ProtectedFromScaleIn": False,
            }
            ground.put(INSTANCES, account.id, region, machine)
        ground.manifest.count(account.id, region, "autoscaling.groups")
    for name in ("nw-batch", "nw-ledger"):
        ground.manifest.deviates("BCP-07", ground.prod.id, EU, name, "zones")


def seed_balancers(ground: Ground) -> None:
    """One in two zones, one in a single one."""
    subnets = [one["SubnetId"] for one in ground.prod.client("ec2").describe_subnets()["Subnets"]]
    for name, kind, zones in (("nw-front", "application", 2), ("nw-intake", "network", 1)):
        ground.prod.client("elbv2").create_load_balancer(
            Name=name,
            Type=kind,
            Scheme="internal",
            Subnets=subnets[:zones],
            Tags=[{"Key": "Environment", "Value": _PRODUCTION}],
        )
        ground.manifest.count(ground.prod.id, EU, "elbv2.load_balancers")
    ground.manifest.deviates("BCP-07", ground.prod.id, EU, "nw-intake", "zones")


def seed_scaling(ground: Ground) -> None:
    """One group scales; one is of a fixed size, one has its policy off, one has none; one is a cluster's own."""
    for name in ("nw-shop", "nw-ledger"):
        ground.prod.client("autoscaling").put_scaling_policy(
            AutoScalingGroupName=name,
            PolicyName=f"{name}-load",
            PolicyType="StepScaling",
            AdjustmentType="ChangeInCapacity",
            StepAdjustments=[{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        )
    ground.put(SWITCHED_OFF, ground.prod.id, EU, {"policy": "nw-ledger-load"})
    ground.edit("autoscaling", ground.prod.id, EU, ["autoscaling_groups", "nw-batch", "min_size"], _MOST)
    _group(ground.data, IRELAND, "nw-nodes", _PRODUCTION, [f"{IRELAND}a", f"{IRELAND}b"], cluster="nw")
    ground.manifest.count(ground.data.id, IRELAND, "autoscaling.groups")
    for region, name in ((EU, "nw-batch"), (EU, "nw-ledger"), (IRELAND, "nw-standby")):
        ground.manifest.deviates("BCP-07", ground.prod.id, region, name, "scaling")


def seed_checks(ground: Ground) -> None:
    """A check that looks, one that is switched off, and one that only reckons with others."""
    client = ground.prod.client("route53")
    made = []
    for name, off in (("shop.northwind.example", False), ("old-shop.northwind.example", True)):
        looks = {"Type": "HTTPS", "FullyQualifiedDomainName": name, "Port": 443, "Disabled": off}
        made.append(client.create_health_check(CallerReference=name, HealthCheckConfig=looks)["HealthCheck"]["Id"])
        ground.manifest.count(ground.prod.id, GLOBAL, "route53.checks")
    reckons = {"Type": "CALCULATED", "ChildHealthChecks": made, "HealthThreshold": 1}
    client.create_health_check(CallerReference="both", HealthCheckConfig=reckons)


def _group(account: Account, region: str, name: str, environment: str, zones: list[str], *, cluster: str = "") -> None:
    client: Any = account.client("autoscaling", region)
    client.create_launch_configuration(LaunchConfigurationName=name, ImageId=_IMAGE, InstanceType="t3.small")
    on = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
    words = {"Environment": environment} | ({"eks:cluster-name": cluster} if cluster else {})
    # None is wanted, so that moto starts none.
    client.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=_MOST,
        DesiredCapacity=0,
        AvailabilityZones=zones,
        Tags=[{"Key": key, "Value": value, **on} for key, value in words.items()],
    )
