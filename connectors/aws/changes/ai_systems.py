"""Bedrock and SageMaker: which models there are, what answers for them, and whether what they are asked is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.records import AiSystem, Setting
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

MODEL, ENDPOINT = "model", "endpoint"
"""What was made, and what answers when it is called: the words are those of the other clouds."""
LOGGING = "bedrock_invocation_logging"
_BEDROCK_PAGE, _SAGEMAKER_PAGE = 1000, 100
_DESTINATIONS = ("cloudWatchConfig", "s3Config")


@aws.evidence(
    "aws.ai.systems",
    yields=(AiSystem, Setting),
    needs=[
        "bedrock:GetModelInvocationLoggingConfiguration",
        "bedrock:ListCustomModels",
        "bedrock:ListProvisionedModelThroughputs",
        "sagemaker:ListModels",
        "sagemaker:ListEndpoints",
        "sagemaker:DescribeEndpoint",
    ],
    per=Per.PLACE,
)
def ai_systems(source: AwsSource) -> Iterator[AiSystem | Setting]:
    """AI services in use and their logging.

    Population, in each enabled region, in whatever state it is: every custom model of Bedrock, those that others share
    with the account included, and every model of SageMaker (`model`); every provisioned throughput of Bedrock, which is
    called by its own name, and every endpoint of SageMaker (`endpoint`). And the setting `bedrock_invocation_logging`:
    whether the region's calls of Bedrock are logged anywhere.

    `logging_on` of what is in Bedrock is that setting, since it holds for all calls in the region; of an endpoint of
    SageMaker, whether it captures what it is asked and answers, or any share of that. A model of SageMaker is not
    called by itself, and has none. Owners are not told by these lists.

    Not seen: who calls the models that Bedrock offers to everyone. Such use leaves nothing behind that could be listed,
    so an account without a row may use them all the same, and the setting alone does not say that it does. Not in here
    either: models that were imported into Bedrock, agents and guardrails, and models on machines of one's own.

    Complete when every list was read to its last page in every enabled region. A region in which AWS does not offer one
    of the services cannot be read, and is a gap. Where the setting or an endpoint cannot be read, `logging_on` is null.
    """
    logging = source.look("bedrock", "GetModelInvocationLoggingConfiguration", None)
    if logging.seen:
        yield Setting(
            key=f"{LOGGING} {source.place}",
            seen=[logging],
            name=LOGGING,
            value=str(_logged(logging)).lower(),
            applies_to=source.place,
        )
    reads = (_custom_models, _throughputs, _sagemaker_models, _endpoints)
    for _, rows in source.each(reads, lambda read: list(read(source, logging))):
        yield from rows


def _custom_models(source: AwsSource, logging: Answer) -> Iterator[AiSystem]:
    for one in source.list("bedrock", "ListCustomModels", "modelSummaries", maxResults=_BEDROCK_PAGE):
        yield _in_bedrock(one, one["modelArn"], MODEL, logging)


def _throughputs(source: AwsSource, logging: Answer) -> Iterator[AiSystem]:
    name, key = "ListProvisionedModelThroughputs", "provisionedModelSummaries"
    for one in source.list("bedrock", name, key, maxResults=_BEDROCK_PAGE):
        yield _in_bedrock(one, one["provisionedModelArn"], ENDPOINT, logging)


def _in_bedrock(one: Answer, arn: str, kind: str, logging: Answer) -> AiSystem:
    return AiSystem(
        key=arn,
        seen=[one, logging],
        system=arn,
        provider_role="deployer",
        kind=kind,
        logging_on=logging.tell(_logged),
    )


def _sagemaker_models(source: AwsSource, _: Answer) -> Iterator[AiSystem]:
    for one in source.list("sagemaker", "ListModels", "Models", MaxResults=_SAGEMAKER_PAGE):
        arn = one["ModelArn"]
        yield AiSystem(key=arn, seen=[one], system=arn, provider_role="deployer", kind=MODEL)


def _endpoints(source: AwsSource, _: Answer) -> Iterator[AiSystem]:
    listed = list(source.list("sagemaker", "ListEndpoints", "Endpoints", MaxResults=_SAGEMAKER_PAGE))
    for one, described in source.each(listed, lambda each: _described(source, each)):
        yield AiSystem(
            key=one["EndpointArn"],
            seen=[one, described],
            system=one["EndpointArn"],
            provider_role="deployer",
            kind=ENDPOINT,
            logging_on=described.tell(_captured),
        )


def _described(source: AwsSource, endpoint: Answer) -> Answer:
    return source.look("sagemaker", "DescribeEndpoint", "EndpointArn", EndpointName=endpoint["EndpointName"])


def _logged(answer: Mapping[str, Any]) -> bool:
    """Whether the logs of a region's calls go anywhere; where nothing is set up, the answer has no configuration."""
    configuration = answer.get("loggingConfig") or {}
    return any(configuration.get(name) for name in _DESTINATIONS)


def _captured(endpoint: Mapping[str, Any]) -> bool:
    """Whether an endpoint keeps any share of what it is asked; one whose configuration says nothing of it has none."""
    capture = endpoint.get("DataCaptureConfig") or {}
    return bool(capture.get("EnableCapture")) and capture.get("CaptureStatus") != "Stopped"
