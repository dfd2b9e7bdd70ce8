"""How deployed branches are guarded, and what is on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.github.gathering import NORTHWIND, gather, gathered
from tests.connectors.github.judging import deviating, judged

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble

RULES, COMMITS, PULLS = "github.branch_rules", "github.commits.default", "github.pulls.merged"
PROTECTION = "GET /repos/{owner}/{repo}/branches/{branch}/protection"


def test_a_branch_is_unprotected_where_github_says_so(github: GithubDouble) -> None:
    rows = gather(github, RULES).by("repo", "branch_rule")
    bare = [f"{NORTHWIND}/{one['name']}" for one in github.manifest["repositories"] if one["regime"] == "bare"]
    assert bare
    assert {repo for repo, row in rows.items() if not row["protected"]} == set(bare)
    guarded = next(
        f"{NORTHWIND}/{one['name']}" for one in github.manifest["repositories"] if one["regime"] == "guarded"
    )
    assert (rows[guarded]["approvals"], rows[guarded]["checks"]) == (1, ["lint", "test"])
    assert rows[guarded]["force_push"] is False


@pytest.mark.parametrize("fault", ["forbidden", "not_found"])
def test_a_protection_that_may_not_be_read_is_a_gap_and_never_unprotected(github: GithubDouble, fault: str) -> None:
    github.fault(fault, operation=PROTECTION)
    found = gather(github, RULES)
    assert set(found.causes) == {"denied"}
    bare = {one["name"] for one in github.manifest["repositories"] if one["regime"] in {"bare", "ruled"}}
    assert {row["repo"].split("/")[1] for row in found.rows} == bare, "what needs no such read is told"


def test_branches_are_deployable_by_pattern(github: GithubDouble) -> None:
    found = gather(github, RULES, settings={"deployable_branches": ("experi*",)})
    assert {row["branch"] for row in found.rows} >= {"main", "experiments"}


def test_every_commit_of_the_line_has_its_change_or_is_listed(github: GithubDouble) -> None:
    found = gather(github, COMMITS)
    assert found.snapshot.complete
    loose = {row["sha"] for row in found.table("commit") if row["change_id"] is None and row["first_parent"]}
    planted = {one["sha"] for one in github.manifest["deviations"]["CHG-03"]}
    assert loose == planted


def test_rewritten_history_is_found_by_the_changes_that_are_gone(own_github: GithubDouble) -> None:
    own_github.happen("rewrite_history", "web")
    told = judged(gathered(own_github, COMMITS, PULLS), "CHG-03")["CHG-03"]
    rewritten = [one for one in told if one.outcome == "deviation" and "history was rewritten" in one.because]
    assert rewritten
    assert all(one.item.startswith(f"{NORTHWIND}/web#") for one in rewritten)
    assert any(item.startswith(f"{NORTHWIND}/web@") for item in deviating(told)), "and what was pushed in its place"
