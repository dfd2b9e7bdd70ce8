"""AWS Backup in production: a plan that keeps 35 days and one that keeps 7, and thirty days of jobs."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, US
from tests.doubles.aws.supplement.backup import JOBS, PROTECTED

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

VAULT, ELSEWHERE = "nw-vault", "nw-copies"
_DAYS = 30
_HOUR = 5

# Days ago -> what became of the nightly job of the orders database.
_FAILED, _RETRIED, _EXPIRED, _WITH_ISSUES, _MISSING = 12, 8, 15, 5, 3


def seed_plans(ground: Ground) -> None:
    """Vault, plans, selections by name and by tag, protected resources."""
    backup, account = ground.prod.client("backup"), ground.prod.id
    backup.create_backup_vault(BackupVaultName=VAULT)
    role = f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole"
    by_name = {"SelectionName": "databases", "IamRoleArn": role, "Resources": list(resources(account))}
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "weekly"}
    by_tag = {"SelectionName": "by-tag", "IamRoleArn": role, "ListOfTags": [tag]}
    copied = [{"DestinationBackupVaultArn": vault_arn(account, US, ELSEWHERE)}]
    for name, schedule, days, selection in (
        ("nightly", f"cron(0 {_HOUR} * * ? *)", 35, by_name),
        ("weekly", "cron(0 6 ? * SUN *)", 7, by_tag),
    ):
        rule = {
            "RuleName": f"{name}-rule",
            "TargetBackupVaultName": VAULT,
            "ScheduleExpression": schedule,
            "StartWindowMinutes": 60,
            "CompletionWindowMinutes": 180,
            "Lifecycle": {"DeleteAfterDays": days},
            "CopyActions": copied if name == "nightly" else [],
        }
        plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": [rule]})["BackupPlanId"]
        backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
        ground.manifest.count(account, EU, "backup.plans")
        ground.manifest.count(account, EU, "backup.selections")
    ground.manifest.deviates("BCP-01", account, EU, "weekly", "keeps 7 days")
    for resource, kind in resources(account).items():
        item = {"ResourceArn": resource, "ResourceType": kind, "LastBackupTime": ground.ago(1)}
        ground.put(PROTECTED, account, EU, item)
        ground.manifest.count(account, EU, "backup.protected")


def seed_jobs(ground: Ground) -> None:
    """A job a night and resource; the database's story has one failure, one retry, and so on."""
    database, table = resources(ground.prod.id)
    for days in range(_DAYS - 1, 0, -1):
        _job(ground, table, days, "COMPLETED", "SUCCESS")
        if days == _MISSING:
            continue
        state, category = {
            _FAILED: ("FAILED", "AccessDenied"),
            _RETRIED: ("FAILED", "AggregatedError"),
            _EXPIRED: ("EXPIRED", "AggregatedError"),
            _WITH_ISSUES: ("COMPLETED", "VSSInSnapshotFailed"),
        }.get(days, ("COMPLETED", "SUCCESS"))
        _job(ground, database, days, state, category)
        if days == _RETRIED:
            _job(ground, database, days, "COMPLETED", "SUCCESS", hours_later=2)
    for days, why in (
        (_FAILED, "failed and not run again"),
        (_EXPIRED, "expired before it started"),
        (_WITH_ISSUES, "completed with issues"),
        (_MISSING, "did not run"),
    ):
        slot = _slot(ground, days).isoformat()
        ground.manifest.deviates("BCP-02", ground.prod.id, EU, f"{database}@{slot}", why)


def _job(ground: Ground, resource: str, days: int, state: str, category: str, *, hours_later: int = 0) -> None:
    account = ground.prod.id
    created = _slot(ground, days) + timedelta(hours=hours_later)
    completed = created + timedelta(minutes=25)
    job_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{resource}/{days}/{hours_later}")).upper()
    job: dict[str, Any] = {
        "AccountId": account,
        "BackupJobId": job_id,
        "BackupVaultName": VAULT,
        "BackupVaultArn": vault_arn(account, EU, VAULT),
        "ResourceArn": resource,
        "ResourceType": resources(account)[resource],
        "CreationDate": created.isoformat(),
        "CompletionDate": completed.isoformat(),
        "State": state,
        "MessageCategory": category,
        "PercentDone": "100.0" if state == "COMPLETED" else "0.0",
        "BackupSizeInBytes": 50_000_000,
        "StartBy": (created + timedelta(hours=1)).isoformat(),
        "IsParent": False,
    }
    if category != "SUCCESS":
        job["StatusMessage"] = f"{state}: {category}"
    ground.put(JOBS, account, EU, job)
    ground.manifest.count(account, EU, "backup.jobs")
    ground.manifest.count(account, EU, f"backup.jobs.{state}")


def _slot(ground: Ground, days: int) -> datetime:
    """The night before last one by so many, and the last is the newest that is over an hour ago.

    Counted from midnight instead, the newest night would have no job for the rest of its day: a slot that is missed.
    """
    newest = ground.now - timedelta(hours=_HOUR + 1)
    return (newest - timedelta(days=days - 1)).replace(hour=_HOUR, minute=0, second=0, microsecond=0)


def vault_arn(account: str, region: str, name: str) -> str:
    """What a vault is called everywhere."""
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def resources(account: str) -> dict[str, str]:
    """What the nightly plan backs up, and of what type it is."""
    return {
        f"arn:aws:rds:{EU}:{account}:db:orders-db": "RDS",
        f"arn:aws:dynamodb:{EU}:{account}:table/sessions": "DynamoDB",
    }
