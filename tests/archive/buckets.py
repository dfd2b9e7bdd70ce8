"""Buckets to keep archives in: on moto in a process of its own, and on a real RADOS Gateway where one can run."""

from __future__ import annotations

import contextlib
import itertools
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
from botocore.config import Config

from collector.archive.places import bucket_at
from collector.archive.s3 import S3Store

from .rgw import running_rgw

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

RETAIN_DAYS = 30
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """An S3 server, and its owner's credentials."""

    endpoint: str
    access: str = "owner"
    secret: str = "loopback-only"  # noqa: S105 - of a server that lives as long as the test
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        """The owner's, for a test that looks or meddles behind the store's back."""
        if not self.clients:
            self.clients["owner"] = boto3.session.Session(self.access, self.secret).client(
                "s3",
                region_name="us-east-1",
                endpoint_url=self.endpoint,
                config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard", "max_attempts": 2}),
            )
        return self.clients["owner"]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
        }

    def use(self, monkeypatch: pytest.MonkeyPatch) -> Server:
        """Let boto3 find these credentials, and no others."""
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        return self

    def bucket(self, *, locked: bool, prefix: str = "evidence") -> str:
        """A new bucket; the URL of a place for an archive in it."""
        name = f"archive-{next(_numbers)}-{'locked' if locked else 'plain'}"
        self.client.create_bucket(Bucket=name, **({"ObjectLockEnabledForBucket": True} if locked else {}))
        return f"s3://{name}/{prefix}?{urlencode({'region': 'us-east-1', 'endpoint': self.endpoint})}"


def store_in(url: str, retain_days: int = RETAIN_DAYS) -> S3Store:
    """The store at a URL, on the real clock: a server refuses locks that end in its past."""
    return S3Store(bucket_at(url), retain_days, lambda: datetime.now(UTC))


def in_bucket(url: str, key: str = "") -> dict[str, str]:
    """How the owner's client names an object of the archive."""
    place = bucket_at(url)
    return {"Bucket": place.name, "Key": f"{place.prefix}{key}"}


@contextlib.contextmanager
def running_moto() -> Iterator[Server]:
    """A moto server of our own, empty, on a free port; it takes one request at a time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.archive.moto_server", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - constants
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def running_gateway() -> Iterator[Server]:
    """A real one; `rgw.missing()` says beforehand whether it can run here."""
    with running_rgw() as rgw:
        access, secret = rgw.user("owner")
        yield Server(rgw.endpoint, access, secret)
