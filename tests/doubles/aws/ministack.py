"""ministack as a second opinion: a connector that fits moto alone is caught by running it here as well.

It keeps its own CloudTrail history (of the calls made to it) and its own backup jobs, which moto has not;
it has no IAM Identity Center, GuardDuty, RAM or account creation. Its dates are always now; its event
names are right for JSON services alone ("POST.iam" elsewhere); it cuts LookupEvents and ListBuckets short
without a token, and leaves the dates out of account when it filters backup jobs.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.clients import HOME_REGION, Account

if TYPE_CHECKING:
    from collections.abc import Iterator

# A twelve-digit access key is the account, for ministack.
ACCOUNT = "111122223333"
_START_SECONDS = 30
_STOP_SECONDS = 5


class MinistackDouble:
    """A running ministack."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead any plain boto3 here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3_CONTROL": self.endpoint.replace("//", "//double@"),
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "loopback-only",
            "AWS_DEFAULT_REGION": HOME_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def seed(self) -> dict[str, Any]:
        """Users, a trail, a bucket, a table, keys, and backup jobs; returns how many of each."""
        account = Account.management(self.endpoint, ACCOUNT)
        _seed_identity(account)
        _seed_storage(account)
        _seed_backups(account)
        return {
            "account": account.id,
            "iam.users": 2,
            "iam.access_keys": 1,
            "s3.buckets": 2,
            "cloudtrail.trails": 1,
            "dynamodb.tables": 1,
            "kms.keys": 1,
            "backup.jobs": 3,
        }

    def reset(self) -> None:
        """Empty it."""
        _open(f"{self.endpoint}/_ministack/reset", "POST")


@contextlib.contextmanager
def running_ministack() -> Iterator[MinistackDouble]:
    """Start a ministack on loopback, wait until it is well, and end it on leaving."""
    port = _free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="ministack-") as folder:
        own = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "CLOUDTRAIL_RECORDING": "1",
            # Both would listen on fixed ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "S3_DATA_DIR": folder,
            "TMPDIR": folder,
        }
        with (Path(folder) / "log").open("wb") as log:
            # The command is this interpreter and a constant.
            process = subprocess.Popen(
                [sys.executable, "-m", "ministack"], env={**os.environ, **own}, cwd=folder, stdout=log, stderr=log
            )
            with process:
                try:
                    _wait(process, endpoint, Path(folder) / "log")
                    yield MinistackDouble(endpoint)
                finally:
                    process.terminate()
                    try:
                        process.wait(_STOP_SECONDS)
                    except subprocess.TimeoutExpired:
                        process.kill()


def _seed_identity(account: Account) -> None:
    iam = account.client("iam")
    for name in ("anna.keller", "ben.ortiz"):
        iam.create_user(UserName=name)
        iam.create_login_profile(UserName=name, Password="Loopback-0nly-!")  # noqa: S106  # nothing checks it
    iam.create_access_key(UserName="anna.keller")
    iam.attach_user_policy(UserName="ben.ortiz", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.update_account_password_policy(MinimumPasswordLength=14)


def _seed_storage(account: Account) -> None:
    s3, place = account.client("s3"), {"LocationConstraint": HOME_REGION}
    for name in ("nw-logs", "nw-assets"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    trail = account.client("cloudtrail")
    trail.create_trail(Name="own-trail", S3BucketName="nw-logs", IsMultiRegionTrail=True)
    trail.start_logging(Name="own-trail")
    account.client("kms").create_key(Description="data")
    account.client("dynamodb").create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _seed_backups(account: Account) -> None:
    backup = account.client("backup")
    table = f"arn:aws:dynamodb:{HOME_REGION}:{account.id}:table/sessions"
    role = f"arn:aws:iam::{account.id}:role/backup"
    backup.create_backup_vault(BackupVaultName="nw-vault")
    rule = {
        "RuleName": "nightly",
        "TargetBackupVaultName": "nw-vault",
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "Lifecycle": {"DeleteAfterDays": 35},
    }
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "nightly", "Rules": [rule]})
    selection = {"SelectionName": "tables", "IamRoleArn": role, "Resources": [table]}
    backup.create_backup_selection(BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
    for _ in range(3):
        backup.start_backup_job(BackupVaultName="nw-vault", ResourceArn=table, IamRoleArn=role)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            _open(f"{endpoint}/_ministack/health", "GET")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"ministack did not start: {log.read_text()[-2000:]}")


def _open(url: str, method: str) -> None:
    # The scheme is this module's own, and a proxy in the environment must not come between.
    request = urllib.request.Request(url, method=method)  # noqa: S310
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=_STOP_SECONDS):
        pass
