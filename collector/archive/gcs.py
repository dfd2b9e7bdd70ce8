"""A store in a bucket of Google Cloud Storage. Under a locked retention it is a WORM store; `lock` reads that back.

Each put carries ifGenerationMatch=0, so that the server itself refuses a name that is taken; its CRC32C and MD5, so
that it refuses bytes that changed on the way; and, where the bucket has object retention, a lock with its date.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from hashlib import md5, sha256
from typing import TYPE_CHECKING

import google_crc32c
from google.api_core.exceptions import Forbidden, NotFound, PreconditionFailed, RequestRangeNotSatisfiable

from collector.archive import gcs_access, gcs_lock, gcs_principals
from collector.archive.gcs_calls import ONCE, GcsCalls, reason_of
from collector.archive.layout import retained_until
from collector.archive.worm import PROMISE
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from google.cloud import storage

    from collector.archive.access import AccessLog
    from collector.archive.places import GoogleBucket
    from collector.archive.principals import Principals
    from collector.archive.worm import Lock, Survey


class GcsStore:
    """The objects under a prefix of a bucket."""

    def __init__(self, bucket: GoogleBucket, retain_days: int, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self._retain_days = retain_days
        self._clock = clock
        self._calls = GcsCalls(bucket, clock)
        self._sent: dict[tuple[str, str], str] = {}
        """The SHA-256 of what was put, by key and by the MD5 that the server has computed of the same bytes."""

    def __str__(self) -> str:
        return str(self.bucket)

    def check_writable(self) -> None:
        """UsageError when the bucket cannot even be looked at."""
        try:
            self._there  # noqa: B018 - asked for once, here
            self._per_object  # noqa: B018 - likewise
        except ArchiveError as error:
            raise UsageError(str(error)) from error

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """An upload under the condition that nothing has this name."""

        def put() -> bool:
            try:
                # The server checks both sums before it stores; the library's own check would delete what fails it.
                self._filled(key, content).upload_from_string(
                    content, "application/octet-stream", if_generation_match=0, checksum=None, **ONCE
                )
            except PreconditionFailed:
                return False
            except Forbidden as error:
                # Under a lock some servers say first that what is there must stay.
                if reason_of(error) == "retentionPolicyNotMet":
                    return False
                raise
            return True

        stored = self._calls.answer("Upload", key, put)
        self._sent[key, _md5(content)] = sha256(content).hexdigest()
        return stored

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """A download with a range; a whole object is checked against its CRC32C."""
        # No range is empty in HTTP, so of nothing the first byte is asked for.
        end = None if length is None or start < 0 else start + max(length, 1) - 1

        def get() -> bytes | None:
            try:
                content: bytes = self._calls.blob(key).download_as_bytes(
                    start=start or None, end=end, raw_download=True, checksum="crc32c", **ONCE
                )
            except NotFound:
                return None
            except RequestRangeNotSatisfiable:
                return b""
            return content if length is None else content[:length]

        content = self._calls.answer("Download", key, get)
        if content is None:
            self._there  # noqa: B018 - the same answer is given when there is no bucket
        return content

    def list(self, prefix: str) -> Iterator[str]:
        """The names of a list, page after page, up to the one that says it is the last."""
        for blob in self._calls.listed("List", prefix, fields="kind,nextPageToken,items(name)"):
            yield blob.name.removeprefix(self.bucket.prefix)

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Ask the bucket for its settings, and for every generation of these objects with its lock."""
        return gcs_lock.read_back(self._calls, written, self._sent, self._clock())

    def survey(self) -> Survey:
        """Retention, its lock and its length, and versioning."""
        return gcs_lock.survey(self._calls, self._retain_days)

    def access_logs(self) -> tuple[AccessLog, ...]:
        """The bucket's usage logs, and the audit logs of its project."""
        return gcs_access.access_logs(self._calls)

    def principals(self) -> Principals:
        """The members of the bucket's policy and of its project's, by what their roles give."""
        return gcs_principals.principals(self._calls)

    @cached_property
    def _there(self) -> bool:
        """Whether the bucket can be listed; ArchiveError when not, or when there is none."""
        next(self._calls.listed("List", "", max_results=1), None)
        return True

    @cached_property
    def _per_object(self) -> bool:
        """Whether each object can have a lock of its own."""
        return bool(gcs_lock.settings_of(self._calls).object_retention_mode == "Enabled")

    def _filled(self, key: str, content: bytes) -> storage.Blob:
        blob = self._calls.blob(key)
        until = retained_until(self._clock(), self._retain_days)
        blob.crc32c = b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
        blob.md5_hash = _md5(content)
        blob.metadata = {PROMISE: until.isoformat(), "sha256": sha256(content).hexdigest()}
        if self._per_object:
            blob.retention.mode = gcs_lock.FIRM
            blob.retention.retain_until_time = until
        return blob


def _md5(content: bytes) -> str:
    return b64encode(md5(content, usedforsecurity=False).digest()).decode()
