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
    rows = [row for row in read(github, "github.org.members").rows if row["status"] == "active"]
    assert {row["account_id"] for row in rows} == set(github.manifest["members"])
    lacking = {row["account_id"] for row in rows if row["mfa_enrolled"] is False}
    assert lacking == set(github.manifest["without_two_factor"]) & set(github.manifest["members"])
    assert lacking


def test_invitations_are_told_apart(github: GithubDouble) -> None:
    rows = read(github, "github.org.members").rows
    assert sum(row["status"] == "invited" for row in rows) == len(github.manifest["invitations"])


@pytest.mark.parametrize("evidence", EVIDENCE)
@pytest.mark.parametrize("fault", ["forbidden", "not_found", "html", "truncate", "empty"])
def test_what_is_refused_or_spoilt_is_a_gap_and_no_empty_list(github: GithubDouble, evidence: str, fault: str) -> None:
    github.fault(fault, contains=f"/orgs/{github.manifest['organisation']}")
    found = read(github, evidence)
    assert any(rule["fired"] for rule in github.faults())
    assert (found.rows, found.complete) == ([], False)
    assert found.causes
