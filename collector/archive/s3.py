"""A store in an S3 bucket. Under Object Lock it is a WORM store, and `lock` reads back that it is.

Each put carries If-None-Match, so that the server itself refuses a name that is taken; its SHA-256, so that it refuses
bytes that changed on the way; and, where the bucket has Object Lock, a COMPLIANCE lock with its date.
"""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from collector.archive.layout import LOG, retained_until
from collector.archive.worm import COMPLIANCE, Settings, Version, judge
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.archive.places import Bucket
    from collector.archive.worm import Lock

_PROMISE = "retain-until"
"""The name under which an object carries the date of its lock, for a later reader to hold the lock against."""
_NO_OBJECT_LOCK = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NotImplemented"}
_CONFLICT = "ConditionalRequestConflict"
Unread = list[str]
"""Reads that failed, each as its error's sentence. (A class with a method `list` cannot name the type.)"""
_LISTS = {
    "ListObjectsV2": ("list_objects_v2", {"ContinuationToken": "NextContinuationToken"}),
    "ListObjectVersions": (
        "list_object_versions",
        {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"},
    ),
}
_TRIES = 5
_PAUSE_SECONDS = 0.2
_AT_ONCE = 16
_ALLOW = "let the identity of the collector do this"
_ADVICE = {
    "AccessDenied": _ALLOW,
    "403": _ALLOW,  # an answer to HEAD has no body to say more
    "NoSuchBucket": "make the bucket, or correct [archive] path",
    "PermanentRedirect": "put the bucket's region into [archive] path as ?region=…",
    "RequestTimeTooSkewed": "set this machine's clock",
}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class S3Store:
    """The objects under a prefix of a bucket."""

    def __init__(self, bucket: Bucket, retain_days: int, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self._retain_days = retain_days
        self._clock = clock
        try:
            self._client = boto3.session.Session().client(
                "s3",
                region_name=bucket.region,
                endpoint_url=bucket.endpoint,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": _TRIES},
                    max_pool_connections=_AT_ONCE,
                    # A server that is named by its address has no host name for each bucket.
                    s3={"addressing_style": "path" if bucket.endpoint else "auto"},
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"{bucket} cannot be used as an archive: {error}") from error

    def __str__(self) -> str:
        return str(self.bucket)

    def check_writable(self) -> None:
        """UsageError when the bucket cannot even be looked at.

        That it can be written shows at the first put: a trial object could never be removed again.
        """
        try:
            next(self.list(""), None)
            self._locks  # noqa: B018 - asked for once, here
        except ArchiveError as error:
            raise UsageError(str(error)) from error

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """PutObject under the condition that nothing has this name."""
        asked = self._asked(key) | {
            "Body": content,
            "IfNoneMatch": "*",
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": b64encode(sha256(content).digest()).decode(),
            **self._retention(),
        }
        with self._explained("PutObject", key):
            for attempt in range(_TRIES):
                try:
                    self._client.put_object(**asked)
                except ClientError as error:
                    if _status(error) == 412:  # noqa: PLR2004 - Precondition Failed
                        return False
                    # Somebody else is putting the same name at this moment: who of us won is told by the next try.
                    if _code(error) != _CONFLICT or attempt == _TRIES - 1:
                        raise
                    time.sleep(_PAUSE_SECONDS * 2**attempt)
                else:
                    return True
        raise AssertionError("the last attempt either returns or raises")

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """GetObject with a range. A body that breaks off is asked for again."""
        asked = self._asked(key)
        if start < 0:
            asked["Range"] = f"bytes={start}"
        elif start or length is not None:
            # No range is empty in HTTP, so of nothing the first byte is asked for.
            asked["Range"] = f"bytes={start}-" + ("" if length is None else str(start + max(length, 1) - 1))
        with self._explained("GetObject", key):
            for attempt in range(_TRIES):
                try:
                    content: bytes = self._client.get_object(**asked)["Body"].read()
                except ClientError as error:
                    if self._is_missing(key, _code(error)):
                        return None
                    if _code(error) == "InvalidRange":
                        return b""
                    raise
                except BotoCoreError:
                    if attempt == _TRIES - 1:
                        raise
                else:
                    return content if length is None else content[:length]
        raise AssertionError("the last attempt either returns or raises")

    def list(self, prefix: str) -> Iterator[str]:
        """ListObjectsV2, page after page, up to the one that says it is the last."""
        for page in self._pages("ListObjectsV2", prefix):
            yield from (found["Key"].removeprefix(self.bucket.prefix) for found in page.get("Contents", ()))

    def _is_missing(self, key: str, code: str) -> bool:
        """Who may list one prefix only is told of a missing object that it is forbidden; the list says which it is."""
        return code == "NoSuchKey" or (code == "AccessDenied" and key not in self.list(key))

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Ask the bucket for its settings, its versions, and the lock of each version of these objects."""
        unread: Unread = []
        settings = self._settings(unread)
        versions: list[Version] = []
        prefixes = [""] if written is None else [LOG, *(key for key in written if not key.startswith(LOG))]
        for prefix in prefixes:
            with self._noted(unread):
                versions += self._versions(prefix)
        looked_at: Sequence[Version | None] = ()
        if settings.object_lock:
            chosen = [one for one in versions if not one.marker and (written is None or one.key in written)]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                looked_at = list(pool.map(lambda one: self._looked_at(one, unread, hashed=bool(written)), chosen))
        read = [one for one in looked_at if one is not None]
        return judge(settings, versions, read, written or {}, unread, self._clock())

    def policy(self) -> str | None:
        """The bucket's policy as JSON, or None when it has none."""
        with self._explained("GetBucketPolicy"):
            try:
                policy: str = self._client.get_bucket_policy(Bucket=self.bucket.name)["Policy"]
            except ClientError as error:
                if _code(error) == "NoSuchBucketPolicy":
                    return None
                raise
        return policy

    @cached_property
    def _locks(self) -> dict[str, Any] | None:
        """The bucket's Object Lock configuration, or None when it has none."""
        with self._explained("GetObjectLockConfiguration"):
            try:
                answer = self._client.get_object_lock_configuration(Bucket=self.bucket.name)
            except ClientError as error:
                if _code(error) in _NO_OBJECT_LOCK:
                    return None
                raise
        found: dict[str, Any] = answer["ObjectLockConfiguration"]
        return found if found.get("ObjectLockEnabled") == "Enabled" else None

    def _retention(self) -> dict[str, Any]:
        if self._locks is None:
            return {}
        until = retained_until(self._clock(), self._retain_days)
        return {
            "ObjectLockMode": COMPLIANCE,
            "ObjectLockRetainUntilDate": until,
            "Metadata": {_PROMISE: until.isoformat()},
        }

    def _settings(self, unread: Unread) -> Settings:
        versioning, object_lock, default = None, None, None
        with self._noted(unread), self._explained("GetBucketVersioning"):
            versioning = self._client.get_bucket_versioning(Bucket=self.bucket.name).get("Status") == "Enabled"
        with self._noted(unread):
            self.__dict__.pop("_locks", None)  # what the bucket says now, not what it said at the first put
            object_lock = self._locks is not None
            rule = (self._locks or {}).get("Rule", {}).get("DefaultRetention", {})
            length = [f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if rule.get(unit)]
            default = " ".join([rule["Mode"], *length]) if rule else ""
        return Settings(versioning, object_lock, default)

    def _versions(self, prefix: str) -> Iterator[Version]:
        for page in self._pages("ListObjectVersions", prefix):
            for name in ("Versions", "DeleteMarkers"):
                for found in page.get(name, ()):
                    key = found["Key"].removeprefix(self.bucket.prefix)
                    yield Version(key=key, id=found["VersionId"], marker=name == "DeleteMarkers")

    def _looked_at(self, version: Version, unread: Unread, *, hashed: bool) -> Version | None:
        """The same version with its lock; None when it could not be read."""
        asked = self._asked(version.key) | {"VersionId": version.id}
        with self._noted(unread), self._explained("HeadObject", version.key):
            head = self._client.head_object(**asked, ChecksumMode="ENABLED")
            mode, until = head.get("ObjectLockMode"), head.get("ObjectLockRetainUntilDate")
            if mode is None:
                mode, until = self._retention_of(asked)
            checksum = head.get("ChecksumSHA256")
            # A server that keeps no checksums gives the bytes themselves.
            digest = b64decode(checksum).hex() if checksum else None
            if hashed and digest is None:
                digest = sha256(self._client.get_object(**asked)["Body"].read()).hexdigest()
            promised = head["Metadata"].get(_PROMISE)
            return Version(
                key=version.key,
                id=version.id,
                mode=mode,
                until=until,
                promised=datetime.fromisoformat(promised) if promised else None,
                digest=digest,
            )
        return None

    def _retention_of(self, asked: dict[str, Any]) -> tuple[str | None, datetime | None]:
        """HeadObject says nothing both of no lock and of one we may not see; this call tells these apart."""
        try:
            found = self._client.get_object_retention(**asked)["Retention"]
        except ClientError as error:
            if _code(error) in _NO_OBJECT_LOCK:
                return None, None
            raise
        return found["Mode"], found["RetainUntilDate"]

    def _asked(self, key: str) -> dict[str, Any]:
        return {"Bucket": self.bucket.name, "Key": f"{self.bucket.prefix}{key}"}

    def _pages(self, operation: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Every page of a list, up to the one that says it is the last."""
        method, follow = _LISTS[operation]
        asked: dict[str, Any] = {}
        while True:
            with self._explained(operation, prefix):
                page: dict[str, Any] = getattr(self._client, method)(
                    Bucket=self.bucket.name, Prefix=f"{self.bucket.prefix}{prefix}", **asked
                )
            if page.get("IsTruncated") is False:
                yield page
                return
            # botocore reads an empty body as an empty answer: without its end mark a list is none.
            before, asked = asked, {name: page.get(there) for name, there in follow.items()}
            if "IsTruncated" not in page or asked == before or None in asked.values():
                raise ArchiveError(
                    f"{operation} of {self} was answered by a list without an end; see what answers there"
                )
            yield page

    @contextmanager
    def _explained(self, operation: str, key: str = "") -> Iterator[None]:
        asked = f"{operation} of {self.bucket}" + (f"/{key}" if key else "")
        try:
            yield
        except ClientError as error:
            code, said = _code(error), error.response.get("Error", {}).get("Message") or f"status {_status(error)}"
            raise ArchiveError(f"{asked} was refused: {code} ({said}); {_ADVICE.get(code, _OTHER_ADVICE)}") from error
        except BotoCoreError as error:
            raise ArchiveError(f"{asked} failed: {error}; {_OTHER_ADVICE}") from error

    @contextmanager
    def _noted(self, unread: Unread) -> Iterator[None]:
        try:
            yield
        except ArchiveError as error:
            unread.append(str(error))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
