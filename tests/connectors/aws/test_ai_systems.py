"""Bedrock and SageMaker: models, what answers for them, and whether what they are asked is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.aws.clients import Account
from tests.doubles.aws.supplement.bedrock import THROUGHPUTS

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

AI, EU, IRELAND, US = "aws.ai.systems", "eu-central-1", "eu-west-1", "us-east-1"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    return str(manifest["accounts"]["northwind-prod"])


def only(found: list[Gathered]) -> Gathered:
    (one,) = found
    return one


def told(found: Gathered) -> dict[str, tuple[str, bool | None]]:
    """Kind and logging of each system, by what follows the account in its ARN."""
    return {row["system"].split(":", 5)[5]: (row["kind"], row["logging_on"]) for row in found.table("ai_system")}


def settings(found: Gathered) -> dict[str, str]:
    return {row["applies_to"]: row["value"] for row in found.table("setting")}


def test_what_was_made_and_what_answers_is_listed_with_its_logging(gather: Gather, prod: str) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(AI)}
    assert all(one.snapshot.complete for one in found.values())
    own = found.pop(prod)
    assert told(own) == {
        "custom-model/support-answers": ("model", True),
        "custom-model/invoice-reader": ("model", False),
        "provisioned-model/0a1b2c3d4e5f": ("endpoint", True),
        "model/forecast": ("model", None),
        "endpoint/forecast": ("endpoint", True),
        "endpoint/forecast-next": ("endpoint", False),
        "endpoint/forecast-test": ("endpoint", False),
    }
    assert settings(own) == {EU: "true", IRELAND: "false", US: "false"}
    for row in own.table("ai_system"):
        assert row["provider_role"] == "deployer"
        assert row["origins"]
        # What nobody but the company knows.
        assert row["owner"] is row["risk_class"] is row["purpose"] is row["assessed_at"] is None
    for other in found.values():
        assert told(other) == {}, "that a region logs, or could be called, is no system in use"
        assert set(settings(other).values()) == {"false"}


@pytest.mark.parametrize(
    ("configuration", "value"),
    [
        ({"s3Config": {"bucketName": "nw-logs"}}, "true"),
        ({"textDataDeliveryEnabled": True}, "false"),
        (None, "false"),
    ],
    ids=["to a bucket", "to nowhere", "taken back"],
)
def test_calls_are_logged_where_their_logs_go_anywhere(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any], configuration: dict[str, Any] | None, value: str
) -> None:
    bedrock = Account.management(aws.endpoint).client("bedrock", IRELAND)
    try:
        bedrock.put_model_invocation_logging_configuration(
            loggingConfig=configuration or {"s3Config": {"bucketName": "nw-logs"}}
        )
        if configuration is None:
            bedrock.delete_model_invocation_logging_configuration()
        found = only(gather(AI, only=manifest["management"]))
    finally:
        bedrock.delete_model_invocation_logging_configuration()
    assert settings(found)[IRELAND] == value


def test_nothing_is_called_unlogged_where_that_could_not_be_read(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("deny", match={"operation": "GetModelInvocationLoggingConfiguration", "region": EU})
    aws.fault("deny", match={"operation": "DescribeEndpoint", "contains": "forecast-next"})
    found = only(gather(AI, only=prod))
    assert found.causes == ["denied", "denied"]
    assert settings(found) == {IRELAND: "false", US: "false"}
    logging = {name: on for name, (_, on) in told(found).items()}
    assert {name for name, on in logging.items() if on is None} == {
        "custom-model/support-answers", "provisioned-model/0a1b2c3d4e5f", "model/forecast", "endpoint/forecast-next",
    }  # fmt: skip
    assert (logging["custom-model/invoice-reader"], logging["endpoint/forecast"]) == (False, True)


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("ListCustomModels", "custom-model/support-answers"),
        ("ListProvisionedModelThroughputs", "provisioned-model/0a1b2c3d4e5f"),
        ("ListModels", "model/forecast"),
        ("ListEndpoints", "endpoint/forecast"),
    ],
)
def test_a_list_that_is_refused_is_a_gap_and_the_others_stay(
    gather: Gather, aws: AwsDouble, prod: str, operation: str, lost: str
) -> None:
    aws.fault("deny", match={"operation": operation, "region": EU})
    found = only(gather(AI, only=prod))
    assert found.causes == ["denied"]
    assert lost not in told(found)
    assert len(told(found)) == (4 if operation == "ListEndpoints" else 6)


def test_a_region_that_does_not_offer_a_service_is_no_empty_list(gather: Gather, aws: AwsDouble, prod: str) -> None:
    for service in ("bedrock", "sagemaker"):
        aws.fault("not_found_html", match={"service": service, "region": IRELAND})
    found = only(gather(AI, only=prod, attempts=1))
    assert set(found.causes) == {"unavailable"}
    assert {gap.subject.split(" ")[0] for gap in found.snapshot.gaps} == {
        "bedrock:GetModelInvocationLoggingConfiguration",
        "bedrock:ListCustomModels",
        "bedrock:ListProvisionedModelThroughputs",
        "sagemaker:ListModels",
        "sagemaker:ListEndpoints",
    }
    assert IRELAND not in settings(found)
    assert len(told(found)) == 7, "what other regions have"


def test_more_than_one_page(gather: Gather, aws: AwsDouble, prod: str) -> None:
    arn = f"arn:aws:bedrock:{IRELAND}::foundation-model/amazon.titan-text-lite-v1"
    moment = "2026-11-01T00:00:00+00:00"
    one = {
        "modelArn": arn, "desiredModelArn": arn, "foundationModelArn": arn, "modelUnits": 1, "desiredModelUnits": 1,
        "status": "InService", "creationTime": moment, "lastModifiedTime": moment,
    }  # fmt: skip
    own = f"arn:aws:bedrock:{IRELAND}:{prod}:provisioned-model/"
    many = [one | {"provisionedModelName": f"n{n}", "provisionedModelArn": f"{own}{n:012}"} for n in range(5)]
    for operation in ("ListModels", "ListEndpoints", "ListCustomModels"):
        aws.fault(match={"operation": operation}, page_size=1)
    aws.fault(match={"operation": "ListProvisionedModelThroughputs", "region": IRELAND}, page_size=2)
    with aws.seeded_besides(THROUGHPUTS, prod, IRELAND, many):
        whole = only(gather(AI, only=prod))
        aws.fault("throttle", match={"operation": "ListProvisionedModelThroughputs", "region": IRELAND}, skip=1)
        cut = only(gather(AI, only=prod, attempts=1))
    assert whole.snapshot.complete
    assert len(told(whole)) == 7 + 5
    assert cut.causes == ["throttled"]
    assert len(told(cut)) == 7, "part of a list is not the list"
