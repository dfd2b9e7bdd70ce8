"""The whole program under an identity that can neither delete nor change a lock nor see beside its prefix.

The archive is on a real RADOS Gateway, the evidence comes from the AWS double, the program is the one a user starts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from collector.archive import bucket_policy
from collector.archive.places import Bucket, bucket_at
from tests.archive import rgw
from tests.archive.buckets import Server
from tests.archive.gate import gate_before
from tests.conftest import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Estate

pytestmark = [pytest.mark.rgw, pytest.mark.skipif(bool(rgw.missing()), reason=rgw.missing())]
TYPES = ("--only", "aws.iam.*", "--only", "aws.backup.jobs")
PRICES = '[archive.prices]\nput_per_1000 = "0.005"\nget_per_10000 = "0.004"\ngigabyte_month = "0.023"\n'


@dataclass(frozen=True)
class Kept:
    """An archive in a bucket: what a stranger to it may do there is tried with `client`, the collector's own."""

    program: Program
    bucket: Bucket
    client: Any
    owner: Any

    @property
    def versions(self) -> list[dict[str, Any]]:
        found = self.owner.list_object_versions(Bucket=self.bucket.name)
        return [*found["Versions"], *found.get("DeleteMarkers", [])]


@pytest.fixture
def kept(estate: Estate, tmp_path: Path) -> Iterator[Kept]:
    """Made by the owner with `collector init`; then the owner's policy gives the collector's user what it needs."""
    there = estate.double.environment
    access, secret = there["AWS_ACCESS_KEY_ID"], there["AWS_SECRET_ACCESS_KEY"]
    with rgw.running_rgw() as gateway:
        owner = Server(gateway.endpoint, *gateway.user("owner"))
        gateway.user("collector", access, secret)
        with gate_before(owner) as gate:
            url = gate.place(owner.bucket(locked=True))
            bucket = bucket_at(url)
            made = Program(tmp_path, owner.environment)("init", "--archive", url)
            assert made.code == 0, made.text
            owner.client.put_object(Bucket=bucket.name, Key="elsewhere/secret", Body=b"not ours")
            owner.client.put_bucket_policy(Bucket=bucket.name, Policy=policy_for_ceph(bucket))
            settings = tmp_path / "collector.toml"
            text = settings.read_text().replace('# role = ""  ', f'role = "{estate.manifest["role"]}"  ')
            settings.write_text(text + PRICES)
            client = boto3.session.Session(access, secret).client(
                "s3",
                region_name="us-east-1",
                endpoint_url=gateway.endpoint,
                config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            )
            yield Kept(Program(tmp_path, there), bucket, client, owner.client)


def policy_for_ceph(bucket: Bucket) -> str:
    """What `init` prints, without the two denials whose condition keys Ceph 16 does not know."""
    allowed = [one | {"Principal": {"AWS": "arn:aws:iam:::user/collector"}} for one in bucket_policy.needed(bucket)]
    denied = [one for one in bucket_policy.denials(bucket, 730) if "Condition" not in one]
    return json.dumps(bucket_policy.document([*allowed, *denied]))


def forbidden(kept: Kept) -> dict[str, Callable[[], object]]:
    """Each thing that the collector's identity must not be able to do, by name."""
    name, client = kept.bucket.name, kept.client
    first = next(one for one in kept.versions if one["Key"].endswith("000000000001.seg"))
    key = {"Bucket": name, "Key": first["Key"]}
    version = key | {"VersionId": first["VersionId"]}
    soon = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)}
    later = {"Mode": "GOVERNANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=9_000)}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}}
    rule = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    return {
        "delete an object": lambda: client.delete_object(**key),
        "put a delete marker on a free name": lambda: client.delete_object(Bucket=name, Key=f"{kept.bucket.prefix}x"),
        "delete a version": lambda: client.delete_object(**version),
        "delete a version with bypass": lambda: client.delete_object(**version, BypassGovernanceRetention=True),
        "shorten a lock": lambda: client.put_object_retention(**version, Retention=soon),
        "weaken a lock": lambda: client.put_object_retention(**version, Retention=later),
        "shorten with bypass": lambda: client.put_object_retention(
            **version, Retention=soon, BypassGovernanceRetention=True
        ),
        "list the bucket": lambda: client.list_objects_v2(Bucket=name),
        "list another prefix": lambda: client.list_objects_v2(Bucket=name, Prefix="elsewhere/"),
        "list another prefix's versions": lambda: client.list_object_versions(Bucket=name, Prefix="elsewhere/"),
        "read under another prefix": lambda: client.get_object(Bucket=name, Key="elsewhere/secret"),
        "put under another prefix": lambda: client.put_object(Bucket=name, Key="elsewhere/mine", Body=b"x"),
        "delete under another prefix": lambda: client.delete_object(Bucket=name, Key="elsewhere/secret"),
        "suspend versioning": lambda: client.put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Suspended"}
        ),
        "change the default lock": lambda: client.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration=lock
        ),
        "let objects expire": lambda: client.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [rule]}
        ),
        "change the policy": lambda: client.put_bucket_policy(Bucket=name, Policy=policy_for_ceph(kept.bucket)),
        "drop the policy": lambda: client.delete_bucket_policy(Bucket=name),
        "drop the bucket": lambda: client.delete_bucket(Bucket=name),
    }


def answer_to(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def test_it_does_its_whole_work_and_nothing_else(kept: Kept) -> None:
    """Init by the owner; snapshot, verify and report by the collector, twice; then each forbidden thing, refused.

    What this server cannot show: it ignores If-None-Match in versioned buckets, so a gate before it answers 412; and it
    knows neither `s3:if-none-match` nor `s3:object-lock-remaining-retention-days`, so that a put without a condition,
    or under too short a lock, is refused by the policy only on S3 itself. Here such a put makes a second version, and
    the test below shows that the next run and `verify` name it.
    """
    for _ in range(2):
        ended = kept.program("snapshot", *TYPES)
        assert ended.code == 0, ended.text
        assert "the archive is locked: " in ended.out
        (price,) = (line for line in ended.out.splitlines() if "a month for a run like this every day" in line)
        assert price.endswith("(your prices, [archive.prices])")
    checked = kept.program("verify")
    assert checked.code == 0, checked.text
    assert "the archive is locked: " in checked.out
    assert kept.program("report").code == 0
    assert (kept.program.folder / "report" / "index.html").exists()
    before = kept.versions
    answers = {what: answer_to(attempt) for what, attempt in forbidden(kept).items()}
    assert answers == dict.fromkeys(answers, "AccessDenied")
    assert kept.versions == before
    assert kept.program("verify").code == 0


def test_what_ceph_cannot_forbid_is_found(kept: Kept) -> None:
    """A put over a name that is taken: without the condition that the policy demands on S3, and without a lock."""
    assert kept.program("snapshot", *TYPES).code == 0
    kept.client.put_object(Bucket=kept.bucket.name, Key=f"{kept.bucket.prefix}log/000000000001.ckpt", Body=b"another")
    checked = kept.program("verify")
    assert checked.code == 1, checked.text
    assert "FAULT  log/000000000001.ckpt: has 2 versions" in checked.out
    assert "the archive is not locked" in checked.out
