"""What was in the account before the year began: trail, detectors, recorders, buckets, a table with its backup plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.trails import BLOCK_ALL
from tests.doubles.aws.supplement.iam import CREDENTIALS
from tests.doubles.year.almanac import REGIONS

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.process import AwsDouble

HOME, _OTHER = REGIONS
VAULT, TABLE = "nw-vault", "orders"
_LOGS = "nw-audit-logs"
_BUCKETS = (("nw-assets", HOME), ("nw-exports", HOME), ("nw-reports", _OTHER))
_TAGS = [{"Key": "Environment", "Value": "production"}]
_RULES = {
    "MinimumPasswordLength": 14,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "PasswordReusePrevention": 24,
}


def lay(account: Account, double: AwsDouble) -> None:
    """All of it."""
    account.client("iam").update_account_password_policy(**_RULES)
    double.control("POST", "moto", [_root_factor(account.id)])
    double.add_seeded(CREDENTIALS, account.id, "", [root_row()])
    key = _key(account)
    for name, region in _BUCKETS:
        _bucket(account, name, region)
    _trail(account, key)
    for region in REGIONS:
        account.client("guardduty", region).create_detector(Enable=True)
        _recorder(account, double, region)
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/nw/shop")
    logs.put_retention_policy(logGroupName="/nw/shop", retentionInDays=400)
    _backups(account)


def root_row() -> dict[str, str]:
    """The root user's row of the credential report, where it is not as moto has it."""
    return {"user": "<root_account>", "mfa_active": "true"}


def table_arn(account: str) -> str:
    """The table that is backed up every night."""
    return f"arn:aws:dynamodb:{HOME}:{account}:table/{TABLE}"


def _root_factor(account: str) -> dict[str, Any]:
    path = ["account_summary", "_account_mfa_enabled"]
    return {"service": "iam", "account": account, "region": "aws", "path": path, "value": 1}


def _key(account: Account) -> str:
    kms = account.client("kms")
    made = kms.create_key(Description="audit logs", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    kms.enable_key_rotation(KeyId=made["KeyId"])
    return str(made["Arn"])


def _bucket(account: Account, name: str, region: str, **more: Any) -> Any:
    s3 = account.client("s3", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **place, **more)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _TAGS})
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=BLOCK_ALL)
    return s3


def _trail(account: Account, key: str) -> None:
    s3 = _bucket(account, _LOGS, HOME, ObjectLockEnabledForBucket=True)
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}}
    s3.put_object_lock_configuration(
        Bucket=_LOGS, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{_LOGS}/*",
    }
    s3.put_bucket_policy(Bucket=_LOGS, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    trail = account.client("cloudtrail")
    trail.create_trail(
        Name="all", S3BucketName=_LOGS, IsMultiRegionTrail=True, EnableLogFileValidation=True, KmsKeyId=key
    )
    trail.start_logging(Name="all")


def _recorder(account: Account, double: AwsDouble, region: str) -> None:
    config = account.client("config", region)
    role = f"arn:aws:iam::{account.id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    what = {"allSupported": True, "includeGlobalResourceTypes": region == HOME}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": what}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": _LOGS})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    # moto leaves it for ever at PENDING, which is not even a word of the API.
    status = {"path": ["recorders", "default", "status", "last_status"], "value": "Success"}
    double.control("POST", "moto", [{"service": "config", "account": account.id, "region": region, **status}])


def _backups(account: Account) -> None:
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_TAGS,
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
    )
    backup = account.client("backup")
    # The library makes up a word for the request where none is given, and AWS tells it for ever.
    backup.create_backup_vault(BackupVaultName=VAULT, CreatorRequestId=VAULT)
    rule = {
        "RuleName": "nightly-rule",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 180,
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    # boto3 would make up a token against repetition, and AWS shows it for ever after.
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]}, CreatorRequestId="year")
    role = f"arn:aws:iam::{account.id}:role/service-role/AWSBackupDefaultServiceRole"
    chosen = {"SelectionName": "tables", "IamRoleArn": role, "Resources": [table_arn(account.id)]}
    backup.create_backup_selection(BackupPlanId=made["BackupPlanId"], BackupSelection=chosen)
