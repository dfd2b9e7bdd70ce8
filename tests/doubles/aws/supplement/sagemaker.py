"""SageMaker: pages of models, and how an endpoint captures data: moto repeats what the configuration asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

STOPPED = "sagemaker:stopped"
"""Endpoints, by name, whose capture was stopped since."""
_A_PAGE, _MOST = 10, 100


def list_models(asked: Asked) -> Mapping[str, Any] | Answer:
    """A page of moto's models, of ten unless more are asked for."""
    limit = int(asked.input.get("MaxResults", _A_PAGE))
    if not 1 <= limit <= _MOST:
        raise RefusedError("ValidationException", f"MaxResults must be between 1 and {_MOST}")
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    shown = ("ModelName", "ModelArn", "CreationTime")
    models = [{name: one[name] for name in shown} for one in result["Models"]]
    return asked.page("Models", models, "NextToken", "MaxResults", limit)


def describe_endpoint(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's endpoint, with what its capture does now in place of what was asked for."""
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    asked_for = result.pop("DataCaptureConfig", None)
    if not asked_for:
        return result
    stopped = result["EndpointName"] in {one["EndpointName"] for one in asked.items(STOPPED)}
    capture = {
        "EnableCapture": asked_for["EnableCapture"],
        "CaptureStatus": "Stopped" if stopped or not asked_for["EnableCapture"] else "Started",
        "CurrentSamplingPercentage": asked_for.get("InitialSamplingPercentage", 100),
        "DestinationS3Uri": asked_for.get("DestinationS3Uri", "s3://nw-prod-capture"),
        "KmsKeyId": asked_for.get("KmsKeyId", ""),
    }
    return {**result, "DataCaptureConfig": capture}
