"""IAM-12, VEN-05 and GOV-06: what is let in from outside, and what is written down."""

from __future__ import annotations

from typing import Any

import pytest

from collector.records import AccessGrant, Account, AppGrant, Document, Setting, Trust
from tests.assess.sealed import ago, judged, verdicts

OUTSIDERS, SETTINGS = "github.outside_collaborators", "github.org.settings"
GRANTS, TRUSTS, POLICIES = "github.installations", "aws.iam.role_trusts", "github.policy_docs"
INVITING = "who may invite outsiders"


def outsider(**columns: Any) -> Account:
    usual: dict[str, Any] = {
        "account_id": "pia",
        "status": "active",
        "external": True,
        "sponsor": "ada",
        "last_login_at": ago(days=2),
    }
    return Account(key="pia", seen=(), **usual | columns)


def grant(**columns: Any) -> AccessGrant:
    usual: dict[str, Any] = {"principal_id": "pia", "role": "admin", "resource": "web", "privileged": False}
    return AccessGrant(key=f"pia {columns}", seen=(), **usual | columns)


def of(part: str, *records: Account | AccessGrant, **parameters: Any) -> str:
    return verdicts("IAM-12", {OUTSIDERS: records}, parameters)[f"pia: {part}"]


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [({}, "pass"), ({"sponsor": None}, "cannot_tell"), ({"status": "disabled", "sponsor": None}, "not_applicable")],
)
def test_iam_12_somebody_answers_for_each(columns: dict[str, Any], outcome: str) -> None:
    assert of("sponsor", outsider(**columns)) == outcome


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "pass"),
        ({"last_login_at": ago(days=91)}, "deviation"),
        ({"last_login_at": ago(days=91), "created_at": ago(days=3)}, "pass"),
        ({"last_login_at": None, "created_at": ago(days=3)}, "pass"),
        ({"last_login_at": None, "created_at": ago(days=300)}, "cannot_tell"),
        ({"last_login_at": None}, "cannot_tell"),
        ({"last_login_at": ago(days=91), "status": "disabled"}, "not_applicable"),
    ],
)
def test_iam_12_none_is_idle(columns: dict[str, Any], outcome: str) -> None:
    assert of("use", outsider(**columns)) == outcome


@pytest.mark.parametrize(
    ("columns", "grants", "outcome"),
    [
        ({}, [grant()], "pass"),
        ({}, [grant(), grant(privileged=True)], "deviation"),
        ({}, [grant(), grant(privileged=None)], "cannot_tell"),
        ({}, [grant(privileged=True), grant(privileged=None)], "deviation"),
        ({}, [], "cannot_tell"),
        ({"privileged": False}, [], "pass"),
        ({"privileged": True}, [], "deviation"),
        ({}, [grant(principal_id="max", privileged=True), grant()], "pass"),
        ({"status": "disabled"}, [grant(privileged=True)], "not_applicable"),
    ],
)
def test_iam_12_none_is_privileged(columns: dict[str, Any], grants: list[AccessGrant], outcome: str) -> None:
    assert of("rights", outsider(**columns), *grants) == outcome


def test_iam_12_who_has_no_grant_where_everyones_are_listed_holds_no_privilege() -> None:
    assert of("rights", outsider(), grant(principal_id="max", privileged=True)) == "pass"


@pytest.mark.parametrize("status", ["suspended", "deleted", "disabled"])
def test_iam_12_who_cannot_sign_in_is_not_judged(status: str) -> None:
    assert {of(part, outsider(status=status)) for part in ("sponsor", "use", "rights")} == {"not_applicable"}


def test_iam_12_who_is_justified_stands_in_the_configuration() -> None:
    assert of("rights", outsider(), grant(privileged=True), justified=["pia"]) == "pass"


def test_iam_12_people_of_the_organisation_are_not_judged() -> None:
    for external in (False, None):
        assert verdicts("IAM-12", {OUTSIDERS: [outsider(external=external)]}).keys() == {INVITING}


@pytest.mark.parametrize(
    ("value", "outcome"),
    [("administrators", "pass"), ("members", "deviation"), ("everyone", "deviation"), (None, "cannot_tell")],
)
def test_iam_12_who_may_invite(value: str | None, outcome: str) -> None:
    name = "outsiders_invited_by"
    row = Setting(key=name, seen=(), name=name, value=value)
    assert verdicts("IAM-12", {SETTINGS: [row]})[INVITING] == outcome
    assert verdicts("IAM-12", {SETTINGS: []})[INVITING] == "cannot_tell"


def app(**columns: Any) -> AppGrant:
    usual: dict[str, Any] = {
        "app": "ci",
        "status": "active",
        "access": "read",
        "permissions": ("contents:read",),
        "granted_at": ago(days=200),
        "last_used_at": ago(days=1),
    }
    return AppGrant(key=columns.pop("key", "ci"), seen=(), **usual | columns)


@pytest.mark.parametrize(
    ("columns", "rights", "use"),
    [
        ({}, "pass", "pass"),
        ({"access": "write"}, "deviation", "pass"),
        ({"access": "admin", "everything": True}, "deviation", "pass"),
        ({"access": None, "permissions": None}, "cannot_tell", "pass"),
        ({"last_used_at": ago(days=91)}, "pass", "deviation"),
        ({"last_used_at": ago(days=91), "granted_at": ago(days=2)}, "pass", "pass"),
        ({"last_used_at": None}, "pass", "cannot_tell"),
        ({"last_used_at": None, "never_used": True}, "pass", "deviation"),
        ({"last_used_at": None, "never_used": True, "granted_at": ago(days=2)}, "pass", "pass"),
        ({"last_used_at": None, "granted_at": None, "never_used": True}, "pass", "cannot_tell"),
        ({"access": "write", "status": "suspended", "last_used_at": None}, "not_applicable", "not_applicable"),
        ({"access": "write", "expires_at": ago(days=1)}, "not_applicable", "not_applicable"),
        ({"access": "write", "expires_at": ago(days=-1)}, "deviation", "pass"),
    ],
)
def test_ven_05_grants(columns: dict[str, Any], rights: str, use: str) -> None:
    assert verdicts("VEN-05", {GRANTS: [app(**columns)]}) == {"ci: rights": rights, "ci: use": use}


def test_ven_05_a_broad_grant_that_was_approved() -> None:
    found = verdicts("VEN-05", {GRANTS: [app(access="write")]}, {"approved": ["ci"]})
    assert found["ci: rights"] == "pass"


def trust(**columns: Any) -> Trust:
    usual: dict[str, Any] = {
        "role": "r",
        "principal": "999",
        "principal_kind": "account",
        "account": "999",
        "external": True,
    }
    return Trust(key=f"r {columns}", seen=(), **usual | columns)


EXTERNAL_ID = '{"StringEquals": {"sts:ExternalId": "x"}}'


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "deviation"),
        ({"condition": EXTERNAL_ID}, "pass"),
        ({"condition": '{"Bool": {"mfa": "true"}}'}, "cannot_tell"),
        ({"external": False}, "pass"),
        ({"external": None}, "cannot_tell"),
        ({"principal_kind": "anyone"}, "deviation"),
        ({"principal_kind": "anyone", "external": None, "condition": "{}"}, "cannot_tell"),
        ({"principal_kind": "federated", "external": None}, "deviation"),
        ({"principal_kind": "federated", "external": None, "condition": "sub"}, "pass"),
        ({"principal_kind": "share", "external": None, "condition": "allow=true"}, "deviation"),
        ({"principal_kind": "share", "external": None, "condition": "allow=false"}, "pass"),
        ({"principal_kind": "share"}, "deviation"),
        ({"principal_kind": None, "external": None}, "cannot_tell"),
    ],
)
def test_ven_05_trusts(columns: dict[str, Any], outcome: str) -> None:
    assert verdicts("VEN-05", {TRUSTS: [trust(**columns)]}) == {"r trusts 999": outcome}


def test_ven_05_the_worst_of_several_statements_counts_and_services_are_none() -> None:
    rows = [trust(condition=EXTERNAL_ID), trust(), trust(principal="ec2", principal_kind="service", external=False)]
    assert verdicts("VEN-05", {TRUSTS: rows}) == {"r trusts 999": "deviation"}
    assert verdicts("VEN-05", {TRUSTS: rows}, {"approved": ["999"]}) == {"r trusts 999": "pass"}


def policy(**columns: Any) -> Document:
    usual: dict[str, Any] = {
        "document": "infra:policies/backup.md",
        "kind": "policy",
        "version": "a1",
        "changed_at": ago(days=30),
        "changed_by": "ada",
        "change_id": "infra#7",
        "approved_by": ("ben",),
        "approved_at": ago(days=31),
    }
    return Document(key="p", seen=(), **usual | columns)


@pytest.mark.parametrize(
    ("columns", "outcome", "why"),
    [
        ({}, "pass", "Approved by ben on"),
        ({"approved_by": (), "approved_at": None}, "deviation", "by ada in infra#7, which no other person approved"),
        (
            {"approved_by": (), "approved_at": None, "change_id": None},
            "deviation",
            "without a change that anybody could approve",
        ),
        ({"approved_at": ago(days=366)}, "deviation", "more than 365 days before"),
        ({"approved_by": None, "approved_at": None}, "cannot_tell", "Who approved it"),
        ({"approved_at": None}, "cannot_tell", "When it was approved"),
        ({"version": None}, "cannot_tell", "Which version"),
    ],
)
def test_gov_06(columns: dict[str, Any], outcome: str, why: str) -> None:
    ((verdict, because),) = judged("GOV-06", {POLICIES: [policy(**columns)]}).values()
    assert verdict == outcome
    assert why in because


def test_gov_06_owners_of_code_are_no_policy() -> None:
    assert verdicts("GOV-06", {POLICIES: [policy(kind="code_owners", approved_by=())]}) == {}


def test_gov_06_a_policy_that_there_must_be() -> None:
    found = verdicts("GOV-06", {POLICIES: [policy()]}, {"required": ["Backup", "cryptography"]})
    assert found["required: Backup"] == "pass"
    assert found["required: cryptography"] == "deviation"
    assert verdicts("GOV-06", {POLICIES: []}, {"required": ["Backup"]}) == {"required: Backup": "deviation"}


def test_ven_05_an_app_that_several_let_in_is_one_item_and_the_widest_counts() -> None:
    one = app(key="1", access="read")
    other = app(key="2", access="write", permissions=("mail:write",), last_used_at=ago(days=200))
    found = judged("VEN-05", {"gws.tokens": [one, other]})
    assert found["ci: rights"][0] == "deviation"
    assert found["ci: use"][0] == "deviation", "the least used one"
    reading = judged("VEN-05", {"okta.apps": [one, app(key="3", access="write", status="inactive")]})
    assert reading["ci: rights"] == ("pass", "It may only read."), "one that is switched off opens nothing"
