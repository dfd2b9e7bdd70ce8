"""Owners of a GitHub organisation under IAM-03."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.connectors.github.gathering import gathered
from tests.connectors.github.judging import judged

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble


def test_each_owner_is_all_powerful_and_their_number_is_judged(github: GithubDouble) -> None:
    (found,) = gathered(github, "github.org.members")
    owners = {login for login, role in github.manifest["members"].items() if role == "admin"}
    rows = found.table("access_grant")
    assert {(row["principal_id"], row["role"], row["widest"], row["privileged"]) for row in rows} == {
        (one, "owner", True, True) for one in owners
    }
    told = {one.item: one for one in judged([found], "IAM-03")["IAM-03"]}
    number = told.pop("number of permanent all-powerful accounts")
    assert number.outcome == ("deviation" if len(owners) > 4 else "pass")
    assert f"{len(owners)} hold the widest role for good" in number.because
    assert told.keys() == {f"all-powerful: {one}" for one in owners}
    bare = owners & set(github.manifest["without_two_factor"])
    for one in owners:
        # By which factor somebody signs in GitHub does not say.
        expected = "deviation" if one in bare else "cannot_tell"
        assert told[f"all-powerful: {one}"].outcome == expected


def test_whether_an_owner_has_a_second_factor_is_unknown_where_github_does_not_tell_it(github: GithubDouble) -> None:
    (found,) = gathered(github, "github.org.members")
    (owner, *_) = sorted(row["principal_id"] for row in found.table("access_grant"))
    github.fault("forbidden", contains="2fa_disabled")
    (found,) = gathered(github, "github.org.members")
    told = {one.item: one.outcome for one in judged([found], "IAM-03")["IAM-03"]}
    assert told[f"all-powerful: {owner}"] == "cannot_tell"
