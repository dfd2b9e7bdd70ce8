from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.archive import pieces
from collector.archive.local import LocalStore
from collector.archive.pieces import Pieces
from collector.archive.traffic import CountedStore

from .conftest import AT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> CountedStore:
    return CountedStore(LocalStore(tmp_path / "evidence"))


def put(store: CountedStore, name: str, length: int) -> str:
    key = f"packs/{AT.year}Q4/{name}"
    store.put_if_absent(key, bytes(number % 251 for number in range(length)))
    return key


def test_many_pieces_of_one_object_are_two_requests(store: CountedStore) -> None:
    key = put(store, "one", 10_000)
    found = Pieces(store)
    content = store.get(key)
    assert content is not None
    before = store.traffic.gets
    for start in range(0, 10_000, 100):
        assert found.piece(key, start, 150) == content[start : start + 150]
    assert store.traffic.gets - before == 2


def test_a_large_object_is_read_piece_by_piece(store: CountedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "LARGEST", 1_000)
    key = put(store, "large", 1_001)
    found = Pieces(store)
    before = store.traffic.gets
    assert [len(found.piece(key, start, 10) or b"") for start in range(0, 100, 10)] == [10] * 10
    assert store.traffic.gets - before == 11


def test_few_objects_are_kept(store: CountedStore) -> None:
    keys = [put(store, f"n{number}", 100 + number) for number in range(6)]
    found = Pieces(store)
    for _ in range(3):
        for key, length in zip(keys, range(100, 106), strict=True):
            assert len(found.piece(key, 0, 1_000) or b"") == length
    assert len(found._whole) == 4


def test_an_object_that_is_not_there_is_none(store: CountedStore) -> None:
    found = Pieces(store)
    assert [found.piece("packs/none", 0, 1) for _ in range(3)] == [None] * 3
