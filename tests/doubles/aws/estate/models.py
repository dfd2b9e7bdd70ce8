"""Bedrock and SageMaker: a region whose calls are logged, one whose are not, and endpoints that capture or do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, US
from tests.doubles.aws.supplement.bedrock import THROUGHPUTS
from tests.doubles.aws.supplement.sagemaker import STOPPED

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_BASE = "amazon.titan-text-lite-v1"
_CAPTURED = {
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://nw-prod-capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def seed_models(ground: Ground) -> None:
    """All of it is production's."""
    account = ground.prod.id
    role = f"arn:aws:iam::{account}:role/models"
    ground.prod.client("bedrock", EU).put_model_invocation_logging_configuration(
        loggingConfig={
            "cloudWatchConfig": {"logGroupName": "/nw/bedrock", "roleArn": role},
            "textDataDeliveryEnabled": True,
        }
    )
    for region, name in ((EU, "support-answers"), (US, "invoice-reader")):
        ground.prod.client("bedrock", region).create_model_customization_job(
            jobName=f"{name}-1",
            customModelName=name,
            roleArn=role,
            baseModelIdentifier=_BASE,
            trainingDataConfig={"s3Uri": "s3://nw-prod-training/in"},
            outputDataConfig={"s3Uri": "s3://nw-prod-training/out"},
            hyperParameters={"epochCount": "1"},
        )
    base = f"arn:aws:bedrock:{EU}::foundation-model/{_BASE}"
    ground.put(
        THROUGHPUTS,
        account,
        EU,
        {
            "provisionedModelName": "support-answers",
            "provisionedModelArn": f"arn:aws:bedrock:{EU}:{account}:provisioned-model/0a1b2c3d4e5f",
            "modelArn": base,
            "desiredModelArn": base,
            "foundationModelArn": base,
            "modelUnits": 1,
            "desiredModelUnits": 1,
            "status": "InService",
            "creationTime": ground.ago(40),
            "lastModifiedTime": ground.ago(40),
        },
    )
    _endpoints(ground, role)


def _endpoints(ground: Ground, role: str) -> None:
    sagemaker = ground.prod.client("sagemaker", EU)
    image = f"{ground.prod.id}.dkr.ecr.{EU}.amazonaws.com/nw/forecast:1"
    sagemaker.create_model(ModelName="forecast", ExecutionRoleArn=role, PrimaryContainer={"Image": image})
    for name, capture in (
        ("forecast", {"EnableCapture": True, **_CAPTURED}),
        ("forecast-next", {"EnableCapture": True, **_CAPTURED}),
        ("forecast-test", None),
    ):
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "all",
                    "ModelName": "forecast",
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.t2.medium",
                }
            ],
            **({"DataCaptureConfig": capture} if capture else {}),
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    ground.put(STOPPED, ground.prod.id, EU, {"EndpointName": "forecast-next"})
