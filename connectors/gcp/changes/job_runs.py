"""What ran by itself: jobs, workflows, and what a schedule calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import JobRun
from connectors.gcp import gcp
from connectors.gcp.kinds import search
from connectors.gcp.moments import moment
from connectors.gcp.named import named
from connectors.gcp.project_operations import DATAFLOW_JOBS, EXECUTIONS, SCHEDULED, WORKFLOW_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

JOB, DATAFLOW = "run.googleapis.com/Job", "dataflow.googleapis.com/Job"
WORKFLOW, SCHEDULE = "workflows.googleapis.com/Workflow", "cloudscheduler.googleapis.com/Job"
_FLOWS = {
    "JOB_STATE_DONE": "success",
    "JOB_STATE_DRAINED": "success",
    "JOB_STATE_UPDATED": "success",
    "JOB_STATE_FAILED": "failure",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_UNKNOWN": "other",
    "JOB_STATE_STOPPED": "other",
}
_STATES = {
    "SUCCEEDED": "success",
    "FAILED": "failure",
    "CANCELLED": "cancelled",
    "ACTIVE": "running",
    "QUEUED": "running",
}


@gcp.evidence(
    "gcp.jobs.runs",
    yields=JobRun,
    needs=[
        search(DATAFLOW),
        search(JOB),
        search(WORKFLOW),
        search(SCHEDULE),
        DATAFLOW_JOBS,
        EXECUTIONS,
        WORKFLOW_RUNS,
        SCHEDULED,
    ],
    kind=Kind.POPULATION,
    keeps_days=60,
)
def runs(source: GcpSource) -> Iterator[JobRun]:
    """Processing job runs.

    Every job of Dataflow that was made within the window, and every execution of every job of Cloud Run and of every
    workflow that began within it, with how it ended. Of each job of Cloud Scheduler the last attempt, where that was
    within the window, with whether what it called answered well: Google keeps no earlier ones, so a job that runs more
    often than it is read has runs that do not show. Asked of the projects in which Cloud Asset Inventory knows such
    jobs. That a run was due and did not begin no row says.

    Whole when each list was read to its end; regions of Dataflow that failed to answer are a gap.
    """
    window = source.window
    for flow in _flows(source):
        began = moment(flow.get("createTime"))
        if began and window.start <= began < window.end:
            state = flow.get("currentState", "")
            yield JobRun(
                key=f"dataflow {flow['id']}",
                seen=[flow],
                job_run_id=flow["id"],
                process=flow.get("name"),
                started_at=began,
                ended_at=moment(flow.get("currentStateTime")) if state in _FLOWS else None,
                status=_FLOWS.get(state, "running") if state else None,
            )
    for one in _executions(source):
        began = moment(one.get("startTime") or one.get("createTime"))
        if began and window.start <= began < window.end:
            yield JobRun(
                key=one["name"],
                seen=[one],
                job_run_id=one["name"],
                process=one.get("job"),
                started_at=began,
                ended_at=moment(one.get("completionTime")),
                status=_ended(one),
            )
    yield from _workflows(source)
    yield from _scheduled(source)


def _workflows(source: GcpSource) -> Iterator[JobRun]:
    window, flows = source.window, sorted((parts[4], parts[6], parts[-1]) for parts in named(source, WORKFLOW))
    for (_, _, workflow), listed in source.each(
        flows, lambda one: list(source.list(WORKFLOW_RUNS, project=one[0], location=one[1], workflow=one[2]))
    ):
        for one in listed:
            began = moment(one.get("startTime") or one.get("createTime"))
            if began and window.start <= began < window.end:
                yield JobRun(
                    key=one["name"],
                    seen=[one],
                    job_run_id=one["name"],
                    process=workflow,
                    started_at=began,
                    ended_at=moment(one.get("endTime")),
                    status=_STATES.get(one.get("state", ""), "other") if one.get("state") else None,
                )


def _scheduled(source: GcpSource) -> Iterator[JobRun]:
    window, places = source.window, sorted({(parts[4], parts[6]) for parts in named(source, SCHEDULE)})
    for _, listed in source.each(places, lambda one: list(source.list(SCHEDULED, project=one[0], location=one[1]))):
        for one in listed:
            began = moment(one.get("lastAttemptTime"))
            if began and window.start <= began < window.end:
                yield JobRun(
                    key=f"{one['name']} {one['lastAttemptTime']}",
                    seen=[one],
                    job_run_id=f"{one['name']} {one['lastAttemptTime']}",
                    process=one["name"],
                    trigger=" ".join(filter(None, (one.get("schedule"), one.get("timeZone")))) or None,
                    started_at=began,
                    # Google leaves the code out of a status that is well.
                    status="failure" if (one.get("status") or {}).get("code") else "success",
                )


def _flows(source: GcpSource) -> Iterator[Answer]:
    """The jobs of each project that has any."""
    for _, listed in source.each(
        sorted({parts[4] for parts in named(source, DATAFLOW)}),
        lambda one: list(source.list(DATAFLOW_JOBS, project=one)),
    ):
        yield from listed


def _executions(source: GcpSource) -> Iterator[Answer]:
    jobs = sorted((parts[4], parts[6], parts[-1]) for parts in named(source, JOB))
    for _, listed in source.each(
        jobs, lambda one: list(source.list(EXECUTIONS, project=one[0], location=one[1], job=one[2]))
    ):
        yield from listed


def _ended(execution: Answer) -> str | None:
    if not execution.get("completionTime"):
        return "running"
    states = {one.get("type"): one.get("state") for one in execution.get("conditions") or ()}
    if execution.get("cancelledCount"):
        return "cancelled"
    return {"CONDITION_SUCCEEDED": "success", "CONDITION_FAILED": "failure"}.get(str(states.get("Completed")))
