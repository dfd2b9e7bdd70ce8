"""What runs by itself in production: a state machine, a Glue job and a batch queue, with their runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU
from tests.doubles.aws.supplement.jobs import BATCH_JOBS, EXECUTIONS, GLUE_JOBS, GLUE_RUNS, MACHINES, QUEUES

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground


def seed_jobs(ground: Ground) -> None:
    """In one region; the first run of each is older than a window goes back."""
    account = ground.prod.id
    machine, express = (f"arn:aws:states:{EU}:{account}:stateMachine:{name}" for name in ("invoices", "clicks"))
    for arn, kind in ((machine, "STANDARD"), (express, "EXPRESS")):
        known = {"stateMachineArn": arn, "name": arn.rpartition(":")[2], "type": kind, "creationDate": ground.ago(300)}
        ground.put(MACHINES, account, EU, known)
    for number, state in enumerate(("SUCCEEDED", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RUNNING")):
        name = f"run-{number}"
        execution = {"executionArn": f"arn:aws:states:{EU}:{account}:execution:invoices:{name}", "name": name}
        ended = {} if state == "RUNNING" else {"stopDate": _ago(ground, number, minutes=20)}
        execution |= {"stateMachineArn": machine, "status": state, "startDate": _ago(ground, number), **ended}
        ground.put(EXECUTIONS, account, EU, execution)
    ground.put(GLUE_JOBS, account, EU, {"Name": "nightly-load"})
    for number, state in enumerate(("SUCCEEDED", "SUCCEEDED", "ERROR", "STOPPED")):
        run = {"Id": f"jr_{number}", "JobName": "nightly-load", "Attempt": 0, "JobRunState": state}
        run |= {"TriggerName": "at-night", "Arguments": {"--password": "loopback-only"}}
        run |= {"StartedOn": _ago(ground, number), "CompletedOn": _ago(ground, number, minutes=9)}
        ground.put(GLUE_RUNS, account, EU, run)
    queue = f"arn:aws:batch:{EU}:{account}:job-queue/renders"
    about: dict[str, object] = {
        "jobQueueName": "renders",
        "jobQueueArn": queue,
        "state": "ENABLED",
        "status": "VALID",
        "priority": 1,
    }
    ground.put(QUEUES, account, EU, {**about, "computeEnvironmentOrder": []})
    for number, (state, stopped) in enumerate(
        (("SUCCEEDED", False), ("SUCCEEDED", False), ("FAILED", False), ("FAILED", True), ("RUNNABLE", False))
    ):
        made = int(datetime.fromisoformat(_ago(ground, number)).timestamp() * 1000)
        job = {"queue": queue, "jobId": f"job-{number}", "jobName": "render", "createdAt": made, "status": state}
        job |= {"jobArn": f"arn:aws:batch:{EU}:{account}:job/job-{number}", "isTerminated": stopped}
        job |= {} if state == "RUNNABLE" else {"startedAt": made + 1000, "stoppedAt": made + 60_000}
        ground.put(BATCH_JOBS, account, EU, job)


def _ago(ground: Ground, number: int, minutes: int = 0) -> str:
    """The first run was 30 days ago, each other one a day before the next."""
    began = ground.now - timedelta(days=30 if number == 0 else 6 - number)
    return (began - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat()
