"""What people write down: tickets with their approvals, incidents, policies, and who owns the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.model import Window
from connectors.github.settings import GithubSettings
from tests.connectors.github.gathering import NORTHWIND, gather

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble

REQUESTS, INCIDENTS, DOCUMENTS = "github.issues.requests", "github.issues.incidents", "github.policy_docs"
POLICIES = {"policy_paths": (f"{NORTHWIND}/infra:policies",)}


def test_every_issue_with_a_label_of_a_request_is_one(github: GithubDouble) -> None:
    found = gather(github, REQUESTS)
    assert found.snapshot.complete
    issues = github.manifest["issues"]
    wanted = {
        one for label in ("access-request", "exception", "vendor", "change", "emergency") for one in issues[label]
    }
    rows = found.by("request_id", "approval")
    assert rows.keys() == wanted
    assert {rows[one]["type"] for one in issues["access-request"]} == {"access"}
    assert all(rows[one]["approved_by"] != rows[one]["requested_by"] for one in issues["access-request"])
    ticket = rows[issues["emergency"][0]]
    assert (ticket["closed_by_kind"], len(ticket["refers_to"])) == ("human", 1)


def test_what_approves_is_what_the_configuration_says(github: GithubDouble) -> None:
    rows = gather(github, REQUESTS, settings={"approval_marks": ("agreed",)}).rows
    assert {row["approved_by"] for row in rows} == {None}


def test_incidents_are_those_of_the_label_and_say_when_somebody_took_them_up(github: GithubDouble) -> None:
    found = gather(github, INCIDENTS, settings={"severity_labels": {"incident": "high"}})
    assert {row["incident_id"] for row in found.rows} == set(github.manifest["issues"]["incident"])
    assert {row["severity"] for row in found.rows} == {"high"}
    assert all(row["opened_at"] < row["acknowledged_at"] for row in found.rows)
    assert any(row["resolved_at"] for row in found.rows)


def test_a_ticket_is_in_the_window_in_which_it_was_last_touched(github: GithubDouble) -> None:
    whole = gather(github, REQUESTS).rows
    start = datetime.now(UTC) - timedelta(days=60)
    part = gather(github, REQUESTS, window=Window(start, datetime.now(UTC))).rows
    assert 0 < len(part) < len(whole)
    open_then = {row["request_id"] for row in whole if row["status"] != "closed"}
    closed_since = {row["request_id"] for row in whole if (row["closed_at"] or "") >= start.isoformat()}
    assert closed_since <= {row["request_id"] for row in part} <= closed_since | open_then


def test_each_policy_is_pinned_with_the_change_that_made_it_and_who_approved_that(github: GithubDouble) -> None:
    found = gather(github, DOCUMENTS, settings=POLICIES)
    assert found.snapshot.complete, found.snapshot.gaps
    rows = found.by("document", "document")
    approved = {name for name, row in rows.items() if row["kind"] == "policy" and row["approved_by"]}
    lacking = {name for name, row in rows.items() if row["kind"] == "policy"} - approved
    assert lacking == {one["item"] for one in github.manifest["deviations"]["GOV-06"]}
    assert approved
    for name in approved:
        assert rows[name]["change_id"].startswith(f"{NORTHWIND}/infra#")
        assert rows[name]["approved_at"] <= rows[name]["changed_at"]
        assert len(rows[name]["version"]) == 40


def test_the_owners_of_the_code_are_read_in_every_repository(github: GithubDouble) -> None:
    rows = [row for row in gather(github, DOCUMENTS).rows if row["kind"] == "code_owners"]
    wanted = {one["name"] for one in github.manifest["repositories"] if not one["empty"] and not one["archived"]}
    assert {row["document"] for row in rows} == {f"{NORTHWIND}/{name}:CODEOWNERS" for name in wanted}


@pytest.mark.parametrize(
    ("named", "cause"), [("infra:policies/none.md", "not_configured"), ("elsewhere:policies", "denied")]
)
def test_a_policy_that_is_not_there_is_a_gap(github: GithubDouble, named: str, cause: str) -> None:
    found = gather(github, DOCUMENTS, settings={"policy_paths": (f"{NORTHWIND}/{named}", *POLICIES["policy_paths"])})
    assert set(found.causes) == {cause}
    assert any(row["kind"] == "policy" for row in found.rows), "the others are read all the same"


@pytest.mark.parametrize("named", ["policies", "northwind:policies", "northwind/infra", "elsewhere/infra:policies"])
def test_a_policy_that_nothing_is_read_of_is_bad_input(named: str) -> None:
    with pytest.raises(ValueError, match="policy_paths"):
        GithubSettings(organisations=(NORTHWIND,), policy_paths=(named,))


@pytest.mark.parametrize("evidence", [REQUESTS, INCIDENTS])
@pytest.mark.parametrize("operation", ["issues", "issues/{issue_number}/timeline"])
def test_tickets_that_cannot_be_read_are_a_gap(github: GithubDouble, evidence: str, operation: str) -> None:
    github.fault("not_found", operation=f"GET /repos/{{owner}}/{{repo}}/{operation}")
    found = gather(github, evidence)
    assert (found.rows, set(found.causes)) == ([], {"denied"})
