"""Finds the files of a watched folder or bucket prefix. It only ever lists and reads."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from collector.errors import UnreadableError, UsageError
from collector.model import Cause, Gap
from collector.source.files.content import Piece

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_FILES = 1_000
_DENIED = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies there: not read yet."""

    name: str
    modified_at: datetime
    size: int


class Folder:
    """Files of this machine that match a path such as `/srv/hr/roster-*.csv`; a folder alone means all in it."""

    def __init__(self, path: str) -> None:
        whole = Path(path)
        folder, self._pattern = (whole, "*") if whole.is_dir() else (whole.parent, whole.name)
        self._folder = folder
        self.place = str(folder)

    def listed(self) -> list[Lying]:
        """Every file, the newest last; UnreadableError when the folder cannot be looked into."""
        try:
            there = [path for path in self._folder.iterdir() if self._matches(path.name)]
            found = [(path.name, path.lstat()) for path in there]
        except OSError as error:
            raise _unread(self.place, error) from error
        regular = [
            Lying(name, datetime.fromtimestamp(told.st_mtime, UTC), told.st_size)
            for name, told in found
            if stat.S_ISREG(told.st_mode)
        ]
        return sorted(regular, key=lambda one: (one.modified_at, one.name))

    def read(self, lying: Lying, most: int) -> Piece:
        """One of them. A link is not followed; what changes while it is read is not taken."""
        path = self._folder / lying.name
        try:
            return read_piece(path, self.place, most)
        except OSError as error:
            raise _unread(str(path), error) from error

    def _matches(self, name: str) -> bool:
        return not name.startswith(".") and fnmatchcase(name, self._pattern)


class Bucket:
    """Objects under a prefix of an S3 bucket."""

    def __init__(self, url: str, credentials: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if not parts.netloc or options.keys() - {"region", "endpoint"}:
            raise UsageError(f"{url}: must be s3://bucket/prefix, with the options region and endpoint alone")
        self._bucket, self._prefix = parts.netloc, parts.path.lstrip("/")
        self.place = f"s3://{self._bucket}/{self._prefix}"
        session = boto3.Session(
            aws_access_key_id=credentials.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=credentials.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        )
        self._client: Any = session.client(
            "s3", region_name=options.get("region"), endpoint_url=options.get("endpoint")
        )

    def listed(self) -> list[Lying]:
        """Every object right under the prefix, the newest last, over all pages."""
        found: list[Lying] = []
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for one in page.get("Contents", ()):
                    rest = one["Key"].removeprefix(self._prefix).lstrip("/")
                    if rest and "/" not in rest:
                        found.append(Lying(one["Key"], one["LastModified"], one["Size"]))
        except (ClientError, BotoCoreError) as error:
            raise _refused(self.place, error) from error
        return sorted(found, key=lambda one: (one.modified_at, one.name))

    def read(self, lying: Lying, most: int) -> Piece:
        """One of them, whole."""
        where = f"s3://{self._bucket}/{lying.name}"
        if lying.size > most:
            raise too_large(where, most)
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=lying.name)["Body"].read(most + 1)
        except (ClientError, BotoCoreError) as error:
            raise _refused(where, error) from error
        if len(body) != lying.size:
            raise UnreadableError(Gap(Cause.TRUNCATED, where, f"{len(body):,} bytes came, {lying.size:,} were listed"))
        return Piece(lying.name.rpartition("/")[2], self.place, body, lying.modified_at)


def shelf(path: str, environment: Mapping[str, str]) -> Folder | Bucket:
    """What a watched path names; UsageError for a kind of place that cannot be watched."""
    scheme = urlsplit(path).scheme if "://" in path else ""
    if scheme not in {"", "s3"}:
        raise UsageError(f"{scheme}://…: a folder of this machine or an s3://… prefix can be watched, nothing else yet")
    return Bucket(path, environment) if scheme else Folder(path)


def read_piece(path: Path, place: str, most: int) -> Piece:
    """One file of this machine, whole; UnreadableError when it is too large or changes meanwhile."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as opened:
        before = os.fstat(opened.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableError(Gap(Cause.UNAVAILABLE, str(path), "it is no plain file"))
        content = opened.read(most + 1)
        after = os.fstat(opened.fileno())
    if len(content) > most:
        raise too_large(str(path), most)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or len(content) != after.st_size:
        raise UnreadableError(Gap(Cause.TRUNCATED, str(path), "it changed while it was read"))
    return Piece(path.name, place, content, datetime.fromtimestamp(after.st_mtime, UTC))


def newest(found: list[Lying], *, every: bool) -> list[Lying]:
    """What is taken of a list."""
    if len(found) > MOST_FILES and every:
        return found[: MOST_FILES + 1]  # one more than allowed, for the caller to refuse
    return found if every else found[-1:]


def too_large(where: str, most: int) -> UnreadableError:
    """A file that is larger than allowed is not read at all, rather than in part."""
    return UnreadableError(Gap(Cause.TRUNCATED, where, f"it is larger than {most:,} bytes, the limit (`megabytes`)"))


def _unread(where: str, error: OSError) -> UnreadableError:
    cause = Cause.DENIED if isinstance(error, PermissionError) else Cause.UNAVAILABLE
    return UnreadableError(Gap(cause, where, f"cannot be read: {error.strerror}"))


def _refused(where: str, error: ClientError | BotoCoreError) -> UnreadableError:
    code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else type(error).__name__
    return UnreadableError(
        Gap(Cause.DENIED if code in _DENIED else Cause.UNAVAILABLE, where, f"cannot be read: {code}")
    )
