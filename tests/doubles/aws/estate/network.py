"""EC2 in production: security groups, instances with addresses, and disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND, US

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_IMAGE = "ami-12c6146b"
_EVERYONE, _EVERYONE_6 = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
_OFFICE = {"IpRanges": [{"CidrIp": "192.0.2.0/24"}]}

# Group -> the port that is open, and to whom.
_GROUPS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("open-to-the-world", 22, _EVERYONE),
    ("open-over-ipv6", 3389, _EVERYONE_6),
    ("web", 443, _EVERYONE),
    ("office", 22, _OFFICE),
    ("unattached-open", 22, _EVERYONE),
)


def seed_network(ground: Ground) -> None:
    """Groups, instances and volumes in the home region; a volume elsewhere, unencrypted."""
    ec2, account = ground.prod.client("ec2"), ground.prod.id
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = {name: _group(ec2, subnet["VpcId"], name, port, to) for name, port, to in _GROUPS}
    ground.manifest.count(account, EU, "ec2.security_groups", len(groups))
    for name, why in (
        ("open-to-the-world", "port 22 open to 0.0.0.0/0, attached"),
        ("open-over-ipv6", "port 3389 open to ::/0, attached"),
        ("unattached-open", "port 22 open to 0.0.0.0/0, attached to nothing"),
    ):
        ground.manifest.deviates("IAM-14", account, EU, groups[name], why)
    for name, group, tokens in (
        ("shop-1", "web", "required"),
        ("shop-2", "open-to-the-world", "required"),
        ("bastion", "open-over-ipv6", "optional"),
    ):
        instance = _run(ec2, subnet["SubnetId"], groups[group], name, tokens)
        ground.manifest.count(account, EU, "ec2.instances")
        # The root disk.
        ground.manifest.count(account, EU, "ec2.volumes")
        if tokens == "optional":
            ground.manifest.deviates("IAM-14", account, EU, instance, "answers IMDSv1")
    ec2.enable_ebs_encryption_by_default()
    _volumes(ground)


def _volumes(ground: Ground) -> None:
    account = ground.prod.id
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "Environment", "Value": "production"}]}]
    for region, encrypted in ((EU, True), (IRELAND, False)):
        made = ground.prod.client("ec2", region).create_volume(
            AvailabilityZone=f"{region}a", Size=20, Encrypted=encrypted, TagSpecifications=tags
        )
        ground.manifest.count(account, region, "ec2.volumes")
        if not encrypted:
            ground.manifest.deviates("IAM-16", account, region, made["VolumeId"], "volume unencrypted")
    for region in (IRELAND, US):
        why = "new volumes are not encrypted"
        ground.manifest.deviates("IAM-16", account, region, "EBS encryption by default", why)


def _group(ec2: Any, vpc: str, name: str, port: int, to: dict[str, Any]) -> str:
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **to}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    return str(group)


def _run(ec2: Any, subnet: str, group: str, name: str, tokens: str) -> str:
    tags = [{"Key": "Name", "Value": name}, {"Key": "Environment", "Value": "production"}]
    # moto's own default root disk is unencrypted.
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}
    made = ec2.run_instances(
        ImageId=_IMAGE,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": "enabled"},
        BlockDeviceMappings=[disk],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    return str(made["Instances"][0]["InstanceId"])
