"""Auto Scaling: the machines of a group, which moto would start, and with them disks and addresses of no story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.refusals import RefusedError
from tests.doubles.aws.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tests.doubles.aws.supplement.asked import Asked

INSTANCES = "autoscaling:instances"
_MOST = 100


def describe_auto_scaling_groups(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's groups, with the machines that were seeded for each."""
    if int(asked.input.get("MaxRecords") or 1) > _MOST:
        raise RefusedError("ValidationError", f"MaxRecords must be at most {_MOST}")
    told = asked.moto_result()
    if isinstance(told, Answer):
        return told
    machines = asked.items(INSTANCES)
    for group in told["AutoScalingGroups"]:
        own = [one for one in machines if one["group"] == group["AutoScalingGroupName"]]
        group["Instances"] = [{name: value for name, value in one.items() if name != "group"} for one in own]
    return told
