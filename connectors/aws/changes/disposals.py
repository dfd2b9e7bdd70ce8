"""What was deleted of what holds data, its keys and its logs: from CloudTrail's event history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import Disposal
from connectors.aws import aws
from connectors.aws.changes.by_hand import WRITING, actor
from connectors.aws.changes.events import LATE_MINUTES, full_text, happened, outcome, part, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_TRAIL, _LOGS, _BACKUP = "audit_trail", "log_group", "backup"
DISPOSALS = {
    "backup:DeleteBackupVault": ("backup_vault", "backupVaultName"),
    "backup:DeleteRecoveryPoint": (_BACKUP, "recoveryPointArn"),
    "cloudtrail:DeleteEventDataStore": (_TRAIL, "eventDataStore"),
    "cloudtrail:DeleteTrail": (_TRAIL, "name"),
    "dynamodb:DeleteBackup": (_BACKUP, "backupArn"),
    "dynamodb:DeleteTable": ("table", "tableName"),
    "ec2:DeleteSnapshot": (_BACKUP, "snapshotId"),
    "ec2:DeleteVolume": ("volume", "volumeId"),
    "elasticache:DeleteCacheCluster": ("cache", "cacheClusterId"),
    "elasticache:DeleteReplicationGroup": ("cache", "replicationGroupId"),
    "elasticfilesystem:DeleteFileSystem": ("file_system", "fileSystemId"),
    "es:DeleteDomain": ("search_domain", "domainName"),
    "es:DeleteElasticsearchDomain": ("search_domain", "domainName"),
    "fsx:DeleteBackup": (_BACKUP, "backupId"),
    "fsx:DeleteFileSystem": ("file_system", "fileSystemId"),
    "kinesis:DeleteStream": ("stream", "streamName"),
    "kms:DeleteImportedKeyMaterial": ("key", "keyId"),
    "kms:DeleteKey": ("key", "keyId"),
    "kms:ScheduleKeyDeletion": ("key", "keyId"),
    "logs:DeleteLogGroup": (_LOGS, "logGroupName"),
    "logs:DeleteLogStream": (_LOGS, "logGroupName"),
    "rds:DeleteDBCluster": ("db_cluster", "dBClusterIdentifier"),
    "rds:DeleteDBClusterAutomatedBackup": (_BACKUP, "dbClusterResourceId"),
    "rds:DeleteDBClusterSnapshot": (_BACKUP, "dBClusterSnapshotIdentifier"),
    "rds:DeleteDBInstance": ("db_instance", "dBInstanceIdentifier"),
    "rds:DeleteDBInstanceAutomatedBackup": (_BACKUP, "dbiResourceId"),
    "rds:DeleteDBSnapshot": (_BACKUP, "dBSnapshotIdentifier"),
    "redshift:DeleteCluster": ("db_cluster", "clusterIdentifier"),
    "redshift:DeleteClusterSnapshot": (_BACKUP, "snapshotIdentifier"),
    "s3:DeleteBucket": ("bucket", "bucketName"),
    "secretsmanager:DeleteSecret": ("secret", "secretId"),
}
"""By what is called: what kind of thing it deletes, and where its request names that."""


@aws.evidence(
    "aws.cloudtrail.disposals",
    yields=Disposal,
    needs=["ec2:DescribeRegions", "cloudtrail:LookupEvents"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=90,
    late_minutes=LATE_MINUTES,
    shares=["cloudtrail:LookupEvents"],
)
def disposals(source: AwsSource) -> Iterator[Disposal]:
    """Deletions of data stores and keys.

    Population: every event of the window that CloudTrail's event history marks as writing, in every enabled region, by
    which somebody or something deleted a store of data (bucket, database, table, file system, volume, stream, cache), a
    backup of one, a key or a secret, or a log (a trail, an event data store, a log group or one of its streams).
    Attempts that failed are in it (`outcome`). To plan a key's deletion is one, and so is the deletion itself, days
    later.

    Complete when the lookup was read to its last page in every region, and the events received are as many as those
    kept and those left out.

    Not in it: the deletion of what is inside a store (objects, rows), of which the history holds nothing; what a rule
    of expiry removes; and anything older than 90 days. An event may appear in the history some time after it happened,
    so windows overlap by a day; the same event has the same id.
    """
    received = kept = other = 0
    for event in happened(source, WRITING):
        received += 1
        known = DISPOSALS.get(_action(event))
        if known is None:
            other += 1
            continue
        kept += 1
        yield disposal(event, *known)
    source.total("events received = kept + left out", expected=received, found=kept + other)


def disposal(event: Answer, kind: str, names: str) -> Disposal:
    """One event of the history; what it was about is unknown where neither the request nor CloudTrail names it."""
    told = full_text(event)
    asked = part(told, "requestParameters").get(names)
    return Disposal(
        key=event["EventId"],
        seen=[event],
        item=(asked if isinstance(asked, str) else None) or target(event, told) or "not given",
        disposed_at=event.get("EventTime"),
        method=_action(event),
        proof=event["EventId"],
        kind=kind,
        disposed_by=actor(told) or event.get("Username"),
        outcome=outcome(told),
    )


def _action(event: Mapping[str, Any]) -> str:
    service, _, _ = (event.get("EventSource") or "").partition(".")
    return f"{service}:{event.get('EventName')}"
