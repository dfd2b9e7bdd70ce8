"""Places on the other clouds: buckets of the GCS double, and containers of Azurite where Node.js is."""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from azure.storage.blob import BlobServiceClient

from collector.archive.layout import longest_days
from collector.archive.places import store_at

from .buckets import RETAIN_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.store import Place
    from tests.doubles.gcs.server import GcsDouble

AZURITE = Path(__file__).parent.parent / "doubles" / "azurite"
_PROGRAM = AZURITE / "node_modules" / ".bin" / "azurite-blob"
_NPM = ("--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund")
_numbers = itertools.count(1)


def azurite_missing() -> str:
    """Why it cannot run here; empty when it can."""
    if not shutil.which("node"):
        return "Node.js is not here, and Azurite runs on it (Debian: apt-get install npm)"
    if not _PROGRAM.exists() and not shutil.which("npm"):
        return "npm is not here, which installs Azurite (Debian: apt-get install npm)"
    return ""


def place_in(url: str, environment: dict[str, str] | None = None) -> Place:
    """The store at a URL, on the real clock."""
    return store_at(url, RETAIN_DAYS, lambda: datetime.now(UTC), environment or {})


def gcs_bucket(server: GcsDouble, *, lock: str = "", prefix: str = "evidence") -> str:
    """A new bucket; `lock` is `policy` or `object` retention. The URL of a place for an archive in it."""
    name = f"archive-{next(_numbers)}"
    fields: dict[str, Any] = {}
    if lock == "policy":
        seconds = longest_days(RETAIN_DAYS) * 86_400
        fields["retentionPolicy"] = {"retentionPeriod": str(seconds), "isLocked": True}
    server.service.create(name, fields, object_retention=lock == "object")
    return f"gs://{name}/{prefix}?{urlencode({'endpoint': server.endpoint})}"


@dataclass(frozen=True)
class Azurite:
    """Microsoft's emulator, with one account of our own."""

    endpoint: str
    account: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        return {"AZURE_STORAGE_KEY": self.key}

    @property
    def client(self) -> BlobServiceClient:
        """The owner's, for a test that looks or meddles behind the store's back."""
        return BlobServiceClient(self.endpoint, credential=self.key)

    def container(self, prefix: str = "evidence", **options: str) -> str:
        name = f"archive-{next(_numbers)}"
        with self.client as client:
            client.create_container(name)
        return f"az://{self.account}/{name}/{prefix}?{urlencode({'endpoint': self.endpoint} | options)}"


@contextlib.contextmanager
def running_azurite() -> Iterator[Azurite]:
    """A server of our own, empty, on a free port; installed as its lock file says when it is not yet."""
    _install()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = base64.b64encode(os.urandom(32)).decode()
    options = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    process = subprocess.Popen(  # noqa: S603 - constants
        [str(_PROGRAM), *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)],
        env=os.environ | {"AZURITE_ACCOUNTS": f"evidence:{key}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield Azurite(f"http://127.0.0.1:{port}/evidence", "evidence", key)
    finally:
        process.terminate()
        process.wait(10)


def _install() -> None:
    """Once, though several test processes ask for it: whoever makes the folder's lock is the one that installs."""
    if _PROGRAM.exists():
        return
    guard = AZURITE / ".installing"
    try:
        guard.mkdir()
    except FileExistsError:
        for _ in range(1000):
            if _PROGRAM.exists() and not guard.exists():
                return
            time.sleep(0.1)
        raise RuntimeError(f"{guard} did not go away; remove it and run again") from None
    try:
        subprocess.run(["npm", "ci", *_NPM], cwd=AZURITE, check=True, capture_output=True)  # noqa: S603, S607 - constants, from the PATH
    finally:
        guard.rmdir()
