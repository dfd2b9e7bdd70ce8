from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import UNSEEN, Answer
from collector.model import Origin
from connectors.aws.data.encryption import bucket_key, table_key
from connectors.aws.data.key_control import Aliases

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

_ORIGIN = Origin("r", 1, "")
_HERE, _THERE = "arn:aws:kms:eu-central-1:111111111111:", "arn:aws:kms:eu-central-1:222222222222:"
_KNOWN = Aliases({"of-aws": Answer({"AliasName": "alias/aws/ebs"}, _ORIGIN)}, "111111111111")
_UNKNOWN = Aliases(None, "111111111111")


@pytest.mark.parametrize(
    ("key", "known", "unknown"),
    [
        (f"{_HERE}key/of-aws", "provider", None),
        ("of-aws", "provider", None),
        (f"{_HERE}key/of-ours", "customer", None),
        (f"{_THERE}key/of-theirs", "customer", "customer"),
        ("alias/aws/s3", "provider", "provider"),
        (f"{_HERE}alias/aws/s3", "provider", "provider"),
        ("alias/data", "customer", "customer"),
        (None, None, None),
        ("", None, None),
    ],
)
def test_a_key_is_aws_s_own_when_an_alias_of_aws_s_says_so(
    key: str | None, known: str | None, unknown: str | None
) -> None:
    assert _KNOWN.control(key) == known
    assert _UNKNOWN.control(key) == unknown


@pytest.mark.parametrize(
    ("default", "control"),
    [
        ({"SSEAlgorithm": "AES256"}, "provider"),
        ({"SSEAlgorithm": "aws:kms"}, "provider"),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"{_HERE}key/of-ours"}, "customer"),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"{_HERE}key/of-aws"}, "provider"),
        ({}, None),
    ],
)
def test_a_bucket_without_a_named_key_is_under_aws_s(default: dict[str, str], control: str | None) -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    answer = Answer({"ServerSideEncryptionConfiguration": {"Rules": rules}}, _ORIGIN)
    assert bucket_key(answer, _KNOWN) == control
    assert bucket_key(UNSEEN, _KNOWN) is None


def test_a_table_without_a_named_key_is_under_aws_s() -> None:
    assert table_key({}, _UNKNOWN) == "provider"
    assert table_key({"SSEDescription": {"KMSMasterKeyArn": f"{_HERE}key/of-ours"}}, _KNOWN) == "customer"
    assert table_key({"SSEDescription": {"KMSMasterKeyArn": f"{_HERE}key/of-ours"}}, _UNKNOWN) is None


def test_every_store_has_a_row_and_the_unencrypted_are_found(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.encryption.at_rest")
    assert all(one.snapshot.complete for one in found)
    rows = [row for one in found for row in one.table("resource")]
    for kind, counted in (
        ("bucket", "s3.buckets"),
        ("volume", "ec2.volumes"),
        ("db_instance", "rds.instances"),
        ("db_cluster", "rds.clusters"),
        ("table", "dynamodb.tables"),
        ("file_system", "efs.file_systems"),
    ):
        expected = sum(place.get(counted, 0) for place in manifest["counts"].values())
        assert len([row for row in rows if row["type"] == kind]) == expected, kind
    bare = {row["resource_id"].replace("/", ":").split(":")[-1] for row in rows if row["encrypted"] is False}
    settings = {"EBS encryption by default"}
    assert bare == {item["item"] for item in manifest["deviations"]["IAM-16"]} - settings
    told = {row["resource_id"].rpartition(":")[2]: row for row in rows if row["type"] == "db_instance"}
    columns = {"zones": "multi_zone", "deletion": "deletion_protected"}
    weak = {(item["item"], columns[item["why"]]) for item in manifest["deviations"]["BCP-07"] if item["item"] in told}
    assert weak == {
        (name, column)
        for name, row in told.items()
        for column in ("multi_zone", "deletion_protected")
        if not row[column]
    }
    off = {
        (one.snapshot.scope.unit_id, row["applies_to"])
        for one in found
        for row in one.table("setting")
        if row["value"] == "false"
    }
    assert off >= {
        (item["account"], item["region"]) for item in manifest["deviations"]["IAM-16"] if item["item"] in settings
    }


def test_keys_of_unknown_control_stay_unknown(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListAliases"})
    rows = [row for one in gather("aws.encryption.at_rest") for row in one.table("resource")]
    assert {row["key_control"] for row in rows if row["type"] == "volume"} == {None}
    assert {row["encrypted"] for row in rows if row["type"] == "volume"} == {True, False}


def test_lists_that_cannot_be_read_take_no_other_with_them(gather: Gather, aws: AwsDouble) -> None:
    for operation in ("ListBuckets", "DescribeVolumes", "DescribeDBInstances", "ListTables"):
        aws.fault("deny", match={"operation": operation})
    found = gather("aws.encryption.at_rest")
    assert all(set(one.causes) == {"denied"} for one in found)
    assert {row["type"] for one in found for row in one.table("resource")} == {"db_cluster", "file_system"}
    assert all(len(one.table("setting")) == 3 for one in found)


def test_a_table_that_cannot_be_described_stays(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeTable"})
    rows = [row for one in gather("aws.encryption.at_rest") for row in one.table("resource") if row["type"] == "table"]
    assert rows
    assert {(row["encrypted"], row["key_control"]) for row in rows} == {(None, None)}
    assert {(row["multi_zone"], row["deletion_protected"]) for row in rows} == {(None, None)}
