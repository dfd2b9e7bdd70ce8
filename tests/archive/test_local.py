"""What every store owes (see `Store`), and what the local one does besides."""

from __future__ import annotations

import os
import resource
import stat
from typing import TYPE_CHECKING

import pytest

from collector.archive.local import LocalStore
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "deep" / "evidence")


def test_an_object_is_put_once_and_never_replaced(store: Store) -> None:
    assert store.put_if_absent("log/1.seg", b"first")
    assert not store.put_if_absent("log/1.seg", b"second")
    assert not store.put_if_absent("log/1.seg", b"first")
    assert store.get("log/1.seg") == b"first"


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.get("log/1.seg") is None
    assert list(store.list("log/")) == []
    assert list(store.list("")) == []


@pytest.mark.parametrize(
    ("start", "length", "part"),
    [
        (0, None, b"abcdef"),
        (2, None, b"cdef"),
        (2, 2, b"cd"),
        (-2, None, b"ef"),
        (-9, None, b"abcdef"),
        (-3, 2, b"de"),
        (6, 1, b""),
        (4, 9, b"ef"),
    ],
)
def test_a_part_of_an_object(store: Store, start: int, length: int | None, part: bytes) -> None:
    store.put_if_absent("packs/x", b"abcdef")
    assert store.get("packs/x", start, length) == part


def test_listing_is_ordered_and_by_prefix(store: Store) -> None:
    for key in ("packs/2026Q4/b", "log/2", "log/10", "log/1", "packs/2026Q4/a", "packs/2027Q1/c"):
        store.put_if_absent(key, b"")
    assert list(store.list("")) == ["log/1", "log/10", "log/2", "packs/2026Q4/a", "packs/2026Q4/b", "packs/2027Q1/c"]
    assert list(store.list("log/1")) == ["log/1", "log/10"]
    assert list(store.list("packs/2026Q4/")) == ["packs/2026Q4/a", "packs/2026Q4/b"]
    assert list(store.list("packs/2026")) == ["packs/2026Q4/a", "packs/2026Q4/b"]


def test_objects_are_read_only_files_and_nothing_else_is_left(tmp_path: Path) -> None:
    LocalStore(tmp_path).put_if_absent("log/1", b"x")
    LocalStore(tmp_path).put_if_absent("log/1", b"y")
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["1"]
    assert stat.S_IMODE((tmp_path / "log" / "1").stat().st_mode) == 0o444


def test_what_a_killed_put_leaves_behind_is_no_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put_if_absent("log/1", b"x")
    (tmp_path / "log" / ".unfinished-abc").write_bytes(b"half")
    assert list(store.list("")) == ["log/1"]


def test_the_bytes_and_the_name_reach_the_disk_before_it_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    store.put_if_absent("log/1", b"x")
    steps: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(descriptor: int) -> None:
        steps.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_link(*args: object, **kwargs: object) -> None:
        steps.append("link")
        link(*args, **kwargs)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)
    assert store.put_if_absent("log/2", b"x")
    assert steps == ["file", "link", "directory"]
    steps.clear()
    assert not store.put_if_absent("log/2", b"x")
    assert steps == ["directory"]


def test_a_place_that_is_no_directory_is_explained(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    store = LocalStore(tmp_path / "evidence")
    with pytest.raises(ArchiveError, match=r"writing .*/evidence/log/1 failed: .*; see that the disk"):
        store.put_if_absent("log/1", b"x")
    with pytest.raises(ArchiveError, match=r"reading .*/evidence/log/1 failed: Not a directory"):
        store.get("log/1")
    with pytest.raises(ArchiveError, match=r"listing .* failed: Not a directory"):
        store.list("log/")


def test_a_put_that_the_system_cuts_short_is_an_error_and_leaves_no_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put_if_absent("log/1", b"x")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(ArchiveError, match="File too large"):
            store.put_if_absent("log/2", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["1"]
