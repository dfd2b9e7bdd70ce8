"""Restores: whether what is backed up comes back, and whether anything looked at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import RestoreTest
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.source.aws.source import AwsSource

_ENDED = {"COMPLETED": True, "FAILED": False}
_CALLED_OFF = "ABORTED"
_CHECKED = {"SUCCESSFUL": True, "FAILED": False}
_REMEMBERS = 30


@aws.evidence(
    "aws.backup.restore_jobs",
    yields=RestoreTest,
    needs=["backup:ListRestoreJobs"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=_REMEMBERS,
    late_minutes=_REMEMBERS * 24 * 60,
)
def restores(source: AwsSource) -> Iterator[RestoreTest]:
    """Restores and restore tests.

    Population: every restore job of AWS Backup that was created inside the window, in each enabled region; the parts of
    a composite job are jobs of their own. A job that somebody called off came to nothing and is left out. All that AWS
    Backup remembers is asked for each time, since a job goes on, and is checked, after it was created.

    A job that a restore testing plan started is a test, and `test_plan` is that plan; any other is a restore for its
    own sake. `restored_ok` is true once the job is completed, false when it failed, and null while it runs.
    `validated` is what the company's own check of what came back reported to AWS: true or false, and null where there
    is no such check, it did not report in time, or has not yet. `rto_actual` is how long the job took.

    Complete when the last page was read in every enabled region, and the jobs received are those with a row and those
    called off. Restores without AWS Backup (a snapshot or a point in time restored in the service itself) are not part
    of it. What a plan tests, and how often, is not asked: the jobs show it.
    """
    window, received, kept, called_off = source.window, 0, 0, 0
    listed = source.list(
        "backup", "ListRestoreJobs", "RestoreJobs", ByCreatedAfter=window.start, ByCreatedBefore=window.end
    )
    for job in listed:
        received += 1
        if job.get("Status") == _CALLED_OFF:
            called_off += 1
            continue
        kept += 1
        yield RestoreTest(
            key=job["RestoreJobId"],
            seen=[job],
            test_id=job["RestoreJobId"],
            resource_id=job.get("SourceResourceArn"),
            tested_at=job.get("CompletionDate") or job.get("CreationDate"),
            backup_point=job.get("RecoveryPointCreationDate"),
            restored_ok=_ENDED.get(job.get("Status", "")),
            rto_actual=lasted(job.get("CreationDate"), job.get("CompletionDate")),
            test_plan=plan_of(job),
            validated=_CHECKED.get(job.get("ValidationStatus", "")),
        )
    source.total("restore jobs received = kept + called off", expected=received, found=kept + called_off)


def plan_of(job: Mapping[str, Any]) -> str | None:
    """The restore testing plan that started a job; None for one that somebody started."""
    plan: str | None = (job.get("CreatedBy") or {}).get("RestoreTestingPlanArn")
    return plan


def lasted(began: datetime | None, ended: datetime | None) -> str | None:
    """How long it took, in whole minutes."""
    return None if began is None or ended is None else f"{int((ended - began).total_seconds() // 60)} min"
