"""Systems Manager: which hosts it manages, and whether a patch is missing on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.records import Asset
from connectors.aws import aws
from connectors.aws.instances import instances
from connectors.aws.tags import labels, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.instances import Instance

_NODES = 50
_STATES = 100
_ASKED_AT_ONCE = 50
_INSTANCE = "i-"
_NOT_IN_EFFECT = ("MissingCount", "FailedCount", "InstalledPendingRebootCount")
"""A patch is in one state only, so these add up."""


@aws.evidence(
    "aws.ssm.patch",
    yields=Asset,
    needs=["ssm:DescribeInstanceInformation", "ssm:DescribeInstancePatchStates", "ec2:DescribeInstances"],
    per=Per.PLACE,
)
def patches(source: AwsSource) -> Iterator[Asset]:
    """Patch state of instances.

    Population, in each enabled region: every host that Systems Manager manages, an instance of EC2 (`instance`) or one
    elsewhere (`managed_node`), and every instance of EC2 that runs and that it does not manage (`managed` is false).
    Of those that it manages, how many patches that their baseline approves are missing, failed, or wait for a restart
    (`patches_missing`), how many of all such count as critical there, and when that was last checked. A host whose
    patches were never checked has none of the three. Since when a patch is missing Systems Manager does not tell here.

    Complete when every list was read to its end in every enabled region, and the state of the patches of every managed
    host was asked for. Not included: instances that are stopped, which Systems Manager leaves out too.
    """
    nodes, here = _nodes(source), instances(source) or {}
    names = [one["InstanceId"] for one in nodes or ()]
    states = _states(source, names)
    for node in nodes or ():
        name = node["InstanceId"]
        yield _host(source, name, here.get(name), node=node, state=states.get(name), managed=True)
    managed = set(names)
    for name, instance in here.items():
        if instance.runs and name not in managed:
            yield _host(source, name, instance, managed=None if nodes is None else False)


def _nodes(source: AwsSource) -> list[Answer] | None:
    """What Systems Manager manages here; None when it could not be listed, which is a gap."""
    asked = source.each(
        [_NODES],
        lambda size: list(
            source.list("ssm", "DescribeInstanceInformation", "InstanceInformationList", MaxResults=size)
        ),
    )
    return next((found for _, found in asked), None)


def _states(source: AwsSource, names: list[str]) -> dict[str, Answer]:
    """The state of the patches of each host; one that was never checked has none. A batch that is refused is a gap."""

    def read(batch: Iterable[str]) -> list[Answer]:
        return list(
            source.list(
                "ssm", "DescribeInstancePatchStates", "InstancePatchStates", InstanceIds=batch, MaxResults=_STATES
            )
        )

    batches = [names[start : start + _ASKED_AT_ONCE] for start in range(0, len(names), _ASKED_AT_ONCE)]
    found = {one["InstanceId"]: one for _, states in source.each(batches, read) for one in states}
    source.total("hosts with a state of patches are managed", expected=len(found), found=len(found.keys() & set(names)))
    return found


def _host(
    source: AwsSource,
    name: str,
    instance: Instance | None,
    *,
    managed: bool | None,
    node: Answer | None = None,
    state: Answer | None = None,
) -> Asset:
    counts: list[int | None] = [state.get(count) for count in _NOT_IN_EFFECT] if state else [None]
    own: dict[str, Any] = labels(source, plain(instance.fields.get("Tags")) if instance else None)
    return Asset(
        key=f"{source.place} {name}",
        seen=[one for one in (node, state, instance.reservation if instance else None) if one is not None],
        asset_id=name,
        type="instance" if name.startswith(_INSTANCE) else "managed_node",
        place=source.place,
        last_seen_at=node.get("LastPingDateTime") if node else None,
        managed=managed,
        patches_missing=None if None in counts else sum(count or 0 for count in counts),
        critical_patches_missing=state.get("CriticalNonCompliantCount") if state else None,
        patches_checked_at=state.get("OperationEndTime") if state else None,
        **own,
    )
