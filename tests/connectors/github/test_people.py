from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.github.organisation import Gathered, gathered

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble

EVIDENCE = ["github.org.settings", "github.org.members", "github.outside_collaborators", "github.repo.access"]


def read(double: GithubDouble, evidence: str) -> Gathered:
    return gathered(double.url, evidence, organisation=double.manifest["organisation"], token=double.token)


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_is_whole_where_everything_may_be_read(github: GithubDouble, evidence: str) -> None:
    found = read(github, evidence)
    assert found.rows
    assert (found.causes, found.complete) == ([], True)


def test_members_are_those_of_the_organisation_and_who_lacks_a_second_factor_is_told(
    github: GithubDouble,
) -> None:
    found = read(github, "github.org.members").rows
    rows = [row for row in found if row.get("status") == "active"]
    assert {row["account_id"] for row in rows} == set(github.manifest["members"])
    lacking = {row["account_id"] for row in rows if row["mfa_enrolled"] is False}
    assert lacking == set(github.manifest["without_two_factor"]) & set(github.manifest["members"])
    assert lacking


def test_what_the_companys_sign_in_proved_is_a_row_of_its_own(github: GithubDouble) -> None:
    found = read(github, "github.org.members").rows
    links = [row for row in found if row["table"] == "external_identity"]
    linked = set(github.manifest["members"]) - set(github.manifest["without_saml"])
    told = {(row["account_id"], row["via"]) for row in links}
    assert told == {(one, via) for one in linked for via in ("saml", "scim")}
    assert {row["issuer"] for row in links} == {"https://sso.northwind.example/saml"}
    assert {row["subject"] for row in links} == {f"{one}@northwind.example" for one in linked}


def test_what_became_of_members_is_told_in_the_words_of_all_providers(github: GithubDouble) -> None:
    rows = read(github, "github.audit.membership").rows
    told = {(row["action"], row["target"]): row["granted"] for row in rows}
    assert ("user_deactivated", "leaver-tom") in told
    risen = next(target for action, target in told if action == "role_granted" and told[action, target] == "admin")
    assert github.manifest["members"][risen] == "admin"
    assert {row["action"] for row in rows} == {"user_created", "user_deactivated", "role_granted", "group_added"}


def test_invitations_are_told_apart(github: GithubDouble) -> None:
    rows = read(github, "github.org.members").rows
    assert sum(row.get("status") == "invited" for row in rows) == len(github.manifest["invitations"])


@pytest.mark.parametrize("evidence", EVIDENCE)
@pytest.mark.parametrize("fault", ["forbidden", "not_found", "html", "truncate", "empty"])
def test_what_is_refused_or_spoilt_is_a_gap_and_no_empty_list(github: GithubDouble, evidence: str, fault: str) -> None:
    github.fault(fault, contains=f"/orgs/{github.manifest['organisation']}")
    found = read(github, evidence)
    assert any(rule["fired"] for rule in github.faults())
    assert (found.rows, found.complete) == ([], False)
    assert found.causes
