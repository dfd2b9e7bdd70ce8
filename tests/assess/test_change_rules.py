from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from collector.records import (
    Approval,
    BranchRule,
    Bypass,
    Change,
    ChangeReview,
    Commit,
    Deployment,
    DeployTarget,
    Repository,
)
from tests.assess.sealed import ago, judged, verdicts

if TYPE_CHECKING:
    from collector.records import Record

Row = TypeVar("Row", bound="Record")

RULES, REPOS, PULLS, COMMITS = "github.branch_rules", "github.repos", "github.pulls.merged", "github.commits.default"
SUITES, DEPLOYMENTS, TARGETS = "github.rule_suites.bypass", "github.deployments", "github.environments"
TICKETS = "github.issues.requests"
ITEM = "o/r#1"


def of(kind: type[Row], key: str, healthy: dict[str, Any], changed: dict[str, Any]) -> Row:
    return kind(key=key, seen=(), **healthy | changed)


def rule(**changed: Any) -> BranchRule:
    healthy = {
        "repo": "o/r",
        "branch": "main",
        "protected": True,
        "approvals": 1,
        "stale_dismissed": True,
        "checks": ("test",),
        "force_push": False,
        "bypass_actors": (),
    }
    return of(BranchRule, "o/r@main", healthy, changed)


def repository(**changed: Any) -> Repository:
    return of(Repository, "1", {"repo": "o/r", "default_branch": "main", "archived": False}, changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"protected": False}, "deviation"),
        ({"approvals": 0}, "deviation"),
        ({"stale_dismissed": False}, "deviation"),
        ({"checks": ()}, "deviation"),
        ({"force_push": True}, "deviation"),
        ({"bypass_actors": ("role admin",)}, "deviation"),
        ({"bypass_actors": None}, "cannot_tell"),
        ({"bypass_actors": None, "approvals": 0}, "deviation"),
        ({"approvals": None}, "cannot_tell"),
        ({"protected": None}, "cannot_tell"),
    ],
)
def test_chg_01(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("CHG-01", {RULES: [rule(**changed)], REPOS: [repository()]}) == {"o/r@main": outcome}


def test_chg_01_a_branch_without_a_row_cannot_be_told_and_an_archive_is_not_judged() -> None:
    assert verdicts("CHG-01", {REPOS: [repository()]}) == {"o/r@main": "cannot_tell"}
    assert verdicts("CHG-01", {REPOS: [repository(archived=True)]}) == {}
    assert verdicts("CHG-01", {REPOS: [repository(default_branch=None)]}) == {}


def test_chg_01_the_emergency_group_may_bypass() -> None:
    some: dict[str, list[Any]] = {RULES: [rule(bypass_actors=("team 7",))], REPOS: [repository()]}
    assert verdicts("CHG-01", some, {"may_bypass": ["team 7"]}) == {"o/r@main": "pass"}
    outcome, because = judged("CHG-01", some)["o/r@main"]
    assert (outcome, because) == ("deviation", "The branch can be passed by: team 7.")


def change(**changed: Any) -> Change:
    healthy = {
        "change_id": ITEM,
        "repo": "o/r",
        "base_branch": "main",
        "deployable": True,
        "author": "ada",
        "author_kind": "human",
        "last_committer": "ada",
        "merged_at": ago(days=6),
        "head_sha": "head",
        "merge_sha": "merge",
        "checks": "success",
        "checks_ended_at": ago(days=6.1),
        "failed_checks": (),
        "emergency": False,
    }
    return of(Change, ITEM, healthy, changed)


def review(key: str = "review", **changed: Any) -> ChangeReview:
    healthy = {
        "review_id": key,
        "change_id": ITEM,
        "reviewer": "ben",
        "reviewer_kind": "human",
        "state": "approved",
        "submitted_at": ago(days=6.05),
        "sha": "head",
    }
    return of(ChangeReview, key, healthy, changed)


@pytest.mark.parametrize(
    ("changed", "reviews", "outcome"),
    [
        ({}, [review()], "pass"),
        ({}, [], "deviation"),
        ({}, [review(reviewer="ada")], "deviation"),
        ({"last_committer": "ben"}, [review()], "deviation"),
        ({"last_committer": None}, [review()], "cannot_tell"),
        ({"last_committer": None}, [review(), review("other", reviewer="cy")], "pass"),
        ({}, [review(sha="older")], "deviation"),
        ({}, [review(sha=None)], "cannot_tell"),
        ({}, [review(reviewer_kind="bot")], "deviation"),
        ({}, [review(reviewer_kind=None)], "cannot_tell"),
        ({}, [review(submitted_at=ago(days=5))], "deviation"),
        ({}, [review(state="dismissed")], "deviation"),
        ({}, [review(), review("later", state="commented", submitted_at=ago(days=6.01))], "pass"),
        ({}, [review(), review("later", state="changes_requested", submitted_at=ago(days=6.01))], "deviation"),
        ({"author": None}, [review()], "cannot_tell"),
        ({"checks": "failure", "failed_checks": ("test",)}, [review()], "deviation"),
        ({"checks": "pending", "checks_ended_at": None}, [review()], "deviation"),
        ({"checks": "none", "checks_ended_at": None}, [review()], "deviation"),
        ({"checks_ended_at": ago(days=5)}, [review()], "deviation"),
        ({"checks": None}, [review()], "cannot_tell"),
        ({"checks_ended_at": None}, [review()], "cannot_tell"),
        ({"deployable": False}, [], "not_applicable"),
        ({"deployable": None}, [review()], "cannot_tell"),
        ({"merged_at": None}, [review()], "cannot_tell"),
    ],
)
def test_chg_02(changed: dict[str, Any], reviews: list[ChangeReview], outcome: str) -> None:
    assert verdicts("CHG-02", {PULLS: [change(**changed), *reviews]}) == {ITEM: outcome}


def test_chg_02_parameters_are_the_companys_own() -> None:
    assert verdicts("CHG-02", {PULLS: [change(), review()]}, {"approvals": 2}) == {ITEM: "deviation"}
    bot: list[Record] = [change(author="dependabot[bot]", author_kind="bot")]
    assert verdicts("CHG-02", {PULLS: bot}) == {ITEM: "deviation"}
    assert verdicts("CHG-02", {PULLS: bot}, {"automated": ["dependabot[bot]"]}) == {ITEM: "pass"}


def commit(sha: str = "merge", **changed: Any) -> Commit:
    healthy = {
        "sha": sha,
        "repo": "o/r",
        "branch": "main",
        "change_id": ITEM,
        "first_parent": True,
        "committed_at": ago(days=6),
        "author": "ada",
    }
    return of(Commit, f"{sha}@{changed.get('branch', 'main')}", healthy, changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"change_id": None}, "deviation"),
        ({"change_id": None, "first_parent": None}, "cannot_tell"),
        ({"change_id": None, "first_parent": False}, None),
    ],
)
def test_chg_03_commits(changed: dict[str, Any], outcome: str | None) -> None:
    assert verdicts("CHG-03", {COMMITS: [commit(**changed)]}).get("o/r@merge") == outcome


def test_chg_03_a_commit_may_go_on_to_another_branch_and_be_explained() -> None:
    both = [commit(), commit(branch="release", change_id=None)]
    assert verdicts("CHG-03", {COMMITS: both})["o/r@merge"] == "pass"
    alone = {COMMITS: [commit(change_id=None)]}
    assert verdicts("CHG-03", alone, {"explained": ["merge"]})["o/r@merge"] == "pass"
    outcome, because = judged("CHG-03", alone)["o/r@merge"]
    assert outcome == "deviation"
    assert because == "On main with no change behind it: made by ada on 2026-11-14 06:00."


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"merge_sha": "gone"}, "deviation"),
        ({"merge_sha": None}, "cannot_tell"),
        ({"merge_sha": "gone", "deployable": False}, None),
        ({"merge_sha": "gone", "base_branch": "deleted"}, None),
    ],
)
def test_chg_03_a_change_whose_commit_is_gone_shows_rewritten_history(
    changed: dict[str, Any], outcome: str | None
) -> None:
    assert verdicts("CHG-03", {COMMITS: [commit()], PULLS: [change(**changed)]}).get(ITEM) == outcome


def bypass(**changed: Any) -> Bypass:
    healthy = {
        "bypass_id": "b",
        "repo": "o/r",
        "branch": "main",
        "actor": "owner",
        "at": ago(days=6),
        "action": "push",
        "sha": "merge",
    }
    return of(Bypass, "b", healthy, changed)


def after(**span: float) -> ChangeReview:
    return review(submitted_at=ago(**span))


@pytest.mark.parametrize(
    ("changed", "reviews", "bypasses", "outcome"),
    [
        ({}, [], [], None),
        ({"emergency": True}, [], [], "deviation"),
        ({"emergency": True}, [review()], [], "pass"),
        ({"emergency": True}, [after(days=5)], [], "pass"),
        # Merged on a Saturday: Monday and Tuesday are the two business days.
        ({"emergency": True}, [after(days=3)], [], "pass"),
        ({"emergency": True}, [after(days=2)], [], "deviation"),
        ({"emergency": True, "merged_at": ago(days=1)}, [], [], "cannot_tell"),
        ({}, [review()], [bypass()], "deviation"),
        ({}, [after(days=5)], [bypass()], "pass"),
        ({}, [after(days=5)], [bypass(actor="ben")], "deviation"),
        ({"author": "ben"}, [after(days=5)], [bypass()], "deviation"),
        ({"author": None}, [after(days=5)], [bypass()], "cannot_tell"),
    ],
)
def test_chg_04(
    changed: dict[str, Any], reviews: list[ChangeReview], bypasses: list[Bypass], outcome: str | None
) -> None:
    assert verdicts("CHG-04", {PULLS: [change(**changed), *reviews], SUITES: bypasses}).get(ITEM) == outcome


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"closed_by": "ada"}, "deviation"),
        ({"closed_by_kind": "bot"}, "deviation"),
        ({"closed_by": None, "closed_by_kind": None}, "deviation"),
        ({"type": "access"}, "deviation"),
        ({"refers_to": ("o/r#2",)}, "deviation"),
        ({"refers_to": None}, "deviation"),
        ({"closed_at": ago(days=1)}, "deviation"),
        ({"closed_at": ago(days=30)}, "deviation"),
    ],
)
def test_chg_04_a_ticket_that_another_person_closed_is_a_review(changed: dict[str, Any], outcome: str) -> None:
    merged = change(emergency=True, merged_at=ago(days=10))
    ticket = {"request_id": "t", "type": "emergency", "refers_to": (ITEM,), "closed_at": ago(days=9.9)}
    closed = of(Approval, "t", ticket | {"closed_by": "ben", "closed_by_kind": "human"}, changed)
    assert verdicts("CHG-04", {PULLS: [merged], TICKETS: [closed]})[ITEM] == outcome


@pytest.mark.parametrize(
    ("changed", "item", "outcome"),
    [
        ({"sha": "other"}, "o/r other", "deviation"),
        ({"sha": None}, "o/r b", "cannot_tell"),
        ({"sha": None, "action": "rule_removed"}, "o/r b", "cannot_tell"),
    ],
)
def test_chg_04_what_has_no_change_behind_it(changed: dict[str, Any], item: str, outcome: str) -> None:
    assert verdicts("CHG-04", {PULLS: [change()], SUITES: [bypass(**changed)]})[item] == outcome


def deployment(**changed: Any) -> Deployment:
    healthy = {
        "deployment_id": "d",
        "repo": "o/r",
        "environment": "production",
        "production": True,
        "sha": "merge",
        "committed_at": ago(days=6),
        "deployed_by": "pipeline[bot]",
        "deployed_by_kind": "bot",
        "deployed_at": ago(days=5),
        "status": "success",
    }
    return of(Deployment, "d", healthy, changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"production": False}, "not_applicable"),
        ({"status": "failure"}, "not_applicable"),
        ({"status": "pending"}, "cannot_tell"),
        ({"deployed_by": "ada", "deployed_by_kind": "human"}, "deviation"),
        ({"deployed_by_kind": None}, "cannot_tell"),
        ({"sha": "elsewhere"}, "deviation"),
        ({"sha": "elsewhere", "committed_at": ago(days=500)}, "cannot_tell"),
        ({"sha": "elsewhere", "committed_at": None}, "cannot_tell"),
    ],
)
def test_chg_05_deployments(changed: dict[str, Any], outcome: str) -> None:
    some: dict[str, list[Any]] = {
        DEPLOYMENTS: [deployment(**changed)],
        COMMITS: [commit()],
        PULLS: [change(), review()],
    }
    assert verdicts("CHG-05", some) == {"d": outcome}


@pytest.mark.parametrize(
    ("commits", "changes", "outcome"),
    [
        ([commit(change_id=None)], [change(), review()], "deviation"),
        ([commit()], [change()], "deviation"),
        ([commit()], [change(checks="none"), review()], "deviation"),
        ([commit()], [change(last_committer=None), review()], "cannot_tell"),
        ([commit()], [], "cannot_tell"),
    ],
)
def test_chg_05_what_was_deployed(commits: list[Commit], changes: list[Record], outcome: str) -> None:
    assert verdicts("CHG-05", {DEPLOYMENTS: [deployment()], COMMITS: commits, PULLS: changes}) == {"d": outcome}


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"reviewers": ()}, "deviation"),
        ({"reviewers": (), "branches": "protected"}, "pass"),
        ({"reviewers": None}, "cannot_tell"),
        ({"production": False, "reviewers": ()}, "not_applicable"),
        ({"production": None, "reviewers": ()}, "cannot_tell"),
    ],
)
def test_chg_06(changed: dict[str, Any], outcome: str) -> None:
    healthy = {
        "environment": "production",
        "repo": "o/r",
        "production": True,
        "reviewers": ("team x",),
        "branches": "any",
    }
    assert verdicts("CHG-06", {TARGETS: [of(DeployTarget, "t", healthy, changed)]}) == {"t": outcome}
