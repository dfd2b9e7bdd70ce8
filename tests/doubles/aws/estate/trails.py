"""Audit trails: the organisation's into a locked bucket, and one of production's own that was stopped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, GLOBAL

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

LOG_BUCKET = "nw-org-audit-logs"


def seed_trails(ground: Ground) -> None:
    """The log bucket, its key, and both trails."""
    account = ground.management
    key = account.client("kms").create_key(KeyUsage="ENCRYPT_DECRYPT", Description="audit logs")
    arn = key["KeyMetadata"]["Arn"]
    account.client("kms").enable_key_rotation(KeyId=arn)
    ground.manifest.count(account.id, EU, "kms.customer_keys")
    _log_bucket(ground, arn)
    trail = account.client("cloudtrail")
    trail.create_trail(
        Name="org-trail",
        S3BucketName=LOG_BUCKET,
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=arn,
    )
    trail.start_logging(Name="org-trail")
    ground.manifest.count(account.id, EU, "cloudtrail.trails")
    _stopped_trail(ground)


def _log_bucket(ground: Ground, key: str) -> None:
    s3, account = ground.management.client("s3"), ground.management.id
    s3.create_bucket(
        Bucket=LOG_BUCKET,
        CreateBucketConfiguration={"LocationConstraint": EU},
        ObjectLockEnabledForBucket=True,
    )
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    s3.put_object_lock_configuration(
        Bucket=LOG_BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
    )
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=LOG_BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}]
        },
    )
    expiry = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 800}}
    s3.put_bucket_lifecycle_configuration(Bucket=LOG_BUCKET, LifecycleConfiguration={"Rules": [expiry]})
    s3.put_public_access_block(Bucket=LOG_BUCKET, PublicAccessBlockConfiguration=BLOCK_ALL)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{LOG_BUCKET}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=LOG_BUCKET, Policy=policy)
    ground.manifest.count(account, GLOBAL, "s3.buckets")
    ground.manifest.facts["log_bucket"] = LOG_BUCKET


def _stopped_trail(ground: Ground) -> None:
    bucket, account = "nw-prod-own-trail", ground.prod
    account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": EU})
    ground.manifest.count(account.id, GLOBAL, "s3.buckets")
    trail = account.client("cloudtrail")
    trail.create_trail(Name="prod-own", S3BucketName=bucket)
    trail.start_logging(Name="prod-own")
    trail.stop_logging(Name="prod-own")
    ground.manifest.count(account.id, EU, "cloudtrail.trails")
    ground.manifest.deviates("LOG-01", account.id, EU, "prod-own", "trail is stopped")
    ground.manifest.deviates("LOG-02", account.id, GLOBAL, bucket, "log bucket without versioning or lock")


BLOCK_ALL = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
