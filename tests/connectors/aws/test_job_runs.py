"""What ran by itself: every run of the window, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.changes.job_runs import status

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

RUNS, EU = "aws.jobs.runs", "eu-central-1"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    unit: str = manifest["accounts"]["northwind-prod"]
    return unit


def test_every_run_of_the_window_and_how_it_ended(gather: Gather, prod: str) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(RUNS)}
    assert all(one.snapshot.complete for one in found.values())
    assert {unit for unit, one in found.items() if one.rows} == {prod}
    ended = {row["job_run_id"].rpartition(":")[2]: (row["process"], row["status"]) for row in found[prod].rows}
    # Of each the run of 30 days ago is outside; express state machines are listed for nobody.
    assert ended == {
        "run-1": ("invoices", "success"),
        "run-2": ("invoices", "failure"),
        "run-3": ("invoices", "failure"),
        "run-4": ("invoices", "cancelled"),
        "run-5": ("invoices", "running"),
        "jr_1": ("nightly-load", "success"),
        "jr_2": ("nightly-load", "failure"),
        "jr_3": ("nightly-load", "cancelled"),
        "job-1": ("render", "success"),
        "job-2": ("render", "failure"),
        "job-3": ("render", "cancelled"),
        "job-4": ("render", "running"),
    }
    rows = {row["job_run_id"].rpartition(":")[2]: row for row in found[prod].rows}
    assert {name for name, row in rows.items() if row["ended_at"] is None} == {"run-5", "job-4"}
    assert all(row["started_at"] for row in rows.values())
    assert rows["jr_1"]["trigger"] == "at-night"
    assert b"--password" in b"".join(found[prod].kept.values())
    assert b"loopback-only" not in b"".join(found[prod].kept.values())


@pytest.mark.parametrize("operation", ["ListExecutions", "GetJobRuns", "ListJobs"])
def test_a_second_page_that_fails_is_a_gap_of_that_process_alone(
    gather: Gather, aws: AwsDouble, prod: str, operation: str
) -> None:
    match = {"operation": operation, "account": prod, "region": EU}
    if operation == "ListJobs":
        match["service"] = "batch"
    aws.fault(match=match, page_size=2)
    (whole,) = gather(RUNS, only=prod)
    assert whole.snapshot.complete, whole.snapshot.gaps
    assert len(whole.rows) == 12
    aws.fault("deny", match=match, skip=1)
    (found,) = gather(RUNS, only=prod)
    assert found.causes == ["denied"]
    assert 0 < len(found.rows) < 12


@pytest.mark.parametrize(
    ("state", "word"), [("EXPIRED", "failure"), ("PENDING_REDRIVE", "running"), ("NEW", "other"), (None, None)]
)
def test_words(state: str | None, word: str | None) -> None:
    assert status(state) == word
