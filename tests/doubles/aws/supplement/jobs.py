"""Step Functions, Glue and AWS Batch: runs with times of their own, which moto begins only now, or by Docker."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.aws.supplement.asked import Asked

MACHINES, EXECUTIONS = "stepfunctions:machines", "stepfunctions:executions"
GLUE_JOBS, GLUE_RUNS = "glue:jobs", "glue:runs"
QUEUES, BATCH_JOBS = "batch:queues", "batch:jobs"
_TIMES = ("creationDate", "startDate", "stopDate", "StartedOn", "CompletedOn")


def list_state_machines(asked: Asked) -> Mapping[str, Any]:
    """The region's state machines."""
    return _page(asked, "stateMachines", _read(asked.items(MACHINES)), "maxResults", 1000)


def list_executions(asked: Asked) -> Mapping[str, Any]:
    """Of one standard state machine."""
    arn = asked.input.get("stateMachineArn")
    machine = next((one for one in asked.items(MACHINES) if one["stateMachineArn"] == arn), None)
    if machine is None:
        raise RefusedError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    if machine["type"] == "EXPRESS":
        raise RefusedError("StateMachineTypeNotSupported", "This operation is not supported by this type")
    found = [one for one in asked.items(EXECUTIONS) if one["stateMachineArn"] == arn]
    return _page(asked, "executions", _read(found), "maxResults", 1000)


def list_glue_jobs(asked: Asked) -> Mapping[str, Any]:
    """Their names."""
    return asked.page("JobNames", [one["Name"] for one in asked.items(GLUE_JOBS)], "NextToken", "MaxResults", 1000)


def get_job_runs(asked: Asked) -> Mapping[str, Any]:
    """Of one job."""
    name = asked.input["JobName"]
    if name not in {one["Name"] for one in asked.items(GLUE_JOBS)}:
        raise RefusedError("EntityNotFoundException", f"Job {name} not found")
    found = [one for one in asked.items(GLUE_RUNS) if one["JobName"] == name]
    return asked.page("JobRuns", _read(found), "NextToken", "MaxResults", 200)


def describe_job_queues(asked: Asked) -> Mapping[str, Any]:
    """The region's queues."""
    return _page(asked, "jobQueues", asked.items(QUEUES), "maxResults", 100)


def list_batch_jobs(asked: Asked) -> Mapping[str, Any]:
    """Of one queue: those that run, unless a filter or a status is given."""
    arn = asked.input.get("jobQueue")
    if arn not in {one["jobQueueArn"] for one in asked.items(QUEUES)}:
        raise RefusedError("ClientException", f"JobQueue {arn} does not exist")
    found = [one for one in asked.items(BATCH_JOBS) if one["queue"] == arn]
    filters = asked.input.get("filters") or []
    if len(filters) > 1:
        raise RefusedError("ClientException", "Only one filter can be used at a time")
    if filters:
        (since,) = filters[0]["values"]
        found = [one for one in found if one["createdAt"] >= int(since)]
    else:
        found = [one for one in found if one["status"] == (asked.input.get("jobStatus") or "RUNNING")]
    shown = [{name: value for name, value in one.items() if name != "queue"} for one in found]
    return _page(asked, "jobSummaryList", shown, "maxResults", 100)


def _page(asked: Asked, name: str, items: Sequence[Any], limit: str, most: int) -> dict[str, Any]:
    page = asked.page(name, items, "nextToken", limit, most)
    return {("nextToken" if key == "NextToken" else key): value for key, value in page.items()}


def _read(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in one.items()}
        for one in items
    ]
