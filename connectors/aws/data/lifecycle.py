"""What expires by itself, and what is kept for ever: buckets, tables, log groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.answer import UNSEEN
from collector.records import RetentionRule
from connectors.aws import aws
from connectors.aws.data.bucket_rules import Deed, deeds, ends
from connectors.aws.data.buckets import listed, partition, region_of
from connectors.aws.monitoring.logs import group_arn, kept_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_TTL: dict[str | None, dict[str, Any]] = {
    "ENABLED": {"action": "delete", "keeps_forever": False, "enabled": True},
    "DISABLED": {"action": "none", "keeps_forever": True, "enabled": False},
}
"""While AWS is switching it on or off, it may be either."""


class Table(NamedTuple):
    """A table, where it is, and the item of the list that names it."""

    region: str
    listed: Answer


class Expiry(NamedTuple):
    """What was read of one bucket; of its versions only where they settle what a rule does."""

    lifecycle: Answer
    versioning: Answer = UNSEEN


@aws.evidence(
    "aws.data.lifecycle",
    yields=RetentionRule,
    needs=[
        "ec2:DescribeRegions",
        "s3:ListBuckets",
        "s3:GetBucketLifecycleConfiguration",
        "s3:GetBucketVersioning",
        "dynamodb:ListTables",
        "dynamodb:DescribeTimeToLive",
        "logs:DescribeLogGroups",
    ],
)
def lifecycle(source: AwsSource) -> Iterator[RetentionRule]:
    """Automatic expiry rules.

    Population: every general purpose S3 bucket, and in all enabled regions every DynamoDB table and every CloudWatch
    log group; at least one row each, also of one that has no rule. `store` is its name or ARN, as in the evidence of
    encryption and of log retention.

    A bucket has a row for each thing that each of its rules does, enabled or not: `covers` says to which part of the
    bucket and `condition` what narrows it further, so a rule speaks for a whole part only where `condition` is null.
    `after_days` counts from when an object was made, a version was superseded or an upload was begun; a rule that
    names a day has `from_day`. `delete` removes. `mark_deleted` is expiry in a bucket that keeps versions: the object
    is hidden and its version stays, until a rule for noncurrent versions takes it. `transition` only moves to another
    class of storage. A bucket in which no enabled rule lets objects expire has a row `none` besides: they stay for
    ever.

    A table has one row: items are deleted at the time that stands in an attribute of theirs, which `condition` names.
    There is no number of days, and an item without that attribute stays. A log group has one row, and without a
    retention setting it keeps for ever.

    Complete when the last page of every list was read in every enabled region, and buckets and tables accounted for
    are as many as listed. One whose rules cannot be read stays, with nulls and a gap. What a rule has not got round to
    yet, and what a lock or a legal hold keeps in spite of it, is not looked into. Not included: snapshots and backups,
    file systems, databases, queues, directory and table buckets.
    """
    yield from _buckets(source)
    yield from _tables(source)
    for _, groups in source.each(source.regions, lambda one: list(_log_groups(source.at(one)))):
        yield from groups


def _buckets(source: AwsSource) -> Iterator[RetentionRule]:
    accounted = 0
    for _, buckets in source.each([source], lambda one: list(listed(one))):
        for bucket, found in source.each(buckets, lambda one: _expiry(source, one)):
            accounted += 1
            yield from _of_bucket(bucket, found)
        source.total("buckets listed = buckets accounted for", expected=len(buckets), found=accounted)


def _expiry(source: AwsSource, bucket: Answer) -> Expiry:
    there, name = source.at(region_of(source, bucket)), bucket["Name"]
    rules = there.look(
        "s3", "GetBucketLifecycleConfiguration", "Rules", absent=("NoSuchLifecycleConfiguration",), Bucket=name
    )
    if any(ends(rule) or rule.get("Transitions") for rule in rules.get("Rules", ())):
        return Expiry(rules, there.look("s3", "GetBucketVersioning", None, Bucket=name))
    return Expiry(rules)


def _of_bucket(bucket: Answer, found: Expiry) -> Iterator[RetentionRule]:
    name, configuration = bucket["Name"], found.lifecycle
    if not configuration.seen:
        yield RetentionRule(key=f"bucket {name}", seen=[bucket], rule="lifecycle configuration", store=name)
        return
    settled = False
    for number, rule in enumerate([] if configuration.absent else configuration.parts("Rules"), start=1):
        called, enabled = rule.get("ID") or f"rule {number}", _enabled(rule)
        for deed in deeds(rule, found.versioning):
            settled = settled or (enabled is not False and (ends(rule) or deed.action is None))
            yield _row(bucket, [rule, found.versioning], called, deed, enabled=enabled)
    if not settled:
        yield RetentionRule(
            key=f"bucket {name}",
            seen=[bucket, configuration],
            rule="lifecycle configuration",
            store=name,
            action="none",
            keeps_forever=True,
            enabled=False,
            covers="objects",
        )


def _row(bucket: Answer, seen: list[Answer], called: str, deed: Deed, *, enabled: bool | None) -> RetentionRule:
    return RetentionRule(
        key=f"bucket {bucket['Name']} {called}: {deed.name}",
        seen=[bucket, *seen],
        rule=called,
        store=bucket["Name"],
        enabled=enabled,
        action=deed.action,
        after_days=deed.after_days,
        keeps_forever=deed.keeps_forever,
        covers=deed.covers,
        condition=deed.condition,
        from_day=deed.from_day,
    )


def _enabled(rule: Answer) -> bool | None:
    return {"Enabled": True, "Disabled": False}.get(rule.get("Status") or "")


def _tables(source: AwsSource) -> Iterator[RetentionRule]:
    listing = source.each(source.regions, lambda one: list(source.at(one).list("dynamodb", "ListTables", "TableNames")))
    tables = [Table(region, name) for region, names in listing for name in names]
    accounted = 0
    for table, found in source.each(tables, lambda one: _time_to_live(source, one)):
        name = table.listed["value"]
        arn = f"arn:{partition(source)}:dynamodb:{table.region}:{source.account}:table/{name}"
        description = found.get("TimeToLiveDescription") or {}
        attribute = description.get("AttributeName")
        accounted += 1
        yield RetentionRule(
            key=arn,
            seen=[table.listed, found],
            rule="time to live",
            store=arn,
            covers=found.tell(lambda _: "items"),
            condition=f"at the time in attribute {attribute}" if attribute else None,
            **_TTL.get(description.get("TimeToLiveStatus"), {}),
        )
    source.total("tables listed = tables accounted for", expected=len(tables), found=accounted)


def _time_to_live(source: AwsSource, table: Table) -> Answer:
    name = table.listed["value"]
    return source.at(table.region).look("dynamodb", "DescribeTimeToLive", "TimeToLiveDescription", TableName=name)


def _log_groups(source: AwsSource) -> Iterator[RetentionRule]:
    for group in source.list("logs", "DescribeLogGroups", "logGroups"):
        days, arn = kept_days(group), group_arn(group)
        yield RetentionRule(
            key=arn,
            seen=[group],
            rule="retention setting",
            store=arn,
            action="none" if days is None else "delete",
            after_days=days,
            keeps_forever=days is None,
            enabled=days is not None,
            covers="events",
        )
