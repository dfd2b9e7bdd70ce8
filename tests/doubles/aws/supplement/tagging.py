"""The tagging interface: a bucket is shown in its own region alone, where moto shows it in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

_BUCKET = "arn:aws:s3:::"


def get_resources(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's page without the buckets of other regions."""
    result = asked.moto_result()
    if not isinstance(result, dict):
        return result
    buckets = s3_backends[asked.call.account]["aws"].buckets
    here = [
        one
        for one in result["ResourceTagMappingList"]
        if _region(one["ResourceARN"], buckets) in {"", asked.call.region}
    ]
    return {**result, "ResourceTagMappingList": here}


def _region(arn: str, buckets: Mapping[str, Any]) -> str:
    """The region of a bucket; nothing for anything else."""
    bucket = buckets.get(arn.removeprefix(_BUCKET)) if arn.startswith(_BUCKET) else None
    return str(bucket.region_name) if bucket else ""
