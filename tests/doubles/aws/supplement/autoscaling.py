"""Auto Scaling: machines of a group, which moto would start with disks of no story, and whether policies are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.refusals import RefusedError
from tests.doubles.aws.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tests.doubles.aws.supplement.asked import Asked

INSTANCES = "autoscaling:instances"
SWITCHED_OFF = "autoscaling:off"
_MOST = 100


def describe_auto_scaling_groups(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's groups, with the machines that were seeded for each."""
    _at_most(asked)
    told = asked.moto_result()
    if isinstance(told, Answer):
        return told
    machines = asked.items(INSTANCES)
    for group in told["AutoScalingGroups"]:
        own = [one for one in machines if one["group"] == group["AutoScalingGroupName"]]
        group["Instances"] = [{name: value for name, value in one.items() if name != "group"} for one in own]
    return told


def describe_policies(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's policies, and whether each is on, which moto does not know."""
    _at_most(asked)
    told = asked.moto_result()
    if isinstance(told, Answer):
        return told
    off = {one["policy"] for one in asked.items(SWITCHED_OFF)}
    policies = [one | {"Enabled": one["PolicyName"] not in off} for one in told["ScalingPolicies"]]
    for one in policies:
        if one["PolicyType"] != "PredictiveScaling":
            # moto gives every policy an empty one.
            one.pop("PredictiveScalingConfiguration", None)
    return {"ScalingPolicies": policies}


def _at_most(asked: Asked) -> None:
    if int(asked.input.get("MaxRecords") or 1) > _MOST:
        raise RefusedError("ValidationError", f"MaxRecords must be at most {_MOST}")
