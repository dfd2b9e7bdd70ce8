"""What ran by itself: state machines, Glue jobs and batch jobs, and how each run ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.connector import Per
from collector.model import Kind
from collector.records import JobRun
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_EXPRESS = "EXPRESS"
_STATES = {
    "SUCCEEDED": "success",
    "FAILED": "failure",
    "TIMED_OUT": "failure",
    "TIMEOUT": "failure",
    "ERROR": "failure",
    "EXPIRED": "failure",
    "ABORTED": "cancelled",
    "STOPPED": "cancelled",
}
_UNDER_WAY = frozenset({
    "PENDING", "PENDING_REDRIVE", "RUNNABLE", "RUNNING", "STARTING", "STOPPING", "SUBMITTED", "WAITING",
})  # fmt: skip


@aws.evidence(
    "aws.jobs.runs",
    yields=JobRun,
    needs=[
        "ec2:DescribeRegions",
        "stepfunctions:ListStateMachines",
        "stepfunctions:ListExecutions",
        "glue:ListJobs",
        "glue:GetJobRuns",
        "batch:DescribeJobQueues",
        "batch:ListJobs",
    ],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=7,
    late_minutes=24 * 60,
)
def runs(source: AwsSource) -> Iterator[JobRun]:
    """Processing job runs.

    Population: in every enabled region, each execution of every standard state machine of Step Functions and each run
    of every Glue job that began in the window, and each job of every queue of AWS Batch that was made in it, with how
    it ended. What was stopped by somebody is `cancelled`. A later snapshot shows how those ended that are `running`.

    Complete when the state machines, jobs and queues were listed to the last page, and so were the runs of each. AWS
    keeps executions and runs for 90 days, and batch jobs that ended for 7 at least: that is how far back a window goes.

    Not in it: executions of express state machines, which AWS lists for nobody; jobs inside an array job; and that a
    run was due and did not begin.
    """
    yield from _executions(source)
    yield from _glue(source)
    yield from _batch(source)


def _executions(source: AwsSource) -> Iterator[JobRun]:
    machines = [
        one for one in source.list("stepfunctions", "ListStateMachines", "stateMachines") if one.get("type") != _EXPRESS
    ]
    for machine, found in source.each(machines, lambda one: list(_of_machine(source, one["stateMachineArn"]))):
        for run in found:
            if _within(source, run.get("startDate")):
                yield JobRun(
                    key=run["executionArn"],
                    seen=[run, machine],
                    job_run_id=run["executionArn"],
                    process=machine.get("name"),
                    started_at=run.get("startDate"),
                    ended_at=run.get("stopDate"),
                    status=status(run.get("status")),
                )


def _of_machine(source: AwsSource, arn: str) -> Iterator[Answer]:
    """They are sorted by when they ended, and those that run by when they began: so the whole list is read."""
    return source.list("stepfunctions", "ListExecutions", "executions", stateMachineArn=arn, maxResults=1000)


def _glue(source: AwsSource) -> Iterator[JobRun]:
    """Only the names of the jobs are asked for: a job's default arguments may hold what nobody should read."""
    names = [one["value"] for one in source.list("glue", "ListJobs", "JobNames")]
    for name, found in source.each(names, lambda one: list(source.list("glue", "GetJobRuns", "JobRuns", JobName=one))):
        for run in found:
            if _within(source, run.get("StartedOn")):
                yield JobRun(
                    key=f"{name} {run['Id']}",
                    seen=[run],
                    job_run_id=run["Id"],
                    process=name,
                    trigger=run.get("TriggerName"),
                    attempt=run.get("Attempt"),
                    started_at=run.get("StartedOn"),
                    ended_at=run.get("CompletedOn"),
                    status=status(run.get("JobRunState")),
                )


def _batch(source: AwsSource) -> Iterator[JobRun]:
    queues = list(source.list("batch", "DescribeJobQueues", "jobQueues"))
    for queue, found in source.each(queues, lambda one: list(_of_queue(source, one["jobQueueArn"]))):
        for job in found:
            made = _moment(job.get("createdAt"))
            if _within(source, made):
                yield JobRun(
                    key=job.get("jobArn") or job["jobId"],
                    seen=[job, queue],
                    job_run_id=job["jobId"],
                    process=job.get("jobName"),
                    started_at=_moment(job.get("startedAt")) or made,
                    ended_at=_moment(job.get("stoppedAt")),
                    status="cancelled" if _stopped(job) else status(job.get("status")),
                )


def _of_queue(source: AwsSource, arn: str) -> Iterator[Answer]:
    """Of every status: without this filter AWS lists those that run, and no others."""
    since = str(int(source.window.start.timestamp() * 1000))
    after = [{"name": "AFTER_CREATED_AT", "values": [since]}]
    return source.list("batch", "ListJobs", "jobSummaryList", jobQueue=arn, filters=after)


def status(state: str | None) -> str | None:
    """How a run ended, in the archive's words."""
    if state is None:
        return None
    return "running" if state in _UNDER_WAY else _STATES.get(state, "other")


def _stopped(job: Answer) -> bool:
    """Whether somebody ended it: AWS Batch calls it failed, too."""
    return job.get("status") == "FAILED" and bool(job.get("isCancelled") or job.get("isTerminated"))


def _within(source: AwsSource, at: datetime | None) -> bool:
    return at is not None and source.window.start <= at < source.window.end


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
