"""STS: a role that does not exist, or wants another external id, cannot be assumed; moto lets anyone in.

How long sessions last can be seeded, `{"seconds": 300}` for the account that asks: the last one counts.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from tests.doubles.aws.refusals import RefusedError
from tests.doubles.aws.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

LIFETIME = "sts:lifetime"
_FORBIDDEN = 403


def assume_role(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's session, if the role is there and its trust policy asks for no other external id."""
    arn = asked.input["RoleArn"]
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[-1]
    role = next((item for item in iam_backends[account]["aws"].roles.values() if item.name == name), None)
    given = asked.input.get("ExternalId")
    if role is None or not all(wanted == given for wanted in _external_ids(role.assume_role_policy_document)):
        caller = f"arn:aws:iam::{asked.call.account}:user/collector"
        message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise RefusedError("AccessDenied", message, _FORBIDDEN)
    lifetimes = asked.seeded.of(LIFETIME, asked.call.account)
    session = asked.moto_result() if lifetimes else asked.ask_moto()
    if isinstance(session, Answer):
        return session
    expiration = datetime.now(UTC) + timedelta(seconds=lifetimes[-1]["seconds"])
    return {**session, "Credentials": {**session["Credentials"], "Expiration": expiration}}


def _external_ids(policy: str) -> list[str]:
    conditions = (statement.get("Condition", {}) for statement in json.loads(policy)["Statement"])
    wanted = (condition.get("StringEquals", {}).get("sts:ExternalId") for condition in conditions)
    return [external_id for external_id in wanted if external_id]
