"""AWS Backup: selections, protected resources, vaults of all kinds and jobs, which moto lacks or mistakes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

COPIES = "backup:copies"
JOBS = "backup:jobs"
PROTECTED = "backup:protected"
RESTORES = "backup:restores"
SELECTIONS = "backup:selections"
VAULTS = "backup:vaults"
"""Vaults of kinds that moto cannot make."""
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
_EQUAL_OF_COPIES = {
    "ByResourceArn": "ResourceArn",
    "ByState": "State",
    "ByResourceType": "ResourceType",
    "ByDestinationVaultArn": "DestinationBackupVaultArn",
    "ByAccountId": "AccountId",
    "ByParentJobId": "ParentJobId",
    "ByMessageCategory": "MessageCategory",
    "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
}
_EQUAL_OF_RESTORES = {
    "ByAccountId": "AccountId",
    "ByResourceType": "ResourceType",
    "ByStatus": "Status",
    "ByParentJobId": "ParentJobId",
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
    fitting = [job for job in jobs if job["CreationDate"] >= oldest and _fits(job, asked.input, _EQUAL)]
    fitting.sort(key=lambda job: (job["CreationDate"], job["BackupJobId"]), reverse=True)
    return asked.page("BackupJobs", fitting, "NextToken", "MaxResults", _MOST)


def list_copy_jobs(asked: Asked) -> Mapping[str, Any]:
    """Copy jobs that fit the filters, newest first."""
    jobs = [_read(item, ("CreationDate", "CompletionDate")) for item in asked.items(COPIES)]
    fitting = [job for job in jobs if _fits(job, asked.input, _EQUAL_OF_COPIES)]
    fitting.sort(key=lambda job: (job["CreationDate"], job["CopyJobId"]), reverse=True)
    return asked.page("CopyJobs", fitting, "NextToken", "MaxResults", _MOST)


def list_restore_jobs(asked: Asked) -> Mapping[str, Any]:
    """Restore jobs of the last 30 days that fit the filters, newest first."""
    oldest, plan = datetime.now(UTC) - _REMEMBERED, asked.input.get("ByRestoreTestingPlanArn")
    moments = ("CreationDate", "CompletionDate", "RecoveryPointCreationDate")
    jobs = [_read(item, moments) for item in asked.items(RESTORES)]
    fitting = [
        job
        for job in jobs
        if job["CreationDate"] >= oldest
        and _fits(job, asked.input, _EQUAL_OF_RESTORES)
        and plan in {None, (job.get("CreatedBy") or {}).get("RestoreTestingPlanArn")}
    ]
    fitting.sort(key=lambda job: (job["CreationDate"], job["RestoreJobId"]), reverse=True)
    return asked.page("RestoreJobs", fitting, "NextToken", "MaxResults", _MOST)


def list_backup_vaults(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's vaults with what it leaves out (their kind, the key of whoever names none), and those of other kinds."""
    told = asked.moto_result()
    if not isinstance(told, dict):
        return told
    key = f"arn:aws:kms:{asked.call.region}:{asked.call.account}:key/00000000-0000-4000-8000-00000000bac0"
    plain = {"VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "EncryptionKeyArn": key}
    listed = [plain | one for one in told["BackupVaultList"]]
    listed += [_read(item, ("CreationDate", "LockDate")) for item in asked.items(VAULTS)]
    wanted = asked.input.get("ByVaultType")
    fitting = [one for one in listed if wanted in {None, one["VaultType"]}]
    return asked.page("BackupVaultList", fitting, "NextToken", "MaxResults", _MOST)


def _fits(job: Mapping[str, Any], wanted: Mapping[str, Any], equal: Mapping[str, str]) -> bool:
    if any(name in wanted and job.get(member) != wanted[name] for name, member in equal.items()):
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
