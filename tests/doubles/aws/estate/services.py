"""Services: groups of machines and load balancers, in one zone and in several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND
from tests.doubles.aws.supplement.autoscaling import INSTANCES

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_IMAGE = "ami-12c6146b"
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


def _group(account: Account, region: str, name: str, environment: str, zones: list[str]) -> None:
    client: Any = account.client("autoscaling", region)
    client.create_launch_configuration(LaunchConfigurationName=name, ImageId=_IMAGE, InstanceType="t3.small")
    tag = {"Key": "Environment", "Value": environment, "PropagateAtLaunch": True}
    tag |= {"ResourceId": name, "ResourceType": "auto-scaling-group"}
    # None is wanted, so that moto starts none.
    client.create_auto_scaling_group(
        AutoScalingGroupName=name,
        LaunchConfigurationName=name,
        MinSize=0,
        MaxSize=6,
        DesiredCapacity=0,
        AvailabilityZones=zones,
        Tags=[tag],
    )
