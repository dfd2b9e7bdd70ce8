"""Systems Manager in production: one host up to date, one with patches missing, one that it does not manage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU
from tests.doubles.aws.estate.scanning import hosts_of
from tests.doubles.aws.supplement.ssm import NODES, PATCHES

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

ELSEWHERE = "mi-0a1b2c3d4e5f60718"
"""A host that stands in no cloud."""


def seed_patches(ground: Ground) -> None:
    """`shop-2` has no agent; the host elsewhere was never checked."""
    hosts = hosts_of(ground)
    for name, missing, critical in ((hosts["shop-1"], 0, 0), (hosts["bastion"], 3, 1), (ELSEWHERE, None, None)):
        _manage(ground, name)
        if missing is not None:
            counts = {"MissingCount": missing, "FailedCount": 0, "InstalledPendingRebootCount": 0}
            state = {
                "InstanceId": name,
                "PatchGroup": "production",
                "BaselineId": "pb-0123456789abcdef0",
                "OperationStartTime": ground.ago(0.6),
                "OperationEndTime": ground.ago(0.5),
                "Operation": "Scan",
                "CriticalNonCompliantCount": critical,
            }
            ground.put(PATCHES, ground.prod.id, EU, state | counts)


def _manage(ground: Ground, name: str) -> None:
    kind = "ManagedInstance" if name == ELSEWHERE else "EC2Instance"
    node = {"InstanceId": name, "PingStatus": "Online", "LastPingDateTime": ground.ago(0.01), "ResourceType": kind}
    ground.put(NODES, ground.prod.id, EU, node | {"PlatformType": "Linux", "AgentVersion": "3.3.1611.0"})
    ground.manifest.count(ground.prod.id, EU, "ssm.nodes")
