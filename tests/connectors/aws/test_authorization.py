from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aws.access.authorization import allows_everything, any_of, serves_aws

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

DETAILS = "aws.iam.authorization_details"


def allow(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Resource": "*", **parts}


def deny(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Resource": "*", **parts}


@pytest.mark.parametrize(
    "statements",
    [
        [allow(Action="*")],
        allow(Action="*"),
        [allow(Action=["s3:GetObject", "*:*"])],
        [allow(Action="iam:*")],
        [allow(Action="IAM:*")],
        [allow(Action="i*")],
        [allow(Action="iam:*", Resource="arn:aws:iam::123456789012:*")],
        [allow(Action="*", Resource="arn:aws:*")],
        [allow(Action="*", Resource=["arn:aws:s3:::logs", "*"])],
        [allow(NotAction=["iam:*", "organizations:*"])],
        [allow(NotAction="s3:*")],
        [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::logs/*"}],
        [allow(Action="*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
        [allow(Action="*"), deny(Action="s3:*")],
        [allow(Action="*"), deny(Action="iam:*")],
        [allow(Action="*"), deny(Action="*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        [allow(Action="*"), deny(Action="*", Resource="arn:aws:s3:::logs/*")],
    ],
)
def test_everything_is_allowed(statements: Any) -> None:
    assert allows_everything({"Statement": statements}) is True
    assert allows_everything(json.dumps({"Statement": statements})) is True


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [allow(Action="s3:*")],
        [allow(Action="iam:Get*")],
        [allow(Action="iam:*", Resource="arn:aws:iam::123456789012:user/${aws:username}")],
        [allow(Action="*", Resource="arn:aws:s3:::logs/*")],
        [allow(NotAction="*")],
        [allow(Action="*"), deny(Action="*")],
        [allow(Action="iam:*"), deny(Action="iam:*")],
        [allow(Action="*"), deny(NotAction="s3:*")],
        [deny(Action="*")],
        [{"Effect": "Allow", "Action": "*"}],
    ],
)
def test_not_everything_is_allowed(statements: Any) -> None:
    assert allows_everything({"Statement": statements}) is False


@pytest.mark.parametrize("document", [None, "not JSON", "[]", 7, {"Statement": ["*"]}, {"Statement": [None]}])
def test_what_cannot_be_read_is_not_judged(document: Any) -> None:
    assert allows_everything(document) is None


@given(st.recursive(st.none() | st.text(max_size=4) | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_strange_documents_never_raise(value: Any) -> None:
    allows_everything(value)
    allows_everything({"Statement": value})
    allows_everything({"Statement": [{"Effect": "Allow", "Action": value, "Resource": value}]})


@given(st.lists(st.sampled_from([True, False, None])))
def test_any_of_is_three_valued(truths: list[bool | None]) -> None:
    expected = True if True in truths else None if None in truths else False
    assert any_of(truths) is expected


def test_a_role_serves_aws_only_when_nobody_else_may_take_it() -> None:
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    person = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com", "AWS": "*"}}
    assert serves_aws({"Statement": service})
    assert not serves_aws({"Statement": [service, person]})
    assert not serves_aws({"Statement": []})
    assert not serves_aws(None)


def test_principals_and_grants(gather: Gather, manifest: dict[str, Any]) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    (details,) = gather(DETAILS, only=prod)
    assert details.snapshot.complete, details.completeness
    counts = manifest["counts"][f"{prod}/global"]
    assert len(details.table("account")) == counts["iam.users"] + counts["iam.roles"]
    grants = {(row["principal_id"].rsplit("/", 1)[1], row["role"]): row for row in details.table("access_grant")}
    assert grants["eve.martin", "AdministratorAccess"]["privileged"] is True
    assert grants["eve.martin", "AdministratorAccess"]["via"] == "direct"
    assert grants["anna.keller", "SecurityAudit"]["via"] == "group auditors"
    assert grants["anna.keller", "SecurityAudit"]["privileged"] is False
    assert grants["legacy-batch", "everything"]["privileged"] is True
    assert grants["legacy-batch", "everything"]["principal_kind"] == "service"
    assert grants["okta-admin", "AdministratorAccess"]["principal_kind"] == "role"
    roles = {row["name"]: row for row in details.table("account")}
    assert roles["vendor-forgotten"]["last_login_at"] is not None
    assert roles["okta-admin"]["privileged"] is True
    assert roles["dmitri.volkov"]["privileged"] is False


def test_pages_are_put_together_and_a_broken_one_shows(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    (whole,) = gather(DETAILS, only=prod)
    aws.fault(match={"operation": "GetAccountAuthorizationDetails"}, page_size=7)
    (paged,) = gather(DETAILS, only=prod)
    assert paged.snapshot.complete
    assert [row["source_id"] for row in paged.rows] == [row["source_id"] for row in whole.rows]
    aws.fault("error500", match={"operation": "GetAccountAuthorizationDetails"}, skip=2)
    (broken,) = gather(DETAILS, only=prod, attempts=1)
    assert "unavailable" in broken.causes


def test_a_policy_without_its_document_is_neither_privileged_nor_not(gather: Gather, aws: AwsDouble) -> None:
    role = (
        "<member><Arn>arn:aws:iam::123456789012:role/r</Arn><RoleName>r</RoleName><AttachedManagedPolicies><member>"
        "<PolicyName>Lost</PolicyName><PolicyArn>arn:aws:iam::aws:policy/Lost</PolicyArn></member>"
        "</AttachedManagedPolicies></member>"
    )
    body = (
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated>"
        f"<UserDetailList/><GroupDetailList/><RoleDetailList>{role}</RoleDetailList><Policies/>"
        "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
    )
    aws.fault("replace_body", match={"operation": "GetAccountAuthorizationDetails"}, body=body)
    (unread,) = gather(DETAILS, role="")
    assert unread.causes == ["truncated"]
    assert [row["privileged"] for row in unread.rows] == [None, None]
