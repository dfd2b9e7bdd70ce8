from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import UNSEEN, Answer
from collector.model import Origin
from connectors.aws.changes.configuration import recorded, records

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble


@pytest.mark.parametrize(
    ("status", "enabled"),
    [
        ({"recording": True, "lastStatus": "Success"}, True),
        ({"recording": True, "lastStatus": "PENDING"}, True),
        ({"recording": True}, True),
        ({"recording": True, "lastStatus": "Failure"}, False),
        ({"recording": False, "lastStatus": "Success"}, False),
        ({"lastStatus": "Success"}, None),
    ],
)
def test_a_recorder_that_cannot_deliver_records_nothing(*, status: dict[str, Any], enabled: bool | None) -> None:
    answer = Answer({"ConfigurationRecordersStatus": [{"name": "default", **status}]}, Origin("r", 1, ""))
    assert records(answer, "default") is enabled
    assert records(answer, "other") is None
    assert records(UNSEEN, "default") is None


@pytest.mark.parametrize(
    ("group", "events"),
    [
        ({"allSupported": True, "includeGlobalResourceTypes": False}, ("*",)),
        ({"allSupported": True, "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}}, ("*",)),
        ({"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}, ("AWS::S3::Bucket",)),
        ({"allSupported": False, "resourceTypes": []}, None),
        (
            {
                "allSupported": False,
                "exclusionByResourceTypes": {"resourceTypes": ["AWS::IAM::User"]},
                "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            },
            ("*", "NOT AWS::IAM::User"),
        ),
        ({"recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}, None),
        ({}, None),
    ],
)
def test_what_a_recorder_records(group: dict[str, Any], events: tuple[str, ...] | None) -> None:
    assert recorded(group) == events


def test_every_region_has_one_row_with_or_without_a_recorder(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.config.recorder")
    assert all(one.snapshot.complete for one in found)
    assert [[row["place"] for row in one.rows] for one in found] == [manifest["regions"]] * 3
    off = {(one.snapshot.scope.unit_id, row["place"]) for one in found for row in one.rows if not row["enabled"]}
    expected = {(item["account"], item["region"]) for item in manifest["deviations"]["LOG-09"]}
    management = {(manifest["management"], region) for region in manifest["regions"]}
    assert off == expected | management
    told = {(bool(row["destination"]), tuple(row["events"] or ())) for one in found for row in one.rows}
    assert told == {(True, ("*",)), (False, ())}


def test_a_recorder_whose_status_cannot_be_read_is_neither_on_nor_off(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeConfigurationRecorderStatus", "region": "eu-central-1"})
    (prod,) = [one for one in gather("aws.config.recorder") if one.snapshot.scope.name == "northwind-prod"]
    states = {row["place"]: row["enabled"] for row in prod.rows}
    assert states == {"eu-central-1": None, "eu-west-1": False, "us-east-1": True}
    assert prod.causes == ["denied"]


def test_a_region_that_cannot_be_asked_has_no_row(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeConfigurationRecorders", "region": "eu-west-1"})
    for one in gather("aws.config.recorder"):
        assert "eu-west-1" not in {row["place"] for row in one.rows}
        assert one.causes == ["denied"]
