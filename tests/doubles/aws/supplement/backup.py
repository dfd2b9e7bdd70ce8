"""AWS Backup: selections, protected resources and jobs, which moto lacks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

JOBS = "backup:jobs"
PROTECTED = "backup:protected"
SELECTIONS = "backup:selections"
_REMEMBERED = timedelta(days=30)
_MOST = 1000

# Input member of ListBackupJobs -> the job's member it must equal.
_EQUAL = {
    "ByResourceArn": "ResourceArn",
    "ByState": "State",
    "ByBackupVaultName": "BackupVaultName",
    "ByResourceType": "ResourceType",
    "ByAccountId": "AccountId",
    "ByParentJobId": "ParentJobId",
    "ByMessageCategory": "MessageCategory",
}
# … -> the job's moment, and whether it must lie before (True) or after.
_BOUNDS = {
    "ByCreatedAfter": ("CreationDate", False),
    "ByCreatedBefore": ("CreationDate", True),
    "ByCompleteAfter": ("CompletionDate", False),
    "ByCompleteBefore": ("CompletionDate", True),
}


def create_backup_selection(asked: Asked) -> Mapping[str, Any]:
    """Remember what a plan selects."""
    created = datetime.now(UTC)
    plan = asked.input["BackupPlanId"]
    name = asked.input["BackupSelection"]["SelectionName"]
    selection = {
        "SelectionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{asked.call.account}/{plan}/{name}")),
        "BackupPlanId": plan,
        "CreationDate": created.isoformat(),
        "BackupSelection": asked.input["BackupSelection"],
    }
    asked.seeded.add(SELECTIONS, asked.call.account, asked.call.region, [selection])
    answered = ("SelectionId", "BackupPlanId")
    return {name: selection[name] for name in answered} | {"CreationDate": created}


def list_backup_selections(asked: Asked) -> Mapping[str, Any]:
    """The selections of one plan, without what they select."""
    listed = [
        {
            "SelectionId": item["SelectionId"],
            "SelectionName": item["BackupSelection"]["SelectionName"],
            "BackupPlanId": item["BackupPlanId"],
            "CreationDate": datetime.fromisoformat(item["CreationDate"]),
            "IamRoleArn": item["BackupSelection"]["IamRoleArn"],
        }
        for item in asked.items(SELECTIONS)
        if item["BackupPlanId"] == asked.input["BackupPlanId"]
    ]
    return asked.page("BackupSelectionsList", listed, "NextToken", "MaxResults", _MOST)


def get_backup_selection(asked: Asked) -> Mapping[str, Any]:
    """What one selection selects."""
    for item in asked.items(SELECTIONS):
        if item["SelectionId"] == asked.input["SelectionId"]:
            return {**item, "CreationDate": datetime.fromisoformat(item["CreationDate"])}
    raise RefusedError("ResourceNotFoundException", "Cannot find the selection")


def list_protected_resources(asked: Asked) -> Mapping[str, Any]:
    """Resources that have at least one recovery point."""
    moments = ("LastBackupTime",)
    listed = [_read(item, moments) for item in asked.items(PROTECTED)]
    return asked.page("Results", listed, "NextToken", "MaxResults", _MOST)


def list_backup_jobs(asked: Asked) -> Mapping[str, Any]:
    """Jobs of the last 30 days that fit the filters, newest first."""
    oldest = datetime.now(UTC) - _REMEMBERED
    jobs = [_read(item, ("CreationDate", "CompletionDate", "StartBy")) for item in asked.items(JOBS)]
    fitting = [job for job in jobs if job["CreationDate"] >= oldest and _fits(job, asked.input)]
    fitting.sort(key=lambda job: (job["CreationDate"], job["BackupJobId"]), reverse=True)
    return asked.page("BackupJobs", fitting, "NextToken", "MaxResults", _MOST)


def _fits(job: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if any(name in wanted and job.get(member) != wanted[name] for name, member in _EQUAL.items()):
        return False
    for name, (member, before) in _BOUNDS.items():
        if name not in wanted:
            continue
        bound, at = wanted[name].replace(tzinfo=UTC), job.get(member)
        if at is None or (at > bound if before else at < bound):
            return False
    return True


def _read(item: Mapping[str, Any], moments: tuple[str, ...]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in moments and value else value for name, value in item.items()}
