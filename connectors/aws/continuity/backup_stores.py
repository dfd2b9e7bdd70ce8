"""The data stores of one region that need backups, and how each backs itself up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.aws.data.buckets import partition
from connectors.aws.tags import GET_RESOURCES, labels, plain, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.tags import Tags

STORE_NEEDS = (
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "dynamodb:ListTables",
    "dynamodb:DescribeContinuousBackups",
    "efs:DescribeFileSystems",
    GET_RESOURCES,
)
_DAILY, _CONTINUOUSLY = 24, 0
_REGION = 3
"""Which part of an ARN it is."""
_PITR_DAYS = 35
"""How far back a table can be restored where AWS names no other period."""


class Way(NamedTuple):
    """One way in which a store is backed up."""

    source: str | None
    frequency_hours: int | None = None
    retention_days: int | None = None
    keeps_forever: bool | None = None
    pitr: bool | None = None
    destination: str | None = None
    last_backup_at: datetime | None = None
    copied_to: tuple[str, ...] | None = None
    copied_at: datetime | None = None


class Store(NamedTuple):
    """One data store."""

    arn: str
    kind: str
    tags: Tags | None
    environment: str | None
    seen: list[Answer]
    ways: tuple[Way, ...] = ()
    """How it backs itself up, without AWS Backup."""
    whole: bool = True
    """Whether that could be read."""


def stores(source: AwsSource) -> Iterator[Store]:
    """Every store of the region; where one kind cannot be listed, a gap says so and the others are told."""
    for _, found in source.each(_KINDS, lambda read: list(read(source))):
        yield from found


def _instances(source: AwsSource) -> Iterator[Store]:
    for instance in source.list("rds", "DescribeDBInstances", "DBInstances"):
        if not instance.get("DBClusterIdentifier"):
            yield _database(source, instance, "db_instance", instance["DBInstanceArn"])


def _clusters(source: AwsSource) -> Iterator[Store]:
    for cluster in source.list("rds", "DescribeDBClusters", "DBClusters"):
        yield _database(source, cluster, "db_cluster", cluster["DBClusterArn"])


def _database(source: AwsSource, database: Answer, kind: str, arn: str) -> Store:
    days, tags = database.get("BackupRetentionPeriod"), plain(database.get("TagList"))
    way = Way(
        source="automated",
        frequency_hours=_DAILY,
        retention_days=days,
        keeps_forever=False,
        pitr=True,
        last_backup_at=database.get("LatestRestorableTime"),
        copied_to=replicated(database),
    )
    return Store(
        arn,
        kind,
        tags,
        labels(source, tags)["environment"],
        [database],
        ways=(way,) if days else (),
        whole=days is not None,
    )


def replicated(database: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The regions to which automatic backups of an instance are replicated; None where RDS does not say."""
    replications = database.get("DBInstanceAutomatedBackupsReplications")
    if replications is None:
        return None
    return tuple(sorted({one["DBInstanceAutomatedBackupsArn"].split(":")[_REGION] for one in replications}))


def _tables(source: AwsSource) -> Iterator[Store]:
    names = [table["value"] for table in source.list("dynamodb", "ListTables", "TableNames")]
    tags = tagged(source, [source.place] if names else [])
    rows = 0
    for name, recovery in source.each(names, lambda one: _recovery(source, one)):
        arn = f"arn:{partition(source)}:dynamodb:{source.place}:{source.account}:table/{name}"
        known = tags[source.place]
        rows += 1
        yield Store(
            arn,
            "table",
            known.tags(arn),
            labels(source, known.tags(arn))["environment"],
            [recovery, *known.seen(arn)],
            ways=tuple(recovery_ways(recovery)),
            whole=recovery.seen,
        )
    source.total("tables listed = tables asked for their recovery", expected=len(names), found=rows)


def _recovery(source: AwsSource, table: str) -> Answer:
    return source.look("dynamodb", "DescribeContinuousBackups", "ContinuousBackupsDescription", TableName=table)


def recovery_ways(answer: Answer) -> Iterator[Way]:
    """Point-in-time recovery of a table, if it is on."""
    recovery = (answer.get("ContinuousBackupsDescription") or {}).get("PointInTimeRecoveryDescription") or {}
    if recovery.get("PointInTimeRecoveryStatus") == "ENABLED":
        yield Way(
            source="pitr",
            frequency_hours=_CONTINUOUSLY,
            retention_days=recovery.get("RecoveryPeriodInDays") or _PITR_DAYS,
            keeps_forever=False,
            pitr=True,
            last_backup_at=recovery.get("LatestRestorableDateTime"),
            # A table is restored to a point in time from its own region alone.
            copied_to=(),
        )


def _file_systems(source: AwsSource) -> Iterator[Store]:
    for system in source.list("efs", "DescribeFileSystems", "FileSystems"):
        tags = plain(system.get("Tags"))
        yield Store(system["FileSystemArn"], "file_system", tags, labels(source, tags)["environment"], [system])


_KINDS: tuple[Callable[[AwsSource], Iterator[Store]], ...] = (_instances, _clusters, _tables, _file_systems)
