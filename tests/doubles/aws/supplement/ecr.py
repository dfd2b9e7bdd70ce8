"""ECR: what is in force for repositories; moto forgets the setting of the repository itself, and knows no bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ecr.models import ecr_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_MOST = 25


def batch_get_repository_scanning_configuration(asked: Asked) -> Mapping[str, Any] | Answer:
    """The frequency that the registry's filters give each repository, and whether it is scanned on push."""
    if not 1 <= len(asked.input["repositoryNames"]) <= _MOST:
        raise RefusedError("InvalidParameterException", f"repositoryNames must have between 1 and {_MOST} members")
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    repositories: dict[str, Any] = ecr_backends[asked.call.account][asked.call.region].repositories
    for one in result["scanningConfigurations"]:
        own = repositories[one["repositoryName"]].image_scanning_configuration
        one["scanOnPush"] = bool(own.get("scanOnPush")) or one["scanFrequency"] != "MANUAL"
    return result
