from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.access.trusts import Outside, account_of, principals

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

TRUSTS = "aws.iam.role_trusts"


def trusting(principal: Any, **parts: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Principal": principal, **parts}]}


@pytest.mark.parametrize(
    ("principal", "found"),
    [
        ("*", [("anyone", "*")]),
        ({"AWS": "*"}, [("anyone", "*")]),
        ({"AWS": ["123456789012", "*"]}, [("account", "123456789012"), ("anyone", "*")]),
        ({"AWS": ["123456789012", "123456789012"]}, [("account", "123456789012")]),
        ({"Service": ["ec2.amazonaws.com"]}, [("service", "ec2.amazonaws.com")]),
        ({"Federated": "accounts.google.com"}, [("federated", "accounts.google.com")]),
        ({"Service": "a", "Federated": "b"}, [("service", "a"), ("federated", "b")]),
    ],
)
def test_principals(principal: Any, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.name) for one in principals(trusting(principal)) or ()] == found


def test_all_but_a_list_is_anyone() -> None:
    document = {"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}}}
    (one,) = principals(document) or []
    assert one.kind == "anyone"
    assert "123456789012" in one.name


def test_what_denies_lets_nobody_in_and_what_cannot_be_read_is_not_nobody() -> None:
    assert principals({"Statement": [{"Effect": "Deny", "Principal": "*"}]}) == []
    assert principals(None) is None
    assert principals("{") is None


def test_conditions_are_given_word_for_word() -> None:
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:ours/*"}}
    (one,) = principals(trusting({"Federated": "x"}, Condition=condition)) or []
    assert one.condition is not None
    assert json.loads(one.condition) == condition


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("123456789012", "123456789012"),
        ("arn:aws:iam::123456789012:root", "123456789012"),
        ("arn:aws-cn:sts::123456789012:assumed-role/a/b", "123456789012"),
        ("AROAEXAMPLEDELETED", None),
        ("arn:aws:organizations::123456789012:ou/o-1/ou-1", None),
        ("*", None),
    ],
)
def test_account_of(name: str, account: str | None) -> None:
    assert account_of(name) == account


def test_outside_is_only_claimed_when_the_inside_is_known() -> None:
    known = frozenset({"1"})
    assert Outside(known, all_known=True).external("2") is True
    assert Outside(known, all_known=False).external("2") is None
    assert Outside(known, all_known=False).external("1") is False
    assert Outside(known, all_known=True).external(None) is None


def test_roles_providers_and_shares(gather: Gather, manifest: dict[str, Any]) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    (found,) = gather(TRUSTS, only=prod)
    assert found.snapshot.complete
    by_role: dict[str, dict[str, Any]] = {row["role"].rsplit("/", 1)[1]: row for row in found.rows}
    assert by_role["vendor-forgotten"]["external"] is True
    assert by_role["vendor-forgotten"]["account"] == manifest["outside_account"]
    assert by_role["vendor-forgotten"]["condition"] is None
    assert "redacted:" in by_role["vendor-monitoring"]["condition"]
    assert by_role["EvidenceCollector"]["external"] is False
    assert by_role["app-runtime"]["principal_kind"] == "service"
    assert (by_role["github-any-repository"]["principal_kind"], by_role["github-any-repository"]["external"]) == (
        "federated",
        None,
    )
    providers = {row["principal"] for row in found.rows if row["principal_kind"] == "identity_provider"}
    assert providers == {"okta", "token.actions.githubusercontent.com"}
    (share,) = [row for row in found.rows if row["principal_kind"] == "share"]
    assert share["condition"] == "allowExternalPrincipals=true"
    assert share["principal"] == "nobody yet"


def test_a_share_has_a_row_for_each_principal(gather: Gather, aws: AwsDouble) -> None:
    arn = "arn:aws:ram:eu-west-1:123456789012:resource-share/s"
    shares = {"resourceShares": [{"resourceShareArn": arn, "allowExternalPrincipals": True}]}
    reached = [
        {"resourceShareArn": arn, "associatedEntity": entity, "status": "ASSOCIATED"}
        for entity in ("999988887777", "123456789012", "arn:aws:organizations::123456789012:organization/o-1")
    ]
    for operation, body in (
        ("GetResourceShares", shares),
        ("GetResourceShareAssociations", {"resourceShareAssociations": reached}),
    ):
        match = {"operation": operation, "region": "eu-west-1"}
        kind = {"Content-Type": "application/json"}
        aws.fault("replace_body", match=match, body=json.dumps(body), headers=kind)
    (management, *_) = gather(TRUSTS, only="123456789012")
    assert management.snapshot.complete
    rows = {row["principal"]: row["external"] for row in management.rows if row["principal_kind"] == "share"}
    assert rows == {"999988887777": True, "123456789012": False, reached[2]["associatedEntity"]: None}


def test_without_the_organisations_accounts_outside_is_not_known(gather: Gather, aws: AwsDouble) -> None:
    iam_role = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "999988887777"}}]}
    body = (
        "<ListRolesResponse><ListRolesResult><IsTruncated>false</IsTruncated><Roles><member>"
        "<Arn>arn:aws:iam::123456789012:role/r</Arn><AssumeRolePolicyDocument>"
        f"{json.dumps(iam_role)}</AssumeRolePolicyDocument></member></Roles></ListRolesResult></ListRolesResponse>"
    )
    aws.fault("replace_body", match={"operation": "ListRoles"}, body=body)
    (unsure,) = gather(TRUSTS, role="")
    assert [row["external"] for row in unsure.rows] == [None]
    refusal = '{"__type": "AWSOrganizationsNotInUseException", "message": "no"}'
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    aws.fault("replace_body", match={"service": "organizations"}, status=400, body=refusal, headers=kind)
    (alone,) = gather(TRUSTS, role="")
    assert [row["external"] for row in alone.rows] == [True]


@pytest.mark.parametrize("fault", ["drop_next_token_but_truncated", "same_token_for_ever", "deny", "cut"])
def test_roles_that_break_off_are_a_gap_and_the_rest_stays(gather: Gather, aws: AwsDouble, fault: str) -> None:
    aws.fault(fault, match={"operation": "ListRoles"})
    (partial,) = gather(TRUSTS, role="", attempts=1)
    assert partial.causes
    assert not partial.snapshot.complete


@pytest.mark.parametrize("operation", ["ListSAMLProviders", "ListOpenIDConnectProviders", "GetResourceShares"])
def test_another_list_that_is_refused_is_a_gap_and_roles_stay(gather: Gather, aws: AwsDouble, operation: str) -> None:
    aws.fault("deny", match={"operation": operation})
    (partial,) = gather(TRUSTS, role="")
    assert set(partial.causes) == {"denied"}
    assert any(row["principal_kind"] == "account" for row in partial.rows)
