"""EC2 instances: one list, which several evidence types read and which is asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_PAGE = 1000


class Instance(NamedTuple):
    """One instance, and the answer it stands in."""

    reservation: Answer
    fields: Mapping[str, Any]

    @property
    def runs(self) -> bool:
        """Whether it runs; one that is stopped can be started again."""
        return bool(self.fields["State"]["Name"] == "running")


def reservations(source: AwsSource) -> Iterator[Answer]:
    """Every reservation of the region with its instances, also of those that AWS services run in the account."""
    return source.list("ec2", "DescribeInstances", "Reservations", MaxResults=_PAGE, IncludeManagedResources=True)


def instances(source: AwsSource) -> dict[str, Instance] | None:
    """The instances that are not terminated, by id; None when they could not be listed, which is a gap."""
    for _, found in source.each([source], lambda one: list(reservations(one))):
        return {
            instance["InstanceId"]: Instance(reservation, instance)
            for reservation in found
            for instance in reservation.get("Instances", ())
            if instance["State"]["Name"] != "terminated"
        }
    return None
