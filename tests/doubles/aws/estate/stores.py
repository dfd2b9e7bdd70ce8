"""Data stores: databases, clusters, tables and file systems, with and without encryption and recovery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_PRODUCTION = [{"Key": "Environment", "Value": "production"}]
# Not a secret: nothing checks it.
_PASSWORD = "loopback-only"  # noqa: S105


def seed_databases(ground: Ground) -> None:
    """Three instances (kept 35, 7 and 0 days) and a cluster in production."""
    account, rds = ground.prod.id, ground.prod.client("rds")
    key = f"arn:aws:kms:{EU}:{account}:alias/nw-data"
    for name, days, encrypted, public in (
        ("orders-db", 35, True, False),
        ("catalogue-db", 7, True, False),
        ("reports-db", 0, False, True),
    ):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            AllocatedStorage=50,
            MasterUsername="owner",
            MasterUserPassword=_PASSWORD,
            BackupRetentionPeriod=days,
            StorageEncrypted=encrypted,
            PubliclyAccessible=public,
            MultiAZ=encrypted,
            DeletionProtection=encrypted,
            Tags=_PRODUCTION,
            **({"KmsKeyId": key} if encrypted else {}),
        )
        ground.manifest.count(account, EU, "rds.instances")
    rds.create_db_cluster(
        DBClusterIdentifier="payments",
        Engine="aurora-postgresql",
        MasterUsername="owner",
        MasterUserPassword=_PASSWORD,
        BackupRetentionPeriod=14,
        StorageEncrypted=True,
        KmsKeyId=key,
        Tags=_PRODUCTION,
    )
    ground.manifest.count(account, EU, "rds.clusters")
    for control, why in (
        ("IAM-16", "database unencrypted"),
        ("IAM-14", "database publicly accessible"),
        ("BCP-01", "automatic backups off"),
        ("BCP-07", "zones"),
        ("BCP-07", "deletion"),
    ):
        ground.manifest.deviates(control, account, EU, "reports-db", why)


def seed_tables(ground: Ground) -> None:
    """Tables with and without keys of our own and point-in-time recovery."""
    for account, region, name, own_key, recoverable in (
        (ground.prod, EU, "sessions", True, True),
        (ground.prod, EU, "carts", False, True),
        (ground.data, EU, "customers", True, False),
        (ground.data, IRELAND, "features", False, True),
    ):
        _table(account.client("dynamodb", region), name, own_key=own_key, recoverable=recoverable)
        ground.manifest.count(account.id, region, "dynamodb.tables")
    why = "no point-in-time recovery and in no backup plan"
    ground.manifest.deviates("BCP-01", ground.data.id, EU, "customers", why)


def seed_file_systems(ground: Ground) -> None:
    """One encrypted, one not."""
    for account, name, encrypted in ((ground.prod, "uploads", True), (ground.data, "notebooks", False)):
        made = _file_system(account, name, encrypted=encrypted)
        ground.manifest.count(account.id, EU, "efs.file_systems")
        if not encrypted:
            ground.manifest.deviates("IAM-16", account.id, EU, made, "file system unencrypted")


def _table(dynamodb: Any, name: str, *, own_key: bool, recoverable: bool) -> None:
    encryption = {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_PRODUCTION,
        **(encryption if own_key else {}),
    )
    if recoverable:
        on = {"PointInTimeRecoveryEnabled": True}
        dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=on)


def _file_system(account: Account, name: str, *, encrypted: bool) -> str:
    tags = [*_PRODUCTION, {"Key": "Name", "Value": name}]
    made = account.client("efs").create_file_system(CreationToken=name, Encrypted=encrypted, Tags=tags)
    return str(made["FileSystemId"])
