"""The regions this AWS has: three in use, the others known but not opted into."""

from __future__ import annotations

from moto.ec2.models.availability_zones_and_regions import Region, RegionsAndZonesBackend

ENABLED = ("eu-central-1", "eu-west-1", "us-east-1")
_NOT_OPTED_IN = ("ap-east-1", "me-south-1", "af-south-1")


def limit_regions(enabled: tuple[str, ...] = ENABLED) -> None:
    """Make DescribeRegions of this process show these regions, some that are off, and no others."""
    statuses = dict.fromkeys(enabled, "opt-in-not-required") | dict.fromkeys(_NOT_OPTED_IN, "not-opted-in")
    RegionsAndZonesBackend.regions = [
        Region(name, f"ec2.{name}.amazonaws.com", status) for name, status in sorted(statuses.items())
    ]
