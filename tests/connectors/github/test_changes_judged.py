"""Every planted deviation of change management is found, and no other; over the small organisation and the big one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.github.gathering import gathered
from tests.connectors.github.judging import deviating, judged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from collector.assess.outcomes import Outcome
    from tests.connectors.github.gathering import Gathered
    from tests.doubles.github.process import GithubDouble

pytestmark = pytest.mark.first

CONTROLS = ("CHG-01", "CHG-02", "CHG-03", "CHG-04", "CHG-05", "CHG-06")
EVIDENCE = (
    "github.repos",
    "github.branch_rules",
    "github.pulls.merged",
    "github.commits.default",
    "github.deployments",
    "github.environments",
    "github.rule_suites.bypass",
    "github.audit.overrides",
    "github.issues.requests",
)
REMEMBERED = timedelta(days=179)
"""What the audit log still has of who passed a rule by."""


def planted(double: GithubDouble, control: str) -> set[str]:
    """What the evidence can show today: an older bypass, unless it is marked as an emergency, GitHub has forgotten."""
    since = datetime.now(UTC) - REMEMBERED
    return {
        one["item"]
        for one in double.manifest["deviations"][control]
        if control != "CHG-04" or one["emergency"] or datetime.fromisoformat(one["merged_at"]) > since
    }


def outcomes(found: list[Gathered]) -> Mapping[str, list[Outcome]]:
    rules = next(one for one in found if one.snapshot.evidence_type == "github.branch_rules")
    teams = sorted({actor for row in rules.rows for actor in row["bypass_actors"] if actor.startswith("team ")})
    return judged(found, *CONTROLS, parameters={"CHG-01": {"may_bypass": teams}})


def check(double: GithubDouble, **how: Any) -> list[Gathered]:
    found = gathered(double, *EVIDENCE, **how)
    assert [one.snapshot.evidence_type for one in found if not one.snapshot.complete] == []
    told = outcomes(found)
    assert {control: deviating(told[control]) for control in CONTROLS} == {
        control: planted(double, control) for control in CONTROLS
    }
    unclear = [one.because for one in told["CHG-02"] + told["CHG-03"] + told["CHG-05"] if one.outcome == "cannot_tell"]
    assert unclear == []
    for control, near in double.manifest["near_misses"].items():
        if control in CONTROLS:
            assert {one["item"] for one in near} & deviating(told[control]) == set()
    return found


def test_every_planted_deviation_is_found_and_no_other(github: GithubDouble) -> None:
    check(github)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_so_too_in_a_big_organisation(big_github: GithubDouble) -> None:
    """Also where GitHub lets no more than three requests at once, and tells the fourth to wait."""
    big_github.mend()
    big_github.control("POST", "limits", {"at_once": 3, "core": 50_000, "graphql": 50_000})
    found = check(big_github, settings={"attempts": 20}, threads=6)
    pulls = next(one for one in found if one.snapshot.evidence_type == "github.pulls.merged")
    merged = sum(len(one["pulls"]["merged"]) for one in big_github.manifest["repositories"])
    assert len(pulls.table("change")) == merged
    # `python -m benchmarks.github` says which these are, and how near they are to the least possible.
    assert len(pulls.exchanges) * 1000 / merged < 110


@pytest.mark.slow
def test_an_installation_that_is_revoked_half_way_leaves_nothing_green(
    big_github: GithubDouble, tmp_path: Path
) -> None:
    big_github.mend()
    key = tmp_path / "app.pem"
    key.write_text(big_github.credentials["private_key"])
    app = {"app_id": str(big_github.credentials["app_id"]), "private_key_file": str(key), "organisations": ()}
    big_github.fault("unauthorized", skip=120)
    found = gathered(big_github, "github.repos", "github.commits.default", "github.pulls.merged", settings=app)
    whole = [one.snapshot.evidence_type for one in found if one.snapshot.complete]
    assert "github.pulls.merged" not in whole
    assert all(set(one.causes) == {"denied"} for one in found if not one.snapshot.complete)
    assert any(one.table("change") for one in found), "it was half-way"
    for control in ("CHG-02", "CHG-03"):
        assert {one.outcome for one in judged(found, control)[control]} == {"cannot_tell"}


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("self_approved", "the approver is the author"),
        ("approval_stale", "the approval is older than the last commit"),
        ("approved_by_last_committer", "the approver made the last commit"),
        ("bot_approved_by_bot", "the approver is a program"),
        ("approved_after_merge", "Nobody approved it before it was merged"),
        ("checks_failed", "Merged with failed checks: test"),
        ("checks_absent", "No check ran on its last commit"),
        ("checks_ended_after_merge", "after the merge of"),
        ("checks_never_ended", "checks that never ended"),
    ],
)
def test_each_deviation_has_a_sentence_to_quote(
    told: Mapping[str, list[Outcome]], github: GithubDouble, item: str, why: str
) -> None:
    wanted = {one["item"] for one in github.manifest["deviations"]["CHG-02"] if one["why"] == item}
    (because,) = (one.because for one in told["CHG-02"] if one.item in wanted)
    assert why in because


@pytest.fixture(scope="module")
def told(small_github: GithubDouble) -> Mapping[str, list[Outcome]]:
    small_github.mend()
    return judged(gathered(small_github, "github.pulls.merged"), "CHG-02")


def test_what_a_plan_lacks_cannot_be_told(github: GithubDouble) -> None:
    github.control("POST", "plan", "team")
    found = gathered(github, *EVIDENCE)
    (audit,) = (one for one in found if one.snapshot.evidence_type == "github.audit.overrides")
    assert audit.causes == ["unlicensed"]
    assert audit.rows == []
    bypassed = outcomes(found)["CHG-04"]
    assert {one.outcome for one in bypassed} == {"cannot_tell"}
    assert len(bypassed) > 1, "what was seen is told all the same"
