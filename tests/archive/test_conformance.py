"""What every store owes (see `Store`), tried on each: a directory, S3 on moto and on a real RADOS Gateway, GCS, Azure.

That the suite would see a store that breaks its promise is tried too, on one that does.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from functools import partial
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Any

import google_crc32c
import httpx
import pytest

from collector.errors import ArchiveError

from .buckets import in_bucket
from .clouds import gcs_bucket, place_in
from .stores import AZURITE, ONCE_A_SERVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.archive.store import Store
    from collector.archive.worm import Lock
    from tests.doubles.gcs.server import GcsDouble

GONE = {
    "local": "{folder}/file",
    "moto": "s3://no-such-bucket/x?region=us-east-1&endpoint={endpoint}",
    "gateway": "s3://no-such-bucket/x?region=us-east-1&endpoint={endpoint}",
    "gcs": "gs://no-such-bucket/x?endpoint={endpoint}",
    "azurite": "az://evidence/no-such-container/x?endpoint={endpoint}",
}


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


@pytest.mark.parametrize("kind", ["moto locked", "gcs object", AZURITE], indirect=True)
def test_what_was_put_can_be_proved_by_its_properties_alone(store: Store, server: Any, kind: str, url: str) -> None:
    """By anybody with a client of their own; Ceph 16 keeps no SHA-256, and there `lock` reads the bytes."""
    content, place = b"what was collected", url.partition("?")[0]
    store.put_if_absent("packs/x", content)
    md5sum = md5(content, usedforsecurity=False).digest()
    if kind == "moto locked":
        head = server.client.head_object(**in_bucket(url, "packs/x"), ChecksumMode="ENABLED")
        assert b64decode(head["ChecksumSHA256"]) == sha256(content).digest()
    elif kind == "gcs object":
        told = httpx.get(f"{server.endpoint}/storage/v1/b/{place.split('/')[2]}/o/evidence%2Fpacks%2Fx").json()
        assert b64decode(told["md5Hash"]) == md5sum
        assert int.from_bytes(b64decode(told["crc32c"]), "big") == google_crc32c.value(content)
    else:
        with server.client as client:
            found = client.get_blob_client(place.split("/")[3], "evidence/packs/x").get_blob_properties()
        assert bytes(found.content_settings.content_md5) == md5sum


@pytest.fixture
def in_small_pages(store: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The store, with lists that the server gives out ten names at a time."""
    match kind.partition(" ")[0]:
        case "moto" | "gateway":
            events = store._calls.client.meta.events
            events.register("provide-client-params.s3.ListObjectsV2", lambda params, **_: params | {"MaxKeys": 10})
        case "gcs":
            monkeypatch.setattr("tests.doubles.gcs.server.PAGE", 10)
        case "azurite":
            monkeypatch.setattr(store._calls, "listed", partial(store._calls.listed, at_most=10))
    return store


@ONCE_A_SERVER
def test_a_list_longer_than_a_page_comes_whole(in_small_pages: Store) -> None:
    keys = [f"log/{number:012d}.seg" for number in range(31)]
    for key in keys:
        assert in_small_pages.put_if_absent(key, b"x")
    assert list(in_small_pages.list("log/")) == keys


@ONCE_A_SERVER
def test_a_large_object_comes_back_as_it_was(store: Store) -> None:
    content = bytes(range(256)) * (80 << 12)  # 80 MiB: more than a pack
    assert store.put_if_absent("packs/2026Q4/x", content)
    assert store.get("packs/2026Q4/x") == content
    assert store.get("packs/2026Q4/x", -3) == content[-3:]
    assert store.get("packs/2026Q4/x", 50_000_000, 7) == content[50_000_000:50_000_007]


def test_a_place_that_is_not_there_is_an_archive_error(server: Any, kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = GONE[kind.partition(" ")[0]].format(folder=tmp_path, endpoint=getattr(server, "endpoint", ""))
    gone = place_in(url, getattr(server, "environment", None))
    for verb in (lambda: gone.put_if_absent("log/1", b""), lambda: gone.get("log/1"), lambda: list(gone.list(""))):
        with pytest.raises(ArchiveError, match=r"no-such-.* was refused: .*; make the |file.* failed: .*; see"):
            verb()


@pytest.mark.parametrize(
    "broken", [test_an_object_is_put_once_and_never_replaced, test_of_many_that_put_one_key_exactly_one_stores]
)
def test_a_server_that_ignores_the_condition_does_not_pass(gcs: GcsDouble, broken: Any) -> None:
    """With the real client on the wire: what fails here is the suite's judgement of a server, not of a class."""
    store = place_in(gcs_bucket(gcs))
    gcs.service.ignores_conditions = True
    try:
        with pytest.raises(AssertionError):
            broken(store)
    finally:
        gcs.service.ignores_conditions = False
