"""The policies around a bucket archive: what nobody may do in the bucket, and all that the collector needs to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.places import Bucket

_OBJECT_ACTIONS = (
    "s3:PutObject",
    "s3:PutObjectRetention",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectRetention",
)
_LIST_ACTIONS = ("s3:ListBucket", "s3:ListBucketVersions")
_BUCKET_ACTIONS = (
    "s3:GetBucketVersioning",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
)


def needed(bucket: Bucket) -> list[dict[str, Any]]:
    """What the collector's identity must be allowed: to put and read under its prefix, list it, and see the locks."""
    listing: dict[str, Any] = {
        "Sid": "ListEvidence",
        "Effect": "Allow",
        "Action": [*_LIST_ACTIONS],
        "Resource": [_whole(bucket)],
    }
    if bucket.prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": f"{bucket.prefix}*"}}
    return [
        {"Sid": "KeepEvidence", "Effect": "Allow", "Action": [*_OBJECT_ACTIONS], "Resource": [_objects(bucket)]},
        listing,
        {"Sid": "SeeTheLock", "Effect": "Allow", "Action": [*_BUCKET_ACTIONS], "Resource": [_whole(bucket)]},
    ]


def watching(bucket: Bucket) -> list[dict[str, Any]]:
    """What lets the collector tell who can write or delete in the bucket, and which logs are kept of that.

    Nothing of what is in these logs. Whoever withholds a part reads in its place that it could not be told.
    """
    trails = ["cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"]
    lists = ["s3:GetBucketAcl", "s3:GetBucketOwnershipControls", "s3:GetEncryptionConfiguration"]
    return [
        {"Sid": "SeeTheAccessLogs", "Effect": "Allow", "Action": ["s3:GetBucketLogging"], "Resource": [_whole(bucket)]},
        {"Sid": "SeeTheTrails", "Effect": "Allow", "Action": trails, "Resource": ["*"]},
        {"Sid": "SeeWhoMay", "Effect": "Allow", "Action": lists, "Resource": [_whole(bucket)]},
        {
            "Sid": "SeeTheIdentities",
            "Effect": "Allow",
            "Action": ["iam:GetAccountAuthorizationDetails"],
            "Resource": ["*"],
        },
    ]


def denials(bucket: Bucket, retain_days: int) -> list[dict[str, Any]]:
    """What nobody may do: remove, put without a condition, lock for less, or change what the lock stands on.

    A COMPLIANCE lock cannot be shortened in any case; the third denial keeps objects from being put with too short a
    one. A plain deletion removes nothing, but it hides: the first denial is what forbids it.
    """
    objects, whole = [_objects(bucket)], [_whole(bucket)]
    return [
        _denied("NoDeletion", ["s3:DeleteObject", "s3:DeleteObjectVersion"], objects),
        _denied("NoPutOverAnything", ["s3:PutObject"], objects, {"Null": {"s3:if-none-match": "true"}}),
        _denied(
            "NoShorterLock",
            ["s3:PutObject", "s3:PutObjectRetention"],
            objects,
            {"NumericLessThan": {"s3:object-lock-remaining-retention-days": str(retain_days)}},
        ),
        _denied(
            "NoChangeOfTheLock",
            [
                "s3:PutBucketVersioning",
                "s3:PutBucketObjectLockConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:PutReplicationConfiguration",
            ],
            whole,
        ),
    ]


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Statements as a policy."""
    return {"Version": "2012-10-17", "Statement": statements}


def lacking(policy: str | None, wanted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The denials that a bucket's policy does not have, at least as wide."""
    present = [] if policy is None else json.loads(policy).get("Statement", [])
    present = [present] if isinstance(present, dict) else present
    return [one for one in wanted if not any(_covers(statement, one) for statement in present)]


def _covers(statement: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and {*wanted["Action"]} <= {*_listed(statement.get("Action"))}
        and {*wanted["Resource"]} <= {*_listed(statement.get("Resource"))}
        and statement.get("Condition") == wanted.get("Condition")
    )


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _denied(
    sid: str, actions: list[str], resources: list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


def _objects(bucket: Bucket) -> str:
    return f"arn:aws:s3:::{bucket.name}/{bucket.prefix}*"


def _whole(bucket: Bucket) -> str:
    return f"arn:aws:s3:::{bucket.name}"
