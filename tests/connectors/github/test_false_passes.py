"""The ways peers turn ignorance into green, over GitHub: from the fault on the wire to the exit code and the page.

The numbers are those of the list that `tests/test_false_passes.py` follows for AWS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.model import Cause
from connectors.github import pull_requests
from tests.conftest import Program
from tests.connectors.github.gathering import NORTHWIND, gathered
from tests.connectors.github.judging import judged
from tests.doubles.rest import running_rest
from tests.test_false_passes import Read, assert_untold, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.github.process import GithubDouble

LOG_08 = ("github.dependabot.alerts", "github.code_scanning.alerts")
IAM_12 = ("github.outside_collaborators", "github.org.settings")
CHG_03 = ("github.commits.default", "github.pulls.merged")
CHG_04 = ("github.pulls.merged", "github.rule_suites.bypass", "github.audit.overrides", "github.issues.requests")
OUTSIDERS = "GET /orgs/{org}/outside_collaborators"


pytestmark = pytest.mark.slow


@pytest.fixture
def program(github: GithubDouble, tmp_path: Path) -> Program:
    (tmp_path / "collector.toml").write_text(
        f'[github]\nbase_url = "{github.url}"\norganisations = ["{NORTHWIND}"]\nattempts = 1\n'
    )
    return Program(tmp_path, {"GITHUB_TOKEN": github.token, "AWS_EC2_METADATA_DISABLED": "true"})


def collected(program: Program, *evidence: str) -> Read:
    """A run that ends with 1, as it is sealed and as it is shown."""
    ended = program("snapshot", *(part for one in evidence for part in ("--only", one)))
    assert ended.code == 1, ended.text
    return read(program)


def untold(found: Read, evidence: str, control: str, cause: Cause, subject: str) -> None:
    assert_untold(found, evidence, NORTHWIND, control, cause, subject)


def test_false_pass_07_throttled_to_the_end(program: Program, github: GithubDouble) -> None:
    commits = "github.commits.default"
    whole = {row["repo"] for row in gathered(github, commits)[0].rows}
    github.fault("secondary", operation="POST /graphql", contains='"repo": "api", "ref"', seconds=86_400)
    found = collected(program, *CHG_03)
    untold(found, commits, "CHG-03", Cause.THROTTLED, "repository.ref.history")
    told = {row["repo"] for row in found.rows(commits, NORTHWIND)}
    # The limit is the credential's: a repository that was not asked for before it is refused as well, and named.
    refused = {
        f"{NORTHWIND}/{gap['subject'].split('repo=')[1].split(' ')[0]}" for gap in found.gaps(commits, NORTHWIND)
    }
    assert f"{NORTHWIND}/api" in refused
    assert (told | refused, told & refused) == (whole, set())


def test_false_pass_09_a_list_without_an_end(program: Program, github: GithubDouble) -> None:
    github.fault("same_page_for_ever", operation=OUTSIDERS)
    untold(collected(program, *IAM_12), IAM_12[0], "IAM-12", Cause.TRUNCATED, OUTSIDERS)


def test_false_pass_10_page_two_fails_and_page_one_is_no_list(
    github: GithubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_requests, "PAGE_SIZE", 20)
    github.fault("error500", operation="POST /graphql", contains='"after": "')
    (found,) = gathered(github, "github.pulls.merged")
    assert any(rule["fired"] for rule in github.faults())
    assert "unavailable" in found.causes
    assert f"{NORTHWIND}/api" not in {row["repo"] for row in found.table("change")}
    assert found.table("change"), "the other repositories are told"
    assert {one.outcome for one in judged([found], "CHG-02")["CHG-02"]} == {"cannot_tell"}


def test_false_pass_16_a_404_that_means_no_permission(program: Program, github: GithubDouble) -> None:
    protection = "GET /repos/{owner}/{repo}/branches/{branch}/protection"
    github.fault("not_found", operation=protection)
    found = collected(program, "github.branch_rules", "github.repos")
    untold(found, "github.branch_rules", "CHG-01", Cause.DENIED, protection)
    guarded = [one["name"] for one in github.manifest["repositories"] if one["regime"] == "guarded"]
    told = [line for line in found.outcomes("CHG-01", NORTHWIND) if f"{NORTHWIND}/{guarded[0]}@" in line["item"]]
    assert [line["seen"] for line in told] == ["cannot_tell"], "it is not said to be unprotected"


def test_false_pass_17_what_the_plan_lacks(program: Program, github: GithubDouble) -> None:
    github.control("POST", "plan", "team")
    untold(collected(program, *CHG_04), "github.audit.overrides", "CHG-04", Cause.UNLICENSED, "audit-log")


def test_false_pass_17_settings_that_are_left_out_are_not_off(github: GithubDouble, tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    key.write_text(github.credentials["private_key"])
    app = {"app_id": str(github.credentials["app_id"]), "private_key_file": str(key), "organisations": ()}
    github.permit({"members": "read", "metadata": "read", "administration": "read"})
    settings, features = gathered(github, *("github.org.settings", "github.security_features"), settings=app)
    assert set(settings.causes) == {"denied"}
    assert {row["name"] for row in settings.rows}.isdisjoint({"two_factor_requirement_enabled"})
    assert {one.outcome for one in judged([settings, features], "CHG-08")["CHG-08"]} == {"cannot_tell"}


@pytest.mark.parametrize("fault", ["truncate", "html", "empty", "cut"])
def test_false_pass_19_a_broken_answer_is_no_empty_list(github: GithubDouble, fault: str) -> None:
    github.fault(fault, operation="GET /orgs/{org}/dependabot/alerts")
    found = gathered(github, *LOG_08)
    assert found[0].rows == []
    assert found[0].causes == ["truncated"]
    outcomes = judged(found, "LOG-08")["LOG-08"]
    assert {one.outcome for one in outcomes} == {"cannot_tell"}
    assert any("github.dependabot.alerts truncated" in one.because for one in outcomes)


def test_false_pass_19_nothing_green_on_the_page(program: Program, github: GithubDouble) -> None:
    dependencies = "GET /orgs/{org}/dependabot/alerts"
    github.fault("truncate", operation=dependencies)
    untold(collected(program, *LOG_08), LOG_08[0], "LOG-08", Cause.TRUNCATED, dependencies)


def test_false_pass_20_a_token_goes_to_no_other_host(program: Program, github: GithubDouble) -> None:
    with running_rest() as stranger:
        github.fault("spoofed_next", operation=OUTSIDERS, url=f"{stranger.url}/orgs/{NORTHWIND}/outside_collaborators")
        untold(collected(program, *IAM_12), IAM_12[0], "IAM-12", Cause.TRUNCATED, OUTSIDERS)
        assert stranger.asked == []


def test_false_pass_21_a_list_that_leaves_some_out_does_not_tie(program: Program, github: GithubDouble) -> None:
    """Numbers that were given out, that no list has, and that GitHub does not call deleted."""
    github.fault("not_found", operation="GET /repos/{owner}/{repo}/issues/{issue_number}")
    found = collected(program, "github.pulls.merged")
    assert not found.leaf("github.pulls.merged", NORTHWIND)["complete"]
    outcomes = found.outcomes("CHG-02", NORTHWIND)
    assert outcomes
    assert {line["outcome"] for line in outcomes} == {"cannot_tell"}
    assert "numbers given out = listed + deleted" in " ".join(found.page.split())


@pytest.mark.parametrize("do", ["touch_pull", "merge_pull"])
def test_false_pass_24_pages_that_shift(own_github: GithubDouble, monkeypatch: pytest.MonkeyPatch, do: str) -> None:
    """Between two pages something moves to the front: counted twice, or missing, is never complete."""
    monkeypatch.setattr(pull_requests, "PAGE_SIZE", 10)
    before = {
        f"{NORTHWIND}/{one['name']}#{number}"
        for one in own_github.manifest["repositories"]
        for number in one["pulls"]["merged"]
    }
    own_github.move(operation="POST /graphql", before=9, times=4, do=do, repo="api")
    found: Any = gathered(own_github, "github.pulls.merged")
    rows = [row["change_id"] for row in found[0].table("change")]
    assert len(rows) == len(set(rows)), "none twice"
    if found[0].snapshot.complete:
        assert before <= set(rows)
    else:
        assert {one.outcome for one in judged(found, "CHG-02")["CHG-02"]} == {"cannot_tell"}
