"""Vaults of AWS Backup, locked and not, and the copies that the nightly plan makes in another region."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.backups import ELSEWHERE, VAULT, resources, vault_arn
from tests.doubles.aws.estate.ground import EU, IRELAND, US
from tests.doubles.aws.supplement.backup import COPIES, VAULTS

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_KEPT, _GRACE = 30, 3
_COPIED = 3
"""So many nights back copies are remembered here."""
_AIR_GAPPED, _VIEW = "nw-airgap", "nw-airgap-of-prod"


def seed_vaults(ground: Ground) -> None:
    """Locked for good, with days of grace, until somebody lifts it; marked as a trial; with nothing in it.

    And an air-gapped one, with the view that another account has of it.
    """
    prod, data = ground.prod, ground.data
    _lock(prod, EU, VAULT, grace=_GRACE)
    ground.edit("backup", prod.id, EU, ["vaults", VAULT, "lock_date"], {"epoch": ground.ago(200)})
    for account, region, name, tags in (
        (prod, US, ELSEWHERE, {}),
        (data, IRELAND, "nw-features", {"Environment": "production"}),
        (ground.management, IRELAND, "nw-trial", {"Environment": "sandbox"}),
        (data, EU, "Default", {}),
    ):
        account.client("backup", region).create_backup_vault(BackupVaultName=name, BackupVaultTags=tags)
    _lock(prod, US, ELSEWHERE, grace=_GRACE)
    _lock(data, IRELAND, "nw-features")
    for account, region, name in ((prod, EU, VAULT), (prod, US, ELSEWHERE), (data, IRELAND, "nw-features")):
        ground.edit("backup", account.id, region, ["vaults", name, "num_of_recovery_points"], 7)
    ground.edit("backup", ground.management.id, IRELAND, ["vaults", "nw-trial", "num_of_recovery_points"], 1)
    for account, region, vaults in (
        (prod, EU, 1), (prod, US, 1), (prod, IRELAND, 1),
        (data, IRELAND, 1), (data, EU, 1), (ground.management, IRELAND, 1),
    ):  # fmt: skip
        ground.manifest.count(account.id, region, "backup.vaults", vaults)
    ground.put(VAULTS, prod.id, IRELAND, _vault(ground, prod.id, _AIR_GAPPED, "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"))
    ground.put(VAULTS, data.id, IRELAND, _vault(ground, data.id, _VIEW, "RESTORE_ACCESS_BACKUP_VAULT"))
    ground.manifest.deviates("BCP-03", prod.id, US, ELSEWHERE, "its lock can still be lifted for three days")
    ground.manifest.deviates("BCP-03", data.id, IRELAND, "nw-features", "whoever may can lift its lock")


def seed_copies(ground: Ground) -> None:
    """Each night a copy of the database; those of the table fail."""
    account = ground.prod.id
    client = ground.prod.client("backup")
    (plan,) = (one for one in client.list_backup_plans()["BackupPlansList"] if one["BackupPlanName"] == "nightly")
    read = client.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]
    by = {"BackupPlanId": plan["BackupPlanId"], "BackupRuleId": read["Rules"][0]["RuleId"]}
    for resource, kind in resources(account).items():
        for nights in range(_COPIED):
            ground.put(COPIES, account, EU, _copy(ground, resource, kind, nights, by))
            ground.manifest.count(account, EU, "backup.copies")
    ground.manifest.deviates("BCP-03", account, EU, "sessions", "every copy failed, and it is nowhere else")


def _copy(ground: Ground, resource: str, kind: str, nights: int, by: dict[str, str]) -> dict[str, Any]:
    account, began = ground.prod.id, ground.now - timedelta(days=nights, hours=7)
    failed = kind == "DynamoDB"
    return {
        "AccountId": account,
        "CopyJobId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"copy/{resource}/{nights}")).upper(),
        "SourceBackupVaultArn": vault_arn(account, EU, VAULT),
        "DestinationBackupVaultArn": vault_arn(account, US, ELSEWHERE),
        "DestinationVaultType": "BACKUP_VAULT",
        "ResourceArn": resource,
        "ResourceType": kind,
        "CreationDate": began.isoformat(),
        "CompletionDate": (began + timedelta(minutes=50)).isoformat(),
        "State": "FAILED" if failed else "COMPLETED",
        "MessageCategory": "AccessDenied" if failed else "SUCCESS",
        "CreatedBy": by,
        "IsParent": False,
    }


def _lock(account: Account, region: str, name: str, *, grace: int = 0) -> None:
    """A lock that nobody can lift once the days of grace are over; without any, it can be lifted for ever."""
    for_good = {"ChangeableForDays": grace} if grace else {}
    client = account.client("backup", region)
    client.put_backup_vault_lock_configuration(BackupVaultName=name, MinRetentionDays=_KEPT, **for_good)


def _vault(ground: Ground, account: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "BackupVaultName": name,
        "BackupVaultArn": vault_arn(account, IRELAND, name),
        "VaultType": kind,
        "VaultState": "AVAILABLE",
        "CreationDate": ground.ago(300),
        "EncryptionKeyType": "AWS_OWNED_KMS_KEY",
        "NumberOfRecoveryPoints": 3,
        "Locked": True,
        "MinRetentionDays": 7,
        "MaxRetentionDays": 90,
    }
