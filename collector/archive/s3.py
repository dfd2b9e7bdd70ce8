"""A store in an S3 bucket. Under Object Lock it is a WORM store, and `lock` reads back that it is.

Each put carries If-None-Match, so that the server itself refuses a name that is taken; its SHA-256, so that it refuses
bytes that changed on the way; and, where the bucket has Object Lock, a COMPLIANCE lock with its date.
"""

from __future__ import annotations

import time
from base64 import b64encode
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from collector.archive import s3_access, s3_lock, s3_principals
from collector.archive.layout import retained_until
from collector.archive.s3_calls import TRIES, S3Calls, code_of, status_of
from collector.archive.worm import COMPLIANCE, PROMISE
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.archive.access import AccessLog
    from collector.archive.places import Bucket
    from collector.archive.principals import Principals
    from collector.archive.worm import Lock, Survey

_CONFLICT = "ConditionalRequestConflict"
_PAUSE_SECONDS = 0.2


class S3Store:
    """The objects under a prefix of a bucket."""

    def __init__(self, bucket: Bucket, retain_days: int, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self._retain_days = retain_days
        self._clock = clock
        self._calls = S3Calls(bucket)

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
        asked = self._calls.asked(key) | {
            "Body": content,
            "IfNoneMatch": "*",
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": b64encode(sha256(content).digest()).decode(),
            **self._retention(),
        }
        with self._calls.explained("PutObject", key):
            for attempt in range(TRIES):
                try:
                    self._calls.client.put_object(**asked)
                except ClientError as error:
                    if status_of(error) == 412:  # noqa: PLR2004 - Precondition Failed
                        return False
                    # Somebody else is putting the same name at this moment: who of us won is told by the next try.
                    if code_of(error) != _CONFLICT or attempt == TRIES - 1:
                        raise
                    time.sleep(_PAUSE_SECONDS * 2**attempt)
                else:
                    return True
        raise AssertionError("the last attempt either returns or raises")

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """GetObject with a range. A body that breaks off is asked for again."""
        asked = self._calls.asked(key)
        if start < 0:
            asked["Range"] = f"bytes={start}"
        elif start or length is not None:
            # No range is empty in HTTP, so of nothing the first byte is asked for.
            asked["Range"] = f"bytes={start}-" + ("" if length is None else str(start + max(length, 1) - 1))
        with self._calls.explained("GetObject", key):
            for attempt in range(TRIES):
                try:
                    content: bytes = self._calls.client.get_object(**asked)["Body"].read()
                except ClientError as error:
                    if self._is_missing(key, code_of(error)):
                        return None
                    if code_of(error) == "InvalidRange":
                        return b""
                    raise
                except BotoCoreError:
                    if attempt == TRIES - 1:
                        raise
                else:
                    return content if length is None else content[:length]
        raise AssertionError("the last attempt either returns or raises")

    def list(self, prefix: str) -> Iterator[str]:
        """ListObjectsV2, page after page, up to the one that says it is the last."""
        for page in self._calls.pages("ListObjectsV2", prefix):
            yield from (found["Key"].removeprefix(self.bucket.prefix) for found in page.get("Contents", ()))

    def _is_missing(self, key: str, code: str) -> bool:
        """Who may list one prefix only is told of a missing object that it is forbidden; the list says which it is."""
        return code == "NoSuchKey" or (code == "AccessDenied" and key not in self.list(key))

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Ask the bucket for its settings, its versions, and the lock of each version of these objects."""
        return s3_lock.read_back(self._calls, written, self._clock())

    def survey(self) -> Survey:
        """Versioning, Object Lock, its default, and the denials of the bucket's policy."""
        return s3_lock.survey(self._calls, self._retain_days)

    def access_logs(self) -> tuple[AccessLog, ...]:
        """S3's own access logs, and CloudTrail's data events."""
        return s3_access.access_logs(self._calls)

    def principals(self) -> Principals:
        """The bucket's policy and access list, and the identities of its account where these may be read."""
        return s3_principals.principals(self._calls)

    @cached_property
    def _locks(self) -> bool:
        return self._calls.object_lock() is not None

    def _retention(self) -> dict[str, Any]:
        if not self._locks:
            return {}
        until = retained_until(self._clock(), self._retain_days)
        return {
            "ObjectLockMode": COMPLIANCE,
            "ObjectLockRetainUntilDate": until,
            "Metadata": {PROMISE: until.isoformat()},
        }
