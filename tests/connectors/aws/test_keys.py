from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.data.key_policy import policy_open
from connectors.aws.data.keys import rotates

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

_ROOT = {"AWS": "arn:aws:iam::111111111111:root"}


def _policy(principal: Any, condition: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*", **parts}
    return {"Statement": [statement | ({"Condition": condition} if condition else {})]}


@pytest.mark.parametrize(
    "policy",
    [
        _policy("*"),
        _policy({"AWS": "*"}),
        _policy({"AWS": [_ROOT["AWS"], "*"]}),
        _policy("*", {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}),
        _policy("*", {"Bool": {"aws:SecureTransport": "true"}}),
        _policy("*", {"StringNotEquals": {"kms:CallerAccount": "111111111111"}}),
        _policy("*", {"StringLike": {"kms:CallerAccount": "*"}}),
        _policy("*", {"StringEqualsIfExists": {"aws:SourceAccount": "111111111111"}}),
        _policy("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
        _policy("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*"}}),
        {"Statement": [{"Effect": "Allow", "NotPrincipal": _ROOT, "Action": "kms:Decrypt", "Resource": "*"}]},
        {"Statement": _policy("*")["Statement"][0]},
        {"Statement": [*_policy(_ROOT)["Statement"], *_policy("*")["Statement"]]},
    ],
)
def test_a_policy_for_everyone_is_open(policy: dict[str, Any]) -> None:
    assert policy_open(policy)


@pytest.mark.parametrize(
    "policy",
    [
        {},
        _policy(_ROOT),
        _policy({"Service": "logs.eu-central-1.amazonaws.com"}),
        _policy("*", Effect="Deny"),
        _policy("*", {"StringEquals": {"kms:CallerAccount": "111111111111", "kms:ViaService": "ebs"}}),
        _policy("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
        _policy("*", {"StringLike": {"AWS:PRINCIPALORGID": ["o-abc", "o-def"]}}),
        _policy("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}),
        _policy("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}),
    ],
)
def test_a_policy_for_named_accounts_is_not_open(policy: dict[str, Any]) -> None:
    assert not policy_open(policy)


@pytest.mark.parametrize(
    ("spec", "origin", "expected"),
    [
        ("SYMMETRIC_DEFAULT", "AWS_KMS", True),
        ("SYMMETRIC_DEFAULT", "EXTERNAL", False),
        ("SYMMETRIC_DEFAULT", "AWS_CLOUDHSM", False),
        ("HMAC_256", "AWS_KMS", False),
        ("RSA_2048", "AWS_KMS", False),
        (None, "AWS_KMS", None),
    ],
)
def test_only_symmetric_keys_of_kms_s_own_making_rotate(
    *, spec: str | None, origin: str, expected: bool | None
) -> None:
    assert rotates({"KeySpec": spec, "Origin": origin}) is expected


def test_keys_are_described_and_their_faults_found(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.kms.keys")
    rows = [row for one in found for row in one.rows]
    assert all(one.snapshot.complete for one in found)
    ours = {row["key_id"].rpartition("/")[2]: row for row in rows if row["manager"] == "customer"}
    assert len(ours) == sum(place.get("kms.customer_keys", 0) for place in manifest["counts"].values())
    fault: dict[str, Callable[[dict[str, Any]], bool]] = {
        "not rotated": lambda row: row["rotation_on"] is False,
        "pending deletion": lambda row: row["state"] == "pending_deletion" and row["delete_at"] is not None,
        "usable by everyone": lambda row: row["policy_open"] is True,
    }
    for item in manifest["deviations"]["IAM-18"]:
        assert fault[item["why"]](ours[item["item"]]), item
    assert len([row for row in rows if row["policy_open"]]) == 1
    assert ["alias/nw-data"] in [row["aliases"] for row in rows]
    assert {row["policy_open"] for row in rows if row["manager"] == "provider"} <= {None}


def test_a_key_that_forbids_us_to_look_stays(gather: Gather, aws: AwsDouble) -> None:
    whole = [len(one.rows) for one in gather("aws.kms.keys")]
    aws.fault("deny", match={"operation": "DescribeKey"})
    found = gather("aws.kms.keys")
    assert [len(one.rows) for one in found] == whole
    assert {(row["manager"], row["rotation_supported"]) for one in found for row in one.rows} == {(None, None)}
    assert all(one.causes for one in found)


def test_a_list_of_keys_cut_short_is_a_gap(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("drop_next_token_but_truncated", match={"operation": "ListKeys"})
    assert all("truncated" in one.causes for one in gather("aws.kms.keys"))


def test_secrets_show_their_rotation_and_never_a_value(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.secrets.rotation")
    rows = {row["credential_id"].split(":secret:")[1].rpartition("-")[0]: row for one in found for row in one.rows}
    assert all(one.snapshot.complete for one in found)
    assert len(rows) == sum(place.get("secretsmanager.secrets", 0) for place in manifest["counts"].values())
    assert rows["shop/payment-gateway"]["rotated_at"] is None
    assert rows["shop/database"]["rotated_at"] > rows["shop/database"]["created_at"]
    assert {row["status"] for row in rows.values()} == {"active"}
