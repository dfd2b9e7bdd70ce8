"""Systems Manager: the hosts that it manages and the state of their patches, which moto lacks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

NODES = "ssm:nodes"
PATCHES = "ssm:patches"
_MOMENTS = {"LastPingDateTime", "RegistrationDate", "OperationStartTime", "OperationEndTime"}
_LEAST_NODES, _MOST_NODES = 5, 50
_LEAST_STATES, _MOST_STATES, _MOST_ASKED = 10, 100, 50


def describe_instance_information(asked: Asked) -> Mapping[str, Any]:
    """Every managed host that is not stopped."""
    _bounded(asked, _LEAST_NODES, _MOST_NODES)
    nodes = [_read(one) for one in asked.items(NODES)]
    return asked.page("InstanceInformationList", nodes, "NextToken", "MaxResults", _MOST_NODES)


def describe_instance_patch_states(asked: Asked) -> Mapping[str, Any]:
    """The state of the patches of those asked for that were ever checked."""
    _bounded(asked, _LEAST_STATES, _MOST_STATES)
    wanted = asked.input["InstanceIds"]
    if len(wanted) > _MOST_ASKED:
        raise RefusedError("ValidationException", f"instanceIds must have length less than or equal to {_MOST_ASKED}")
    states = [_read(one) for one in asked.items(PATCHES) if one["InstanceId"] in wanted]
    return asked.page("InstancePatchStates", states, "NextToken", "MaxResults", _MOST_STATES)


def _bounded(asked: Asked, least: int, most: int) -> None:
    if not least <= int(asked.input.get("MaxResults", most)) <= most:
        raise RefusedError("ValidationException", f"maxResults must be between {least} and {most}")


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _MOMENTS else value for name, value in item.items()}
