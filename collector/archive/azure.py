"""A store in a container of Azure Blob Storage. Under a locked policy it is a WORM store; `lock` reads back that it is.

Each put is one Put Blob with If-None-Match, so that the server itself refuses a name that is taken; with its MD5, so
that it refuses bytes that changed on the way; and, where single versions can be locked, a lock with its date.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from hashlib import md5, sha256
from typing import TYPE_CHECKING

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ImmutabilityPolicy

from collector.archive import azure_access, azure_lock, azure_principals
from collector.archive.azure_calls import AzureCalls, code_of
from collector.archive.layout import retained_until
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.archive.access import AccessLog
    from collector.archive.places import Container, Terms
    from collector.archive.principals import Principals
    from collector.archive.worm import Lock, Survey

_TAKEN = {"BlobAlreadyExists", "ConditionNotMet", "TargetConditionNotMet", "BlobImmutableDueToPolicy"}
"""What a put is told of a name that is taken; the last by a container that is locked."""


class AzureStore:
    """The objects under a prefix of a container."""

    def __init__(self, container: Container, terms: Terms) -> None:
        self.container = container
        self._terms = terms
        self._calls = AzureCalls(container, terms)
        self._sent: dict[tuple[str, str], str] = {}
        """The SHA-256 of what was put, by key and by the MD5 that the server has checked of the same bytes."""

    def __str__(self) -> str:
        return str(self.container)

    def check_writable(self) -> None:
        """UsageError when the container cannot even be looked at."""
        try:
            next(self._calls.listed("", at_most=1), None)
            self._per_object  # noqa: B018 - asked for once, here
        except ArchiveError as error:
            raise UsageError(str(error)) from error

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """Put Blob under the condition that nothing has this name."""
        until = retained_until(self._terms.clock(), self._terms.retain_days)
        metadata = {azure_lock.PROMISE: until.isoformat(), "sha256": sha256(content).hexdigest()}

        def put() -> bool:
            try:
                self._calls.blob(key).upload_blob(
                    content,
                    length=len(content),
                    overwrite=False,
                    validate_content="md5",
                    metadata=metadata,
                    immutability_policy=self._retention(until),
                )
            except HttpResponseError as error:
                if code_of(error) in _TAKEN:
                    return False
                raise
            return True

        stored = self._calls.answer("Put Blob", key, put)
        self._sent[key, b64encode(md5(content, usedforsecurity=False).digest()).decode()] = metadata["sha256"]
        return stored

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Get Blob with a range; Azure counts none from the end, so for that the size is asked first."""
        blob = self._calls.blob(key)

        def get() -> bytes | None:
            try:
                first = start if start >= 0 else max(0, blob.get_blob_properties().size + start)
                # No range is empty in HTTP, so of nothing the first byte is asked for.
                wanted = None if length is None else max(length, 1)
                offset = first if first or wanted else None
                content: bytes = blob.download_blob(offset=offset, length=wanted).readall()
            except HttpResponseError as error:
                if code_of(error) == "BlobNotFound":
                    return None
                if code_of(error) == "InvalidRange":
                    return b""
                raise
            return content if length is None else content[:length]

        return self._calls.answer("Get Blob", key, get)

    def list(self, prefix: str) -> Iterator[str]:
        """List Blobs to its end; sorted here, as an account with folders lists these in an order of its own."""
        return iter(sorted(blob.name.removeprefix(self.container.prefix) for blob in self._calls.listed(prefix)))

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Ask the container for its policy, and for every version of these objects with its lock."""
        return azure_lock.read_back(self._calls, written, self._sent)

    def survey(self) -> Survey:
        """The container's policy, its lock and its length."""
        return azure_lock.survey(self._calls, self._terms.retain_days)

    def access_logs(self) -> tuple[AccessLog, ...]:
        """The resource logs of the account's blob service."""
        return azure_access.access_logs(self._calls)

    def principals(self) -> Principals:
        """Who has roles on the container and on all above it, and what the account lets its keys do."""
        return azure_principals.principals(self._calls)

    @cached_property
    def _per_object(self) -> bool:
        """Whether each version can have a lock of its own."""
        return azure_lock.locks_versions(self._calls)

    def _retention(self, until: datetime) -> ImmutabilityPolicy | None:
        return ImmutabilityPolicy(expiry_time=until, policy_mode=azure_lock.FIRM) if self._per_object else None
