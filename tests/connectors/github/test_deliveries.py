"""Deployments, environments, runs in Actions, and where rules were passed by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.model import Window
from connectors.github import workflow_runs
from tests.connectors.github.gathering import gather

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble

RUNS, DEPLOYMENTS, AUDIT, SUITES = (
    "github.actions.runs",
    "github.deployments",
    "github.audit.overrides",
    "github.rule_suites.bypass",
)


def test_deployments_are_as_many_as_were_made_and_say_who_approved(github: GithubDouble) -> None:
    found = gather(github, DEPLOYMENTS)
    assert found.snapshot.complete
    production = [row for row in found.rows if row["production"]]
    assert len(production) == sum(github.manifest["deployments"].values())
    assert {row["deployed_by"] for row in production if row["deployed_by_kind"] == "bot"} == {
        github.manifest["pipeline"]
    }
    assert any(row["approved_by"] for row in production)
    assert {row["status"] for row in production} == {"success", "failure"}, "put out of use is no failure"


def test_production_is_what_the_configuration_says(github: GithubDouble) -> None:
    found = gather(github, "github.environments", settings={"production_environments": ("stag*",)})
    assert {row["environment"] for row in found.rows if row["production"]} == {"staging"}


def test_runs_are_as_many_as_there_were(github: GithubDouble) -> None:
    found = gather(github, RUNS)
    assert found.snapshot.complete, found.snapshot.gaps
    assert len(found.rows) == sum(github.manifest["runs"].values())


def around_burst(double: GithubDouble) -> Window:
    """The day on which one repository ran a great many workflows, and some hours about it."""
    day = datetime.fromisoformat(double.manifest["burst"]["day"]).replace(tzinfo=UTC)
    return Window(day - timedelta(hours=30), day + timedelta(hours=40))


def test_runs_beyond_what_one_search_shows_are_read_in_parts(
    github: GithubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = around_burst(github)
    at_once = gather(github, RUNS, window=window)
    monkeypatch.setattr(workflow_runs, "MOST", 7)
    in_parts = gather(github, RUNS, window=window)
    assert in_parts.snapshot.complete, in_parts.snapshot.gaps
    assert len(in_parts.exchanges) > len(at_once.exchanges)
    assert {row["job_run_id"] for row in in_parts.rows} == {row["job_run_id"] for row in at_once.rows}
    assert len(in_parts.rows) >= github.manifest["burst"]["runs"]


def test_runs_that_fail_to_load_are_a_gap(github: GithubDouble) -> None:
    github.fault("error500", operation="GET /repos/{owner}/{repo}/actions/runs", contains="page=2")
    found = gather(github, RUNS)
    assert found.causes == ["unavailable"]


@pytest.mark.slow
def test_a_day_of_more_runs_than_a_search_shows(big_github: GithubDouble) -> None:
    big_github.mend()
    found = gather(big_github, RUNS, window=around_burst(big_github))
    assert found.snapshot.complete, found.snapshot.gaps[:3]
    burst = big_github.manifest["burst"]
    assert burst["runs"] > workflow_runs.MOST
    assert sum(row["process"] == "probe" for row in found.rows) == burst["runs"]


def test_overrides_name_who_passed_which_commit_by(github: GithubDouble) -> None:
    rows = gather(github, AUDIT).rows
    assert {row["action"] for row in rows} == {"merge", "rule_changed", "rule_removed"}
    assert all(row["actor"] and row["sha"] for row in rows if row["action"] == "merge")
    assert {row["action"] for row in gather(github, SUITES).rows} == {"push"}


@pytest.mark.parametrize("evidence", [AUDIT, SUITES, DEPLOYMENTS, RUNS, "github.environments"])
def test_a_permission_that_is_missing_is_a_gap_and_no_empty_list(github: GithubDouble, evidence: str) -> None:
    for operation in (
        "GET /orgs/{org}/audit-log",
        "GET /orgs/{org}/rulesets/rule-suites",
        "GET /repos/{owner}/{repo}/actions/runs",
        "GET /repos/{owner}/{repo}/environments",
    ):
        github.fault("not_found", operation=operation)
    github.fault("graphql_forbidden", operation="POST /graphql", contains="deployments(")
    found = gather(github, evidence)
    assert set(found.causes) == {"denied"}
    assert found.rows == []
