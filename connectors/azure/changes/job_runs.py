"""Pipelines and workflows, and how each of their runs ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import JobRun
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import JOBS
from connectors.azure.labels import parts, properties
from connectors.azure.moments import moment, written
from connectors.azure.resource_operations import PIPELINE_RUNS, WORKFLOW_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_FACTORIES, _WORKFLOWS = JOBS.types
_STATES = {
    "Succeeded": "success",
    "Failed": "failure",
    "TimedOut": "failure",
    "Faulted": "failure",
    "Cancelled": "cancelled",
    "Canceling": "cancelled",
    "Aborted": "cancelled",
    "Skipped": "skipped",
    "InProgress": "running",
    "Running": "running",
    "Queued": "running",
    "Waiting": "running",
}


@azure.evidence(
    "azure.jobs.runs",
    yields=JobRun,
    needs=[*JOBS.needs, PIPELINE_RUNS, WORKFLOW_RUNS],
    kind=Kind.POPULATION,
    keeps_days=45,
    late_minutes=24 * 60,
)
def job_runs(source: AzureSource) -> Iterator[JobRun]:
    """Pipeline and workflow runs.

    Population: every run that began in the window, of every pipeline of a data factory and every logic app of the
    subscription: what started it, and how it ended.

    Complete when Resource Graph and the subscription's own list have the same factories and workflows, and the runs of
    each were read to their end. Which runs were to be expected is not told here.
    """
    rows = resources(source, JOBS)
    window = source.window
    for row, found in source.each(of_type(rows, _FACTORIES), lambda one: list(_pipelines(source, one))):
        for run in found:
            at = moment(run.get("runStart"))
            if at is not None and window.start <= at < window.end:
                trigger = (run.get("invokedBy") or {}).get("name")
                process = f"{row['name']}/{run.get('pipelineName')}"
                yield _run(run["runId"], [run, row], process, trigger, (at, run.get("runEnd"), run.get("status")))
    for row, found in source.each(of_type(rows, _WORKFLOWS), lambda one: list(_workflows(source, one))):
        for run in found:
            known = properties(run)
            at = moment(known.get("startTime"))
            if at is not None and window.start <= at < window.end:
                trigger = (known.get("trigger") or {}).get("name")
                told = (at, known.get("endTime"), known.get("status"))
                yield _run(f"{row['id']} {run['name']}", [run, row], row["name"], trigger, told)


def _pipelines(source: AzureSource, row: Answer) -> Iterator[Answer]:
    """Azure takes the times of the last update here; a run that began in the window was updated since."""
    names = parts(row["id"])
    return source.list(
        PIPELINE_RUNS,
        group=names["resourcegroups"],
        factory=names["factories"],
        lastUpdatedAfter=written(source.window.start),
        lastUpdatedBefore=written(source.now),
    )


def _workflows(source: AzureSource, row: Answer) -> Iterator[Answer]:
    names = parts(row["id"])
    start = written(source.window.start)
    return source.list(
        WORKFLOW_RUNS,
        group=names["resourcegroups"],
        workflow=names["workflows"],
        **{"$filter": f"startTime ge {start}"},
    )


def _run(run_id: str, seen: list[Answer], process: str, trigger: str | None, told: tuple[Any, Any, Any]) -> JobRun:
    started, ended, status = told
    return JobRun(
        key=run_id,
        seen=seen,
        job_run_id=run_id,
        process=process,
        trigger=trigger,
        started_at=started,
        ended_at=moment(ended),
        status=None if status is None else _STATES.get(str(status), "other"),
    )
