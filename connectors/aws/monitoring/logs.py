"""CloudWatch Logs: what is kept, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import LogStore
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_DELIVERY_KEEPS_DAYS = 1


@aws.evidence("aws.logs.retention", yields=LogStore, needs=["logs:DescribeLogGroups"], per=Per.PLACE)
def log_groups(source: AwsSource) -> Iterator[LogStore]:
    """CloudWatch log groups and how long they keep.

    Population: every log group of every class that CloudWatch Logs lists, in each enabled region; one row each.

    A group without a retention setting never expires: AWS documents that meaning, so `keeps_forever` is true. Groups of
    the DELIVERY class only pass logs on and keep them for a day, whatever they say. `encrypted` is always true, since
    CloudWatch Logs encrypts every group; whose key it uses is in the raw answer (kmsKeyId).

    Complete when the last page was read in every enabled region. Groups of other accounts that are linked to this one
    for monitoring are not asked for: each account tells its own.
    """
    for group in source.list("logs", "DescribeLogGroups", "logGroups"):
        days = kept_days(group)
        arn = group_arn(group)
        yield LogStore(
            key=arn,
            seen=[group],
            store=arn,
            kind="log_group",
            retention_days=days,
            keeps_forever=days is None,
            encrypted=True,
        )


def group_arn(group: Answer) -> str:
    """A group's ARN, without the ending by which AWS means its streams."""
    return str(group.get("logGroupArn") or group["arn"].removesuffix(":*"))


def kept_days(group: Answer) -> int | None:
    """For how many days a group keeps; None when for ever."""
    return _DELIVERY_KEEPS_DAYS if group.get("logGroupClass") == "DELIVERY" else group.get("retentionInDays")
