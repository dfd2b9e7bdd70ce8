"""The requests that are made of an S3 bucket, each with the sentence that says what went wrong with it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.places import Bucket

TRIES = 5
AT_ONCE = 16
NO_OBJECT_LOCK = {"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NotImplemented"}
_LISTS = {
    "ListObjectsV2": ("list_objects_v2", {"ContinuationToken": "NextContinuationToken"}),
    "ListObjectVersions": (
        "list_object_versions",
        {"KeyMarker": "NextKeyMarker", "VersionIdMarker": "NextVersionIdMarker"},
    ),
}
_FORBIDDEN = 403
_ALLOW = "let the identity of the collector do this"
_ADVICE = {
    "AccessDenied": _ALLOW,
    "403": _ALLOW,  # an answer to HEAD has no body to say more
    "NoSuchBucket": "make the bucket, or correct [archive] path",
    "PermanentRedirect": "put the bucket's region into [archive] path as ?region=…",
    "RequestTimeTooSkewed": "set this machine's clock",
}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class S3Calls:
    """A client of one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        try:
            self.client: Any = boto3.session.Session().client(
                "s3",
                region_name=bucket.region,
                endpoint_url=bucket.endpoint,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": TRIES},
                    max_pool_connections=AT_ONCE,
                    # A server that is named by its address has no host name for each bucket.
                    s3={"addressing_style": "path" if bucket.endpoint else "auto"},
                ),
            )
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"{bucket} cannot be used as an archive: {error}") from error

    def asked(self, key: str) -> dict[str, Any]:
        """How a request names an object of the archive."""
        return {"Bucket": self.bucket.name, "Key": f"{self.bucket.prefix}{key}"}

    def object_lock(self) -> dict[str, Any] | None:
        """The bucket's Object Lock configuration, or None when it has none."""
        with self.explained("GetObjectLockConfiguration"):
            try:
                answer = self.client.get_object_lock_configuration(Bucket=self.bucket.name)
            except ClientError as error:
                if code_of(error) in NO_OBJECT_LOCK:
                    return None
                raise
        found: dict[str, Any] = answer["ObjectLockConfiguration"]
        return found if found.get("ObjectLockEnabled") == "Enabled" else None

    def pages(self, operation: str, prefix: str) -> Iterator[dict[str, Any]]:
        """Every page of a list, up to the one that says it is the last."""
        method, follow = _LISTS[operation]
        asked: dict[str, Any] = {}
        while True:
            with self.explained(operation, prefix):
                page: dict[str, Any] = getattr(self.client, method)(
                    Bucket=self.bucket.name, Prefix=f"{self.bucket.prefix}{prefix}", **asked
                )
            if page.get("IsTruncated") is False:
                yield page
                return
            # botocore reads an empty body as an empty answer: without its end mark a list is none.
            before, asked = asked, {name: page.get(there) for name, there in follow.items()}
            if "IsTruncated" not in page or asked == before or None in asked.values():
                raise ArchiveError(
                    f"{operation} of {self.bucket} was answered by a list without an end; see what answers there"
                )
            yield page

    @contextmanager
    def explained(self, operation: str, key: str = "") -> Iterator[None]:
        """ArchiveError with what was asked, what came back and what to do, for each error of the library."""
        asked = f"{operation} of {self.bucket}" + (f"/{key}" if key else "")
        try:
            yield
        except ClientError as error:
            code, said = code_of(error), error.response.get("Error", {}).get("Message") or f"status {status_of(error)}"
            raise ArchiveError(f"{asked} was refused: {code} ({said}); {_ADVICE.get(code, _OTHER_ADVICE)}") from error
        except BotoCoreError as error:
            raise ArchiveError(f"{asked} failed: {error}; {_OTHER_ADVICE}") from error


def code_of(error: ClientError) -> str:
    """S3's own name of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of an error."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def refused(error: ArchiveError) -> bool:
    """Whether it was for a right that lacks."""
    return isinstance(error.__cause__, ClientError) and status_of(error.__cause__) == _FORBIDDEN
