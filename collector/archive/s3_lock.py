"""What an S3 bucket says of its lock, and what it lacks to have one."""

from __future__ import annotations

import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from collector.archive import bucket_policy
from collector.archive.s3_calls import AT_ONCE, NO_OBJECT_LOCK, code_of
from collector.archive.worm import PROMISE, Settings, Survey, Version, judge, noted, prefixes_of, promised_in
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.archive.places import Bucket
    from collector.archive.s3_calls import S3Calls
    from collector.archive.worm import Lock


def read_back(calls: S3Calls, written: Mapping[str, str] | None, now: datetime) -> Lock:
    """As `Store.lock`."""
    unread: list[str] = []
    settings = _settings(calls, unread)
    versions: list[Version] = []
    for prefix in prefixes_of(written):
        with noted(unread):
            versions += _versions(calls, prefix)
    looked_at: Sequence[Version | None] = ()
    if settings.facts["object_lock"]:
        chosen = [one for one in versions if not one.marker and (written is None or one.key in written)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            looked_at = list(pool.map(lambda one: _looked_at(calls, one, unread, hashed=bool(written)), chosen))
    read = [one for one in looked_at if one is not None]
    return judge(settings, versions, read, written or {}, unread, now)


def settings_of(*, versioning: bool | None, object_lock: bool | None, default: str | None) -> Settings:
    """What a bucket is set to; None: that could not be read.

    `default` is the mode and length of the lock an object gets that asks for none; empty: none.
    """
    return Settings(
        locks=False if False in (versioning, object_lock) else object_lock,
        unlocked="the bucket has no Object Lock, so whoever may delete in it can remove evidence",
        facts={"versioning": versioning, "object_lock": object_lock, "default_retention": default},
    )


def survey(calls: S3Calls, retain_days: int) -> Survey:
    """As `Place.survey`."""
    unread: list[str] = []
    facts = _settings(calls, unread).facts
    lines = (*_lacking_settings(calls.bucket, facts, retain_days), *_lacking_denials(calls, retain_days))
    # What is put before the lock is there stays unlocked: the first commit would be a fault for ever.
    ready = facts["versioning"] is not False and facts["object_lock"] is not False
    return Survey(lines, tuple(unread), ready)


def _settings(calls: S3Calls, unread: list[str]) -> Settings:
    versioning, object_lock, default = None, None, None
    with noted(unread), calls.explained("GetBucketVersioning"):
        versioning = calls.client.get_bucket_versioning(Bucket=calls.bucket.name).get("Status") == "Enabled"
    with noted(unread):
        locks = calls.object_lock()
        object_lock = locks is not None
        rule = (locks or {}).get("Rule", {}).get("DefaultRetention", {})
        length = [f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if rule.get(unit)]
        default = " ".join([rule["Mode"], *length]) if rule else ""
    return settings_of(versioning=versioning, object_lock=object_lock, default=default)


def _versions(calls: S3Calls, prefix: str) -> Iterator[Version]:
    for page in calls.pages("ListObjectVersions", prefix):
        for name in ("Versions", "DeleteMarkers"):
            for found in page.get(name, ()):
                key = found["Key"].removeprefix(calls.bucket.prefix)
                yield Version(key=key, id=found["VersionId"], marker=name == "DeleteMarkers")


def _looked_at(calls: S3Calls, version: Version, unread: list[str], *, hashed: bool) -> Version | None:
    """The same version with its lock; None when it could not be read."""
    asked = calls.asked(version.key) | {"VersionId": version.id}
    with noted(unread), calls.explained("HeadObject", version.key):
        head = calls.client.head_object(**asked, ChecksumMode="ENABLED")
        mode, until = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
        if mode is None:
            mode, until = _retention_of(calls, asked)
        checksum = head.get("ChecksumSHA256")
        # A server that keeps no checksums gives the bytes themselves.
        digest = b64decode(checksum).hex() if checksum else None
        if hashed and digest is None:
            digest = sha256(calls.client.get_object(**asked)["Body"].read()).hexdigest()
        return Version(
            key=version.key,
            id=version.id,
            mode=mode,
            until=until,
            promised=promised_in(head["Metadata"], PROMISE),
            digest=digest,
        )
    return None


def _retention_of(calls: S3Calls, asked: dict[str, Any]) -> tuple[str | None, datetime | None]:
    """HeadObject says nothing both of no lock and of one we may not see; this call tells these apart."""
    try:
        found = calls.client.get_object_retention(**asked)["Retention"]
    except ClientError as error:
        if code_of(error) in NO_OBJECT_LOCK:
            return None, None
        raise
    return found["Mode"], found["RetainUntilDate"]


def policy_of(calls: S3Calls) -> str | None:
    """The bucket's policy as JSON, or None when it has none."""
    with calls.explained("GetBucketPolicy"):
        try:
            policy: str = calls.client.get_bucket_policy(Bucket=calls.bucket.name)["Policy"]
        except ClientError as error:
            if code_of(error) == "NoSuchBucketPolicy":
                return None
            raise
    return policy


def _lacking_settings(bucket: Bucket, facts: Mapping[str, Any], retain_days: int) -> Iterator[str]:
    if facts["versioning"] is False:
        yield f"missing: versioning of bucket {bucket.name}, which its lock needs. Turn it on:"
        yield _aws(bucket, "put-bucket-versioning", "--versioning-configuration Status=Enabled")
    locked = facts["object_lock"]
    if locked is False or (locked and not facts["default_retention"].startswith("COMPLIANCE")):
        missing = "a default lock in COMPLIANCE mode, for what is put without one" if locked else "Object Lock"
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": retain_days}}
        wanted = json.dumps({"ObjectLockEnabled": "Enabled", "Rule": rule})
        yield f"missing: {missing}, in bucket {bucket.name}. Turn it on:"
        yield _aws(bucket, "put-object-lock-configuration", f"--object-lock-configuration '{wanted}'")


def _lacking_denials(calls: S3Calls, retain_days: int) -> Iterator[str]:
    bucket = calls.bucket
    wanted = bucket_policy.denials(bucket, retain_days)
    try:
        missing = bucket_policy.lacking(policy_of(calls), wanted)
    except ArchiveError as error:
        missing = wanted
        yield f"could not tell whether the bucket's policy is right: {error}"
    if missing:
        yield (
            f"missing: {', '.join(one['Sid'] for one in missing)} in the policy of bucket {bucket.name}. Save this as "
            "bucket-policy.json, with the statements the policy has already, and set it:"
        )
        yield json.dumps(bucket_policy.document(missing), indent=2)
        yield _aws(bucket, "put-bucket-policy", "--policy file://bucket-policy.json")
        yield "The collector's own identity needs no more than this:"
        own = [*bucket_policy.needed(bucket), *bucket_policy.watching(bucket)]
        yield json.dumps(bucket_policy.document(own), indent=2)


def _aws(bucket: Bucket, command: str, arguments: str) -> str:
    region = f" --region {bucket.region}" if bucket.region else ""
    endpoint = f" --endpoint-url {bucket.endpoint}" if bucket.endpoint else ""
    return f"  aws s3api {command} --bucket {bucket.name} {arguments}{region}{endpoint}"
