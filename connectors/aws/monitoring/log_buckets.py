"""S3: how the buckets that hold audit logs are protected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import LogStore
from connectors.aws import aws
from connectors.aws.data.buckets import account_block, bucket_block, listed, region_of, shut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_DAYS_OF_A_YEAR = 365


class Writer(NamedTuple):
    """A service that writes logs to buckets: the kind of log, how to ask for its settings, and where they name it."""

    kind: str
    field: str
    ask: Callable[[AwsSource], Iterator[Answer]]


_WRITERS = (
    Writer(
        "audit_trail",
        "S3BucketName",
        lambda there: there.list("cloudtrail", "DescribeTrails", "trailList", includeShadowTrails=True),
    ),
    Writer(
        "configuration_history",
        "s3BucketName",
        lambda there: there.list("config", "DescribeDeliveryChannels", "DeliveryChannels"),
    ),
)


class Protection(NamedTuple):
    """What was read of one bucket."""

    block: Answer
    versioning: Answer
    lock: Answer
    lifecycle: Answer
    encryption: Answer


class Retention(NamedTuple):
    """How long a bucket keeps what is put into it."""

    days: int | None = None
    for_ever: bool | None = None


@aws.evidence(
    "aws.s3.log_bucket_protection",
    yields=LogStore,
    needs=[
        "ec2:DescribeRegions",
        "cloudtrail:DescribeTrails",
        "config:DescribeDeliveryChannels",
        "s3:ListBuckets",
        "s3control:GetPublicAccessBlock",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetObjectLockConfiguration",
        "s3:GetBucketLifecycleConfiguration",
        "s3:GetBucketEncryption",
    ],
)
def log_bucket_protection(source: AwsSource) -> Iterator[LogStore]:
    """Buckets that hold audit logs, and how they are protected.

    Population: every bucket of this account that a CloudTrail trail (kind `audit_trail`) or otherwise an AWS Config
    delivery channel (kind `configuration_history`) seen from this account writes to, in any enabled region; trails of
    the organisation are seen from every member. A bucket that belongs to another account cannot be read from here: it
    has its row in the account that owns it, and counts as "elsewhere" in this one's total. So a destination without a
    row in any account is one that nobody could judge; rules must join trails to stores and say so.

    `immutable` means object lock in COMPLIANCE mode by default: GOVERNANCE can be lifted by whoever has the permission.
    `retention_days` is the soonest that an enabled lifecycle rule lets any object expire, but not before a COMPLIANCE
    lock ends; `keeps_forever` says that no rule expires anything. `public_blocked` counts the account's and the
    bucket's blocks together.

    Complete when trails and channels of every enabled region were read, and the buckets they name are as many as those
    here and elsewhere. Not looked into: who may delete by policy, access logs and flow logs, copies in other buckets.
    """
    named = _named(source)
    here = {bucket["Name"]: bucket for bucket in listed(source) if bucket["Name"] in named}
    account, rows = account_block(source), 0
    for bucket, found in source.each(here.values(), lambda one: _protection(source, one)):
        rows += 1
        kind, naming = named[bucket["Name"]]
        retention = keeps(found.lifecycle, _locked_days(found.lock))
        yield LogStore(
            key=bucket["Name"],
            seen=[bucket, account, *naming, *found],
            store=bucket["Name"],
            kind=kind,
            retention_days=retention.days,
            keeps_forever=retention.for_ever,
            versioned=found.versioning.tell(lambda one: one.get("Status") == "Enabled"),
            immutable=found.lock.tell(lambda one: _locked_days(one) is not None),
            encrypted=found.encryption.tell(lambda one: not one.absent),
            public_blocked=shut(account, found.block),
        )
    elsewhere = len(named.keys() - here.keys())
    source.total("log buckets named = read here + owned elsewhere", expected=len(named), found=rows + elsewhere)


def _named(source: AwsSource) -> dict[str, tuple[str, list[Answer]]]:
    """The buckets that logs are written to: the kind of log, and the answers that say so. Trails come first."""
    named: dict[str, tuple[str, list[Answer]]] = {}
    places = [(writer, source.at(region)) for writer in _WRITERS for region in source.regions]
    for (writer, _), answers in source.each(places, lambda pair: list(pair[0].ask(pair[1]))):
        for answer in answers:
            if name := answer.get(writer.field):
                named.setdefault(name, (writer.kind, []))[1].append(answer)
    return named


def _protection(source: AwsSource, bucket: Answer) -> Protection:
    there, name = source.at(region_of(source, bucket)), bucket["Name"]
    return Protection(
        block=bucket_block(source, bucket),
        versioning=there.look("s3", "GetBucketVersioning", None, Bucket=name),
        lock=there.look(
            "s3",
            "GetObjectLockConfiguration",
            "ObjectLockConfiguration",
            absent=("ObjectLockConfigurationNotFoundError",),
            Bucket=name,
        ),
        lifecycle=there.look(
            "s3", "GetBucketLifecycleConfiguration", "Rules", absent=("NoSuchLifecycleConfiguration",), Bucket=name
        ),
        encryption=there.look(
            "s3",
            "GetBucketEncryption",
            "ServerSideEncryptionConfiguration",
            absent=("ServerSideEncryptionConfigurationNotFoundError",),
            Bucket=name,
        ),
    )


def _locked_days(lock: Answer) -> int | None:
    """For how many days nobody at all can change or delete an object; None when somebody can."""
    configuration = lock.get("ObjectLockConfiguration") or {}
    default = (configuration.get("Rule") or {}).get("DefaultRetention") or {}
    if configuration.get("ObjectLockEnabled") != "Enabled" or default.get("Mode") != "COMPLIANCE":
        return None
    return default.get("Days") or default.get("Years", 0) * _DAYS_OF_A_YEAR or None


def keeps(lifecycle: Answer, locked_days: int | None) -> Retention:
    """How long objects stay, by the lifecycle rules in force and a lock that outlasts them."""
    if not lifecycle.seen:
        return Retention()
    expiries = [
        expiry
        for rule in lifecycle.get("Rules", ())
        if rule.get("Status") == "Enabled" and _ends(expiry := rule.get("Expiration") or {})
    ]
    if not expiries:
        return Retention(for_ever=True)
    days: list[Any] = [expiry.get("Days") for expiry in expiries]
    # A rule that expires everything on a date keeps nothing for any number of days.
    return Retention(None if None in days else max(min(days), locked_days or 0), for_ever=False)


def _ends(expiry: dict[str, Any]) -> bool:
    """Whether an expiration removes objects, and not only the marks that deleted ones leave."""
    return "Days" in expiry or "Date" in expiry
