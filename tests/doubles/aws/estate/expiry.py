"""What expires by itself: rules of buckets that say little alone, and a table whose items go at their own time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND, US

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_LAST_DAY = datetime(2031, 1, 1, tzinfo=UTC)
_RULES: tuple[tuple[str, str, list[dict[str, Any]]], ...] = (
    (
        "nw-prod-orders",
        EU,
        [
            {
                "ID": "orders",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"Days": 365},
                "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
            },
            {
                "ID": "marks",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ],
    ),
    (
        "nw-dev-scratch",
        US,
        [
            {
                "ID": "thumbnails",
                "Status": "Enabled",
                "Filter": {"And": {"Prefix": "tmp/", "Tags": [{"Key": "Kind", "Value": "thumbnail"}]}},
                "Expiration": {"Days": 14},
            },
            {"ID": "sweep", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}},
            {"ID": "project", "Status": "Enabled", "Prefix": "old/", "Expiration": {"Date": _LAST_DAY}},
        ],
    ),
    (
        "nw-prod-exports",
        IRELAND,
        [
            {
                "ID": "cold",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
            }
        ],
    ),
)
TIME_TO_LIVE = "expires_at"


def seed_expiry(ground: Ground) -> None:
    """In production: versions, a narrowed, a disabled and a dated rule, one that only moves, and a time to live."""
    for bucket, region, rules in _RULES:
        s3 = ground.prod.client("s3", region)
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    ground.prod.client("dynamodb", EU).update_time_to_live(
        TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": TIME_TO_LIVE}
    )
