"""What every store owes (see `Store`), tried on each: a directory, S3 on moto, S3 on a real RADOS Gateway.

That the suite would see a store that breaks its promise is tried too, on one that does.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.local import LocalStore
from collector.archive.s3 import S3Store
from collector.errors import ArchiveError

from . import rgw
from .buckets import running_gateway, running_moto, store_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.archive.store import Store
    from collector.archive.worm import Lock

    from .buckets import Server

RGW = pytest.param("rgw", marks=[pytest.mark.rgw, pytest.mark.skipif(bool(rgw.missing()), reason=rgw.missing())])
PLACES = ["local", "moto", "moto locked", RGW]


@pytest.fixture(scope="module")
def moto() -> Iterator[Server]:
    with running_moto() as server:
        yield server


@pytest.fixture(scope="module")
def gateway() -> Iterator[Server]:
    with running_gateway() as server:
        yield server


@pytest.fixture(params=PLACES)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "local":
        return LocalStore(tmp_path / "deep" / "evidence")
    server: Server = request.getfixturevalue("gateway" if request.param == "rgw" else "moto")
    # Not the gateway's locked buckets: see test_rgw.py.
    return store_in(server.use(monkeypatch).bucket(locked=request.param == "moto locked"))


class Careless:
    """A store that forgets the condition of a put, as some S3 servers do: what the suite must not let pass."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_if_absent(self, key: str, content: bytes) -> bool:
        self.objects[key] = content
        return True

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        content = self.objects.get(key)
        if content is None:
            return None
        part = content[start:]
        return part if length is None else part[:length]

    def list(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        raise NotImplementedError


def test_an_object_is_put_once_and_never_replaced(store: Store) -> None:
    assert store.put_if_absent("log/1.seg", b"first")
    assert not store.put_if_absent("log/1.seg", b"second")
    assert not store.put_if_absent("log/1.seg", b"first")
    assert store.get("log/1.seg") == b"first"


def test_of_many_that_put_one_key_exactly_one_stores(store: Store) -> None:
    told: list[tuple[bool, bytes]] = []
    start = threading.Barrier(8)

    def put(content: bytes) -> None:
        start.wait()
        told.append((store.put_if_absent("log/1", content), content))

    threads = [threading.Thread(target=put, args=(b"%d" % number * 1000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    assert [content for stored, content in told if stored] == [store.get("log/1")]
    assert list(store.list("")) == ["log/1"]


@pytest.mark.parametrize(
    "broken", [test_an_object_is_put_once_and_never_replaced, test_of_many_that_put_one_key_exactly_one_stores]
)
def test_a_store_that_ignores_the_condition_does_not_pass(broken: Any) -> None:
    with pytest.raises(AssertionError):
        broken(Careless())


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.get("log/1.seg") is None
    assert store.get("log/1.seg", -4) is None
    assert store.get("log/1.seg", 2, 2) is None
    assert list(store.list("log/")) == []
    assert list(store.list("")) == []


PARTS = [
    (0, None, b"abcdef"),
    (2, None, b"cdef"),
    (2, 2, b"cd"),
    (0, 3, b"abc"),
    (2, 0, b""),
    (-2, None, b"ef"),
    (-9, None, b"abcdef"),
    (-3, 2, b"de"),
    (-9, 2, b"ab"),
    (6, 1, b""),
    (9, None, b""),
    (4, 9, b"ef"),
]


def test_a_part_of_an_object(store: Store) -> None:
    store.put_if_absent("packs/x", b"abcdef")
    assert [store.get("packs/x", start, length) for start, length, _ in PARTS] == [part for _, _, part in PARTS]


def test_an_empty_object_is_an_object(store: Store) -> None:
    assert store.put_if_absent("log/1", b"")
    assert not store.put_if_absent("log/1", b"x")
    assert [store.get("log/1"), store.get("log/1", 0, 5), store.get("log/1", -5)] == [b"", b"", b""]


def test_listing_is_ordered_and_by_prefix(store: Store) -> None:
    for key in ("packs/2026Q4/b", "log/2", "log/10", "log/1", "packs/2026Q4/a", "packs/2027Q1/c"):
        store.put_if_absent(key, b"")
    assert list(store.list("")) == ["log/1", "log/10", "log/2", "packs/2026Q4/a", "packs/2026Q4/b", "packs/2027Q1/c"]
    assert list(store.list("log/1")) == ["log/1", "log/10"]
    assert list(store.list("packs/2026Q4/")) == ["packs/2026Q4/a", "packs/2026Q4/b"]
    assert list(store.list("packs/2026")) == ["packs/2026Q4/a", "packs/2026Q4/b"]


def test_a_list_longer_than_a_page_comes_whole(store: Store) -> None:
    keys = [f"log/{number:012d}.seg" for number in range(1003)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda key: store.put_if_absent(key, b"x"), keys))
    assert list(store.list("log/")) == keys


def test_a_large_object_comes_back_as_it_was(store: Store) -> None:
    content = bytes(range(256)) * (80 << 12)  # 80 MiB: more than a pack
    assert store.put_if_absent("packs/2026Q4/x", content)
    assert store.get("packs/2026Q4/x") == content
    assert store.get("packs/2026Q4/x", -3) == content[-3:]
    assert store.get("packs/2026Q4/x", 50_000_000, 7) == content[50_000_000:50_000_007]


def test_a_place_that_is_not_there_is_an_archive_error(store: Store, tmp_path: Path) -> None:
    if isinstance(store, S3Store):
        gone: Store = store_in(f"s3://no-such-bucket/x?region=us-east-1&endpoint={store.bucket.endpoint}")
    else:
        (tmp_path / "file").write_text("")
        gone = LocalStore(tmp_path / "file")
    for verb in (lambda: gone.put_if_absent("log/1", b""), lambda: gone.get("log/1"), lambda: list(gone.list(""))):
        with pytest.raises(ArchiveError, match=r"no-such-bucket.*NoSuchBucket.*make the bucket|file.* failed: .*; see"):
            verb()
