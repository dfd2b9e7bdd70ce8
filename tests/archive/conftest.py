"""Archives to test on, and the two stores that wrap the real one: a judge and a saboteur."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.verify import verify
from tests.doubles.tsa import running_tsa
from tests.doubles.witness import running_witness

from .outside import Company
from .stores import azurite, environment, gateway, gcs, kind, moto, server, store, url  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.archive.archive import Committed
    from collector.archive.pin import Head
    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.worm import Lock
    from tests.doubles.tsa import TsaDouble
    from tests.doubles.witness import WitnessDouble

ORIGIN = "example.com/evidence"
AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class Judge:
    """A store that fails the test as soon as an object changes, goes, or is put again with other bytes.

    A put of a log object that is there already is a lost race, and no fault. A pack is named by its
    bytes and a checkpoint follows from the leaves: to put another there is one.
    """

    def __init__(self, store: Store) -> None:  # noqa: F811 - the fixture is for tests
        self.store = store
        self.known: dict[str, bytes] = {}
        self.puts: list[str] = []

    def __str__(self) -> str:
        return str(self.store)

    def put_if_absent(self, key: str, content: bytes) -> bool:
        self.puts.append(key)
        before = self.store.get(key)
        stored = self.store.put_if_absent(key, content)
        after = self.store.get(key)
        assert after is not None, f"{key} was acknowledged and is not there"
        assert stored == (before is None), f"{key}: put says {stored}, but the object was there before: {before!r}"
        assert after == (content if before is None else before), f"{key} changed under a put"
        assert self.known.setdefault(key, after) == after, f"{key} changed since it was last seen"
        if key.startswith(("packs/", "log/")) and key.endswith((".zst", ".ckpt")):
            assert after == content, f"{key} was put again with other bytes"
        return stored

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        content = self.store.get(key, start, length)
        if key in self.known:
            assert content is not None, f"{key} is gone"
            if (start, length) == (0, None):
                assert content == self.known[key], f"{key} changed"
        return content

    def list(self, prefix: str) -> Iterator[str]:
        keys = list(self.store.list(prefix))
        gone = {key for key in self.known if key.startswith(prefix)}.difference(keys)
        assert not gone, f"no longer listed: {gone}"
        return iter(keys)

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        return self.store.lock(written)


@dataclass
class Place:
    """One archive on disk with its keys, and short words for what every test does with it."""

    root: Path
    keys: Keys
    judge: Judge

    @property
    def directory(self) -> Path:
        return self.root / "evidence"

    @property
    def disk(self) -> LocalStore:
        """The same place without the judge, for a test that plays the intruder."""
        return LocalStore(self.directory)

    def open(self) -> Archive:
        return Archive.open(self.judge, self.keys)

    def verify(self, pinned: Head | None = None) -> Report:
        """A verification that does not trust the judge: straight from the disk."""
        return verify(self.disk, str(self.keys.log.verifier_key), pinned)

    def objects(self) -> list[str]:
        return list(self.disk.list(""))

    def path(self, key: str) -> Path:
        return self.directory / key


def run_leaves(run: str, *contents: str, body: str | None = None) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The documents and the leaves of one run: for each content one evidence leaf with records and exchanges."""
    documents: list[bytes] = []
    leaves: list[dict[str, Any]] = []
    for position, content in enumerate(contents):
        records = canonical.encode({"key": content}) + b"\n"
        exchanges = b"".join(
            canonical.encode({"body": body, "call": f"{run}.{position}.{n}"}) + b"\n" for n in range(2)
        )
        completeness = canonical.encode({"complete": True})
        documents += [records, exchanges, completeness]
        leaves.append(
            {
                "kind": "evidence",
                "run": run,
                "records": {"sha256": canonical.digest(records), "count": 1},
                "exchanges": {"sha256": canonical.digest(exchanges), "count": 2},
                "completeness": {"sha256": canonical.digest(completeness)},
            }
        )
    leaves.append({"kind": "run", "run": run, "expected": len(contents), "collected": len(contents)})
    return documents, leaves


def commit(archive: Archive, run: str, *contents: str, large: bytes = b"", at: datetime = AT) -> Committed:
    """One run; `large` is a body that all its exchanges cite."""
    documents, leaves = run_leaves(run, *contents, body=canonical.digest(large) if large else None)
    with archive.stage(at) as staging:
        for document in documents + ([large] if large else []):
            staging.put(document)
        return archive.append(leaves, staging)


@pytest.fixture(scope="session")
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Keys that no test writes to, for what is pure."""
    return Keys.create(tmp_path_factory.mktemp("signing") / "keys", ORIGIN)


@pytest.fixture(scope="session")
def first_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys that every place begins with. The stranger's verifier works out tables for each key it meets."""
    return Keys.create(tmp_path_factory.mktemp("first") / "keys", ORIGIN).directory


@pytest.fixture
def place(tmp_path: Path, first_keys: Path) -> Place:
    """Keys and an empty directory; the archive is yet to be created."""
    shutil.copytree(first_keys, tmp_path / "keys")
    keys = Keys.load(tmp_path / "keys")
    return Place(tmp_path, keys, Judge(LocalStore(tmp_path / "evidence")))


@pytest.fixture
def archive(place: Place) -> Iterator[Archive]:
    """A fresh archive; whatever the test did with it, it must verify in the end unless the test says otherwise."""
    yield Archive.create(place.judge, place.keys, AT)
    assert place.verify(place.keys.pin()).faults == []


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TsaDouble]:
    (tmp_path / "tsa").mkdir()
    with running_tsa(tmp_path / "tsa") as double:
        yield double


@pytest.fixture
def witness(place: Place) -> Iterator[WitnessDouble]:
    with running_witness(place.keys.log.verifier_key) as double:
        yield double


@pytest.fixture
def company(place: Place, authority: TsaDouble, witness: WitnessDouble) -> Company:
    """The archive has its genesis: each run adds two commits, 1 and 2, 3 and 4, ..."""
    Archive.create(place.judge, place.keys, AT)
    return Company(place, [authority], [witness])
