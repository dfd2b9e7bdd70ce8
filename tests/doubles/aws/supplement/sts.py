"""STS: a role that does not exist, or wants another external id, cannot be assumed; moto lets anyone in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_FORBIDDEN = 403


def assume_role(asked: Asked) -> Answer:
    """moto's session, if the role is there and its trust policy asks for no other external id."""
    arn = asked.input["RoleArn"]
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[-1]
    role = next((item for item in iam_backends[account]["aws"].roles.values() if item.name == name), None)
    given = asked.input.get("ExternalId")
    if role is None or not all(wanted == given for wanted in _external_ids(role.assume_role_policy_document)):
        caller = f"arn:aws:iam::{asked.call.account}:user/collector"
        message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise RefusedError("AccessDenied", message, _FORBIDDEN)
    return asked.ask_moto()


def _external_ids(policy: str) -> list[str]:
    conditions = (statement.get("Condition", {}) for statement in json.loads(policy)["Statement"])
    wanted = (condition.get("StringEquals", {}).get("sts:ExternalId") for condition in conditions)
    return [external_id for external_id in wanted if external_id]
