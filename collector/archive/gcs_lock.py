"""What a bucket of Google Cloud Storage says of its lock, and what it lacks to have one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from collector.archive.gcs_calls import ONCE
from collector.archive.layout import longest_days
from collector.archive.report import Fault
from collector.archive.worm import PROMISE, Settings, Survey, Version, judge, noted, prefixes_of, promised_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from google.cloud import storage

    from collector.archive.gcs_calls import GcsCalls
    from collector.archive.worm import Lock

FIRM = "Locked"
"""Google's word for a retention that nobody can lift."""
_UNLOCKED = (
    "neither a locked retention policy nor object retention holds the bucket, so evidence can be removed from it"
)
NEEDED = (
    "The collector's own identity needs no more than storage.buckets.get, storage.objects.create, storage.objects.get "
    "and storage.objects.list (and storage.objects.setRetention in a bucket with object retention); to see who can "
    "write or delete, and which access is logged, storage.buckets.getIamPolicy, and of its project iam.roles.get and "
    "resourcemanager.projects.getIamPolicy."
)
"""What the archive asks of the identity, in words."""
_DAY_SECONDS = 86_400
_VERSIONING = "keeps versions, which lets a locked object be hidden and another take its name; turn versioning off"


def settings_of(calls: GcsCalls) -> storage.Bucket:
    """The bucket's own metadata, as it says now."""
    return calls.answer("Bucket metadata", "", lambda: calls.client.get_bucket(calls.bucket.name, **ONCE))


def read_back(
    calls: GcsCalls, written: Mapping[str, str] | None, sent: Mapping[tuple[str, str], str], now: datetime
) -> Lock:
    """As `Store.lock`. `sent` has the SHA-256 of an object by its key and the MD5 that the server gives for it."""
    unread: list[str] = []
    found: storage.Bucket | None = None
    with noted(unread):
        found = settings_of(calls)
    blobs: list[storage.Blob] = []
    for prefix in prefixes_of(written):
        with noted(unread):
            blobs += calls.listed("List of versions", prefix, versions=True)
        if found is not None and found.soft_delete_policy.retention_duration_seconds:
            with noted(unread):
                blobs += calls.listed("List of deleted objects", prefix, soft_deleted=True)
    versions, looked_at = [], []
    for blob in blobs:
        version = _version(calls, found, blob)
        versions.append(version)
        if found is not None and (written is None or version.key in written):
            with noted(unread):
                digest = _digest(calls, version.key, blob, sent) if written else None
                looked_at.append(replace(version, digest=digest))
    findings = (*_undoing(calls, found), *_deleted(calls, blobs))
    return judge(_settings(found, findings), versions, looked_at, written or {}, unread, now)


def survey(calls: GcsCalls, retain_days: int) -> Survey:
    """As `Place.survey`."""
    unread: list[str] = []
    found: storage.Bucket | None = None
    with noted(unread):
        found = settings_of(calls)
    if found is None:
        return Survey(unread=tuple(unread))
    lines = tuple(_lacking(calls, found, longest_days(retain_days)))
    return Survey(
        (*lines, NEEDED) if lines else (),
        ready=bool(_settings(found, ()).locks) and not found.versioning_enabled,
    )


def _settings(found: storage.Bucket | None, findings: tuple[Fault, ...]) -> Settings:
    facts: dict[str, Any] = dict.fromkeys(
        (
            "versioning",
            "retention_locked",
            "retention_seconds",
            "object_retention",
            "soft_delete_seconds",
            "event_based_hold",
        )
    )
    locks = None
    if found is not None:
        facts["versioning"] = bool(found.versioning_enabled)
        facts["retention_locked"] = bool(found.retention_policy_locked)
        facts["retention_seconds"] = int(found.retention_period or 0)
        facts["object_retention"] = found.object_retention_mode == "Enabled"
        facts["soft_delete_seconds"] = int(found.soft_delete_policy.retention_duration_seconds or 0)
        facts["event_based_hold"] = bool(found.default_event_based_hold)
        locks = facts["retention_locked"] or facts["object_retention"]
    return Settings(locks=locks, unlocked=_UNLOCKED, mode=FIRM, facts=facts, findings=findings)


def _version(calls: GcsCalls, found: storage.Bucket | None, blob: storage.Blob) -> Version:
    """A generation with the later of the locks that nobody can lift: the bucket's, and its own."""
    firm: list[datetime] = []
    if found is not None and found.retention_policy_locked:
        firm.append(blob.time_created + timedelta(seconds=int(found.retention_period or 0)))
    if blob.retention.mode == FIRM and blob.retention.retain_until_time:
        firm.append(blob.retention.retain_until_time)
    weak = blob.retention_expiration_time
    return Version(
        key=_key(calls, blob),
        id=str(blob.generation),
        mode=FIRM if firm else "Unlocked" if weak else None,
        until=max(firm) if firm else weak,
        promised=promised_in(blob.metadata, PROMISE),
    )


def _digest(calls: GcsCalls, key: str, blob: storage.Blob, sent: Mapping[tuple[str, str], str]) -> str:
    """The SHA-256 of a generation: known from the put that had this MD5, or else of the bytes themselves.

    The one in the object's metadata is not asked: who may write metadata can change it under any lock.
    """
    known = sent.get((key, blob.md5_hash or ""))
    return (
        known
        or sha256(calls.answer("Download", key, lambda: blob.download_as_bytes(raw_download=True, **ONCE))).hexdigest()
    )


def _undoing(calls: GcsCalls, found: storage.Bucket | None) -> Iterator[Fault]:
    if found is not None and found.versioning_enabled:
        yield Fault(f"gs://{calls.bucket.name}", _VERSIONING)


def _deleted(calls: GcsCalls, blobs: Iterable[storage.Blob]) -> Iterator[Fault]:
    """The names under which only what was deleted is left."""
    live: dict[str, bool] = defaultdict(bool)
    for blob in blobs:
        live[_key(calls, blob)] |= blob.time_deleted is None and blob.soft_delete_time is None
    for key in sorted(key for key, there in live.items() if not there):
        yield Fault(key, "was deleted: the bucket still keeps what it was, and another object could take its name")


def _key(calls: GcsCalls, blob: storage.Blob) -> str:
    return str(blob.name).removeprefix(calls.bucket.prefix)


def _lacking(calls: GcsCalls, found: storage.Bucket, days: int) -> Iterator[str]:
    update = f"  gcloud storage buckets update gs://{calls.bucket.name}"
    if found.versioning_enabled:
        yield f"wrong: bucket {calls.bucket.name} {_VERSIONING}:"
        yield f"{update} --no-versioning"
    if found.object_retention_mode == "Enabled":
        return
    if (found.retention_period or 0) < days * _DAY_SECONDS:
        yield (
            f"missing: a retention policy of {days} days for bucket {calls.bucket.name}: retain_days, and the longest "
            "quarter before them. Set it:"
        )
        yield f"{update} --retention-period={days}d"
    if not found.retention_policy_locked:
        yield "missing: the lock of that policy, which can never be taken back. Lock it:"
        yield f"{update} --lock-retention-period"
