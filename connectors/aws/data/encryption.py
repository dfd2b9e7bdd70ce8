"""Encryption at rest, store by store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import Resource, Setting
from connectors.aws import aws
from connectors.aws.data.buckets import listed, partition, region_of
from connectors.aws.data.key_control import LIST_ALIASES, aliases_of_aws
from connectors.aws.tags import GET_RESOURCES, labels, plain, tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.data.key_control import Aliases
    from connectors.aws.tags import Tagged


class Region(NamedTuple):
    """One region to read, and which keys in it are AWS's own."""

    source: AwsSource
    aliases: Aliases


@aws.evidence(
    "aws.encryption.at_rest",
    yields=(Resource, Setting),
    needs=[
        "ec2:DescribeRegions",
        "s3:ListBuckets",
        "s3:GetBucketEncryption",
        "ec2:DescribeVolumes",
        "ec2:GetEbsEncryptionByDefault",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "efs:DescribeFileSystems",
        LIST_ALIASES,
        GET_RESOURCES,
    ],
)
def at_rest(source: AwsSource) -> Iterator[Resource | Setting]:
    """Encryption at rest of data stores.

    Population, in all enabled regions: every S3 bucket (type `bucket`), EBS volume (`volume`), database instance and
    cluster that RDS lists, so also Neptune and DocumentDB (`db_instance`, `db_cluster`), DynamoDB table (`table`) and
    EFS file system (`file_system`); and for each region the setting `ebs_encryption_by_default`.

    `encrypted` is what the service says of the store; for a bucket, whether it has default encryption. DynamoDB
    encrypts every table: a table that names no key is under a key of AWS's own. `key_control` is `customer` for a key
    that the customer made, in this account or another, and `provider` for a key that AWS made; null where the
    region's aliases, which tell them apart, could not be read.

    `multi_zone` and `deletion_protected` are what RDS says of a database; of one that is in a cluster or replicates
    another `part_of` names that. `zones` are those that an instance runs in. S3 and DynamoDB spread every bucket and
    table over several zones; EFS each file system that names no zone. EFS, S3 and EBS know no such protection.

    Complete when the last page of every list was read in every enabled region, and buckets and tables described are as
    many as listed. A bucket or table whose encryption cannot be read stays, with nulls and a gap. Not included:
    snapshots, backups, queues, caches, warehouses, search domains, and what holds for single objects: those written
    before a bucket's setting, and those put into a class of one zone.
    """
    buckets = [bucket for _, found in source.each([source], lambda one: list(listed(one))) for bucket in found]
    tables = dict(source.each(source.regions, lambda one: _table_names(source.at(one))))
    homes = {region_of(source, bucket) for bucket in buckets}
    tags = tagged(source, sorted(homes | {region for region, names in tables.items() if names}))
    places = sorted({*source.regions, *homes})
    regions = {name: Region(source.at(name), aliases) for name, aliases in aliases_of_aws(source, places).items()}
    yield from _buckets(source, buckets, regions, tags)
    reads = [(read, regions[name]) for read in _REGIONAL for name in source.regions]
    for _, rows in source.each(reads, lambda pair: list(pair[0](pair[1]))):
        yield from rows
    for _, described in source.each(tables, lambda one: list(_tables(regions[one], tables[one], tags))):
        yield from described


def _buckets(
    source: AwsSource, buckets: list[Answer], regions: dict[str, Region], tags: dict[str, Tagged]
) -> Iterator[Resource]:
    rows = 0
    for bucket, found in source.each(buckets, lambda one: _bucket_encryption(source, one)):
        name, region = bucket["Name"], region_of(source, bucket)
        arn = f"arn:{partition(source)}:s3:::{name}"
        rows += 1
        yield Resource(
            key=f"bucket {name}",
            seen=[bucket, found, *tags[region].seen(arn)],
            resource_id=name,
            type="bucket",
            encrypted=found.tell(lambda answer: not answer.absent),
            key_control=bucket_key(found, regions[region].aliases),
            multi_zone=True,
            **labels(source, tags[region].tags(arn)),
        )
    source.total("buckets listed = buckets described", expected=len(buckets), found=rows)


def _bucket_encryption(source: AwsSource, bucket: Answer) -> Answer:
    return source.at(region_of(source, bucket)).look(
        "s3",
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        absent=("ServerSideEncryptionConfigurationNotFoundError",),
        Bucket=bucket["Name"],
    )


def bucket_key(encryption: Answer, aliases: Aliases) -> str | None:
    """Who controls the key of a bucket's default encryption; a KMS rule that names no key means AWS's own."""
    rules = (encryption.get("ServerSideEncryptionConfiguration") or {}).get("Rules", ())
    for rule in rules:
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        key = default.get("KMSMasterKeyID")
        if default:
            return aliases.control(key) if key else "provider"
    return None


def _default(region: Region) -> Iterator[Setting]:
    answer = region.source.get("ec2", "GetEbsEncryptionByDefault", "EbsEncryptionByDefault")
    yield Setting(
        key=f"ebs_encryption_by_default {region.source.place}",
        seen=[answer],
        name="ebs_encryption_by_default",
        value=str(answer["EbsEncryptionByDefault"]).lower(),
        applies_to=region.source.place,
    )


def _volumes(region: Region) -> Iterator[Resource]:
    listed = region.source.list("ec2", "DescribeVolumes", "Volumes", MaxResults=500, IncludeManagedResources=True)
    for volume in listed:
        yield Resource(
            key=f"volume {region.source.place} {volume['VolumeId']}",
            seen=[volume, *_proof(region, volume.get("KmsKeyId"))],
            resource_id=volume["VolumeId"],
            type="volume",
            encrypted=volume.get("Encrypted"),
            key_control=region.aliases.control(volume.get("KmsKeyId")),
            attached=bool(volume.get("Attachments")),
            **labels(region.source, plain(volume.get("Tags"))),
        )


def _instances(region: Region) -> Iterator[Resource]:
    for instance in region.source.list("rds", "DescribeDBInstances", "DBInstances"):
        yield _database(region, instance, "db_instance", instance["DBInstanceArn"])


def _clusters(region: Region) -> Iterator[Resource]:
    for cluster in region.source.list("rds", "DescribeDBClusters", "DBClusters"):
        yield _database(region, cluster, "db_cluster", cluster["DBClusterArn"])


def _database(region: Region, database: Answer, kind: str, arn: str) -> Resource:
    primary = database.get("ReadReplicaSourceDBInstanceIdentifier")
    cluster = database.get("DBClusterIdentifier") if kind == "db_instance" else None
    zones = {database.get("AvailabilityZone"), database.get("SecondaryAvailabilityZone")} - {None}
    return Resource(
        key=arn,
        seen=[database, *_proof(region, database.get("KmsKeyId"))],
        resource_id=arn,
        type=kind,
        encrypted=database.get("StorageEncrypted"),
        key_control=region.aliases.control(database.get("KmsKeyId")),
        public=database.get("PubliclyAccessible"),
        zones=tuple(sorted(map(str, zones))) or None,
        multi_zone=database.get("MultiAZ"),
        deletion_protected=database.get("DeletionProtection"),
        part_of=cluster or primary or None,
        **labels(region.source, plain(database.get("TagList"))),
    )


def _table_names(source: AwsSource) -> list[str]:
    return [table["value"] for table in source.list("dynamodb", "ListTables", "TableNames")]


def _tables(region: Region, names: list[str], tags: dict[str, Tagged]) -> Iterator[Resource]:
    source, rows = region.source, 0
    for name, table in source.each(names, lambda one: source.look("dynamodb", "DescribeTable", "Table", TableName=one)):
        arn = f"arn:{partition(source)}:dynamodb:{source.place}:{source.account}:table/{name}"
        rows += 1
        yield Resource(
            key=arn,
            seen=[table, *tags[source.place].seen(arn)],
            resource_id=arn,
            type="table",
            encrypted=table.tell(lambda _: True),
            key_control=table.tell(lambda answer: table_key(answer["Table"], region.aliases)),
            multi_zone=table.tell(lambda _: True),
            deletion_protected=table.tell(lambda answer: answer["Table"].get("DeletionProtectionEnabled")),
            **labels(source, tags[source.place].tags(arn)),
        )
    source.total("tables listed = tables described", expected=len(names), found=rows)


def table_key(table: dict[str, Any], aliases: Aliases) -> str | None:
    """Who controls a table's key; a table that names none is under a key of DynamoDB's."""
    description = table.get("SSEDescription") or {}
    return aliases.control(description["KMSMasterKeyArn"]) if description.get("KMSMasterKeyArn") else "provider"


def _file_systems(region: Region) -> Iterator[Resource]:
    for system in region.source.list("efs", "DescribeFileSystems", "FileSystems"):
        yield Resource(
            key=system["FileSystemArn"],
            seen=[system, *_proof(region, system.get("KmsKeyId"))],
            resource_id=system["FileSystemArn"],
            type="file_system",
            encrypted=system.get("Encrypted"),
            key_control=region.aliases.control(system.get("KmsKeyId")),
            zones=(system["AvailabilityZoneName"],) if system.get("AvailabilityZoneName") else None,
            multi_zone=not system.get("AvailabilityZoneName"),
            **labels(region.source, plain(system.get("Tags"))),
        )


def _proof(region: Region, key: str | None) -> list[Answer]:
    """The alias that shows a key to be AWS's own."""
    own = region.aliases.answers or {}
    name = (key or "").rpartition("/")[2]
    return [own[name]] if name in own else []


_REGIONAL: tuple[Callable[[Region], Iterator[Resource | Setting]], ...] = (
    _default,
    _volumes,
    _instances,
    _clusters,
    _file_systems,
)
