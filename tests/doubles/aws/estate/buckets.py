"""S3: buckets in three regions, some public on purpose, some by accident; and the accounts' own blocks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, GLOBAL, IRELAND, REGIONS, US
from tests.doubles.aws.estate.trails import BLOCK_ALL

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket and how it is set."""

    name: str
    region: str = EU
    tags: tuple[tuple[str, str], ...] = (("Environment", "production"),)
    blocked: bool = True
    public_policy: bool = False
    public_acl: bool = False
    encryption: str = ""
    versioned: bool = False
    why_deviating: str = ""


_PRODUCTION, _DEVELOPMENT = ("Environment", "production"), ("Environment", "dev")
_CONFIDENTIAL = ("DataClass", "confidential")
_PROD = (
    Bucket("nw-prod-orders", tags=(_PRODUCTION, _CONFIDENTIAL), encryption="aws:kms", versioned=True),
    Bucket("nw-prod-assets", encryption="AES256", versioned=True),
    Bucket("nw-prod-website", blocked=False, public_policy=True, why_deviating="public by policy"),
    Bucket("nw-prod-exports", IRELAND, blocked=False, public_acl=True, why_deviating="public by ACL"),
    Bucket("nw-prod-shielded", US, public_policy=True),
    Bucket("nw-dev-scratch", US, tags=(_DEVELOPMENT,), blocked=False),
)
_DATA = (
    Bucket("nw-data-lake", tags=(_PRODUCTION, _CONFIDENTIAL), encryption="aws:kms", versioned=True),
    Bucket("nw-data-reports", IRELAND, encryption="AES256"),
)
_TRAIL_BUCKETS = 2


def seed_buckets(ground: Ground) -> None:
    """The story's buckets; the rest, healthy, over both members and all regions. The data account is blocked."""
    for account, buckets in ((ground.prod, _PROD), (ground.data, _DATA)):
        for bucket in buckets:
            _make(ground, account, bucket)
    for number in range(max(0, ground.size.buckets - len(_PROD) - len(_DATA) - _TRAIL_BUCKETS)):
        account = (ground.prod, ground.data)[number % 2]
        _make(ground, account, Bucket(f"nw-store-{number:04}", REGIONS[number % len(REGIONS)]))
    ground.data.client("s3control").put_public_access_block(
        AccountId=ground.data.id, PublicAccessBlockConfiguration=BLOCK_ALL
    )


def _make(ground: Ground, account: Account, bucket: Bucket) -> None:
    s3 = account.client("s3", bucket.region)
    place = {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
    s3.create_bucket(Bucket=bucket.name, **(place if bucket.region != US else {}))
    tags = [{"Key": key, "Value": value} for key, value in bucket.tags]
    s3.put_bucket_tagging(Bucket=bucket.name, Tagging={"TagSet": tags})
    if bucket.public_policy:
        s3.put_bucket_policy(Bucket=bucket.name, Policy=_readable_by_all(bucket.name))
    if bucket.public_acl:
        s3.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    if bucket.blocked:
        s3.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=BLOCK_ALL)
    if bucket.versioned:
        s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    if bucket.encryption:
        _encrypt(s3, bucket)
    ground.manifest.count(account.id, GLOBAL, "s3.buckets")
    if bucket.why_deviating:
        ground.manifest.deviates("IAM-15", account.id, bucket.region, bucket.name, bucket.why_deviating)


def _encrypt(s3: Any, bucket: Bucket) -> None:
    default = {"SSEAlgorithm": bucket.encryption}
    if bucket.encryption == "aws:kms":
        default["KMSMasterKeyID"] = "alias/nw-data"
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket.name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _readable_by_all(bucket: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    statement |= {"Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
