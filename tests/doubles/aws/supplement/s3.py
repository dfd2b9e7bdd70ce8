"""S3: pages of buckets with their regions, and the default encryption that every real bucket has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends

from tests.doubles.aws.paging import offset_in, token_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_MOST = 10_000


def list_buckets(asked: Asked) -> Mapping[str, Any]:
    """The account's buckets by name; in pages, and with a region each, when MaxBuckets is given, as at AWS."""
    prefix, region = asked.input.get("Prefix") or "", asked.input.get("BucketRegion")
    paged = any(name in asked.input for name in ("MaxBuckets", "ContinuationToken", "Prefix", "BucketRegion"))
    buckets = [
        {"Name": bucket.name, "CreationDate": bucket.creation_date}
        | {"BucketArn": bucket.arn}
        | ({"BucketRegion": bucket.region_name} if paged else {})
        for bucket in sorted(_buckets(asked.call.account), key=lambda bucket: str(bucket.name))
        if bucket.name.startswith(prefix) and region in {None, bucket.region_name}
    ]
    start = offset_in(asked.input.get("ContinuationToken"))
    size = int(asked.input.get("MaxBuckets") or _MOST)
    more = {"ContinuationToken": token_at(start + size)} if start + size < len(buckets) else {}
    return {
        "Buckets": buckets[start : start + size],
        "Owner": {"ID": asked.call.account.rjust(64, "0")},
        **({"Prefix": prefix} if prefix else {}),
        **more,
    }


def get_bucket_encryption(asked: Asked) -> Mapping[str, Any] | Answer:
    """A bucket's encryption; since 2023 one without a setting of its own has SSE-S3."""
    name = asked.input["Bucket"]
    bucket = next((item for item in _buckets(asked.call.account) if item.name == name), None)
    if bucket is None or bucket.encryption:
        return asked.ask_moto()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _buckets(account: str) -> list[Any]:
    return list(s3_backends[account]["aws"].buckets.values())
