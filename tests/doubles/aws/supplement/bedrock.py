"""Bedrock: throughput that was bought, which moto has nothing of; bounds, and whose a model is, which it forgets."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

THROUGHPUTS = "bedrock:throughputs"
_MOST = 1000
_TIMES = ("creationTime", "lastModifiedTime")


def list_custom_models(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's models, each with its owner."""
    _limit(asked)
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    for one in result["modelSummaries"]:
        one |= {"ownerAccountId": asked.call.account, "modelStatus": "Active"}
    return {name: value for name, value in result.items() if value is not None}


def list_provisioned_model_throughputs(asked: Asked) -> Mapping[str, Any]:
    """Each amount that was bought."""
    _limit(asked)
    known = [
        {name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in one.items()}
        for one in asked.items(THROUGHPUTS)
    ]
    page = asked.page("provisionedModelSummaries", known, "nextToken", "maxResults", _MOST)
    return {("nextToken" if name == "NextToken" else name): value for name, value in page.items()}


def _limit(asked: Asked) -> None:
    if not 1 <= int(asked.input.get("maxResults", _MOST)) <= _MOST:
        raise RefusedError("ValidationException", f"maxResults must be between 1 and {_MOST}")
