"""What was restored in production: by a plan that tests it, by people, and what became of it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.backups import VAULT, resources, vault_arn
from tests.doubles.aws.estate.ground import EU
from tests.doubles.aws.supplement.backup import RESTORES

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

PLAN = "nw_monthly"
_PLANNED = True


def seed_restores(ground: Ground) -> None:
    """Tests that were checked, found bad, not checked in time; restores that worked, failed, run, were called off."""
    database, table = resources(ground.prod.id)
    for resource, days, planned, fields in (
        (database, 9, _PLANNED, {"Status": "COMPLETED", "ValidationStatus": "SUCCESSFUL"}),
        (table, 8, _PLANNED, {"Status": "COMPLETED", "ValidationStatus": "FAILED"}),
        (database, 7, _PLANNED, {"Status": "COMPLETED", "ValidationStatus": "TIMED_OUT"}),
        (database, 6, not _PLANNED, {"Status": "COMPLETED"}),
        (table, 5, not _PLANNED, {"Status": "FAILED", "StatusMessage": "No such subnet group"}),
        (database, 4, not _PLANNED, {"Status": "ABORTED"}),
        (database, 0.05, not _PLANNED, {"Status": "RUNNING"}),
    ):
        job = _job(ground, resource, days, **fields)
        if planned:
            plan = f"arn:aws:backup:{EU}:{ground.prod.id}:restore-testing-plan:{PLAN}-0f9d2a"
            job["CreatedBy"] = {"RestoreTestingPlanArn": plan}
        ground.put(RESTORES, ground.prod.id, EU, job)
        if fields["Status"] != "ABORTED":
            ground.manifest.count(ground.prod.id, EU, "backup.restores")
        if "FAILED" in fields.values():
            why = "the check found it bad" if planned else "the restore failed"
            ground.manifest.deviates("BCP-04", ground.prod.id, EU, job["RestoreJobId"], why)


def _job(ground: Ground, resource: str, days: float, **fields: str) -> dict[str, Any]:
    account, began = ground.prod.id, ground.now - timedelta(days=days)
    job: dict[str, Any] = {
        "AccountId": account,
        "RestoreJobId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"restore/{resource}/{days}")).upper(),
        "RecoveryPointArn": f"arn:aws:backup:{EU}:{account}:recovery-point:{resource.rpartition(':')[2]}",
        "SourceResourceArn": resource,
        "BackupVaultArn": vault_arn(account, EU, VAULT),
        "CreationDate": began.isoformat(),
        "RecoveryPointCreationDate": (began - timedelta(days=1)).isoformat(),
        "ResourceType": resources(account)[resource],
        "IsParent": False,
        **fields,
    }
    if fields["Status"] != "RUNNING":
        job["CompletionDate"] = (began + timedelta(minutes=42)).isoformat()
    return job
