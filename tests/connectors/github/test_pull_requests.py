"""The population of merged pull requests: whole, tied out, or said to be missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.model import Window
from connectors.github import pull_requests
from tests.connectors.github.gathering import NORTHWIND, gather

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble

PULLS = "github.pulls.merged"
GRAPHQL = "POST /graphql"
WALK = "pullRequests(states: MERGED"


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small organisation has lists of several pages."""
    monkeypatch.setattr(pull_requests, "PAGE_SIZE", 10)


def facts(double: GithubDouble) -> dict[str, set[str]]:
    return {
        f"{NORTHWIND}/{one['name']}": {f"{NORTHWIND}/{one['name']}#{number}" for number in one["pulls"]["merged"]}
        for one in double.manifest["repositories"]
    }


def test_every_merged_pull_request_of_the_window_and_two_counts_that_tie(github: GithubDouble) -> None:
    found = gather(github, PULLS)
    assert found.snapshot.complete, found.snapshot.gaps
    assert {row["change_id"] for row in found.table("change")} == set().union(*facts(github).values())
    totals = {one.name: one for one in found.snapshot.totals}
    for repo, changes in facts(github).items():
        if changes:
            assert totals[f"{repo}: merged, by two listings"].found == len(changes)
            assert totals[f"{repo}: numbers given out = listed + deleted"].ties
    # GitHub says of each deleted number that it is gone; that answer is kept.
    gone = [one for one in found.exchanges if one["status"] == 410]
    assert len(gone) == sum(len(one["deleted_numbers"]) for one in github.manifest["repositories"])


def test_a_window_takes_what_was_merged_in_it_and_no_more(github: GithubDouble) -> None:
    end = datetime.now(UTC)
    window = Window(end - timedelta(days=200), end - timedelta(days=100))
    whole = gather(github, PULLS).table("change")
    part = gather(github, PULLS, window=window)
    inside = {
        row["change_id"] for row in whole if window.start <= datetime.fromisoformat(row["merged_at"]) < window.end
    }
    assert part.snapshot.complete, (part.snapshot.gaps, part.snapshot.totals)
    assert {row["change_id"] for row in part.table("change")} == inside
    assert 0 < len(inside) < len(whole)


@pytest.mark.parametrize("fault", ["forbidden", "error500", "truncate", "html", "graphql_forbidden", "secondary"])
def test_a_second_page_that_fails_is_a_gap_and_the_first_no_list(github: GithubDouble, fault: str) -> None:
    github.fault(fault, operation=GRAPHQL, contains='"after": "', seconds=3600)
    found = gather(github, PULLS)
    assert not found.snapshot.complete
    assert any("repository.pullRequests" in gap.subject for gap in found.snapshot.gaps)
    assert "defect" not in found.causes


def test_a_second_listing_that_fails_leaves_the_changes_and_a_gap(github: GithubDouble) -> None:
    github.fault("not_found", operation="GET /repos/{owner}/{repo}/issues")
    found = gather(github, PULLS)
    assert set(found.causes) == {"denied"}
    assert {row["change_id"] for row in found.table("change")} == set().union(*facts(github).values())


def test_a_number_that_nobody_explains_does_not_tie(github: GithubDouble) -> None:
    github.fault("not_found", operation="GET /repos/{owner}/{repo}/issues/{issue_number}")
    found = gather(github, PULLS)
    assert not found.snapshot.complete
    assert any(not one.ties and "numbers given out" in one.name for one in found.snapshot.totals)


def test_a_feature_that_is_off_is_no_deletion(github: GithubDouble) -> None:
    github.fault("gone", operation="GET /repos/{owner}/{repo}/issues/{issue_number}")
    assert "not_configured" in gather(github, PULLS).causes


@pytest.mark.parametrize("do", ["touch_pull", "merge_pull"])
def test_pages_that_shift_never_lose_a_change_in_silence(own_github: GithubDouble, do: str) -> None:
    before = set().union(*facts(own_github).values())
    own_github.move(operation=GRAPHQL, before=9, times=3, do=do, repo="api")
    found = gather(own_github, PULLS)
    assert any(one["page"] > 1 for one in found.exchanges if "repository.pullRequests" in one["operation"])
    lost = before - {row["change_id"] for row in found.table("change")}
    assert not (found.snapshot.complete and lost), lost


def test_records_cite_the_review_and_not_the_page(github: GithubDouble) -> None:
    review = gather(github, PULLS).table("change_review")[0]
    ((_, page, path),) = review["origins"]
    assert page >= 1
    assert "/reviews/nodes/" in path


def test_a_probe_reads_a_page_of_each(github: GithubDouble) -> None:
    found = gather(github, PULLS, probe=True)
    assert found.snapshot.gaps == ()
    assert found.snapshot.totals == ()
