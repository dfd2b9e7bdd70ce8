from __future__ import annotations

import os
import resource
import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import canonical
from collector.archive import pack, staging
from collector.archive.layout import epoch_of
from collector.archive.local import LocalStore
from collector.archive.staging import Staging
from collector.errors import ArchiveError, TamperedError

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = st.lists(st.binary(max_size=2000), min_size=1, max_size=8, unique=True)


def staged(*contents: bytes, held: frozenset[str] = frozenset()) -> list[tuple[str, bytes]]:
    with Staging("2026Q4", held) as area:
        for content in contents:
            assert area.put(content) == canonical.digest(content)
        return list(area.objects())


@settings(deadline=None)
@given(CONTENTS)
def test_every_content_comes_back_from_its_place(contents: list[bytes]) -> None:
    ((key, content),) = staged(*contents)
    assert key == f"packs/2026Q4/{canonical.digest(content)}.zst"
    index = pack.index_in(content)
    assert list(index) == sorted(canonical.digest(each) for each in contents)
    back = [
        pack.expand(content[frame.offset : frame.offset + frame.compressed], frame.length) for frame in index.values()
    ]
    assert sorted(back) == sorted(contents)


@pytest.mark.skipif(shutil.which("zstd") is None, reason="the zstd program is not here to judge")
def test_plain_zstd_reads_a_pack(tmp_path: Path) -> None:
    contents = [b"one\n", b"two\n" * 1000, b"", bytes(range(256))]
    ((_, content),) = staged(*contents)
    (tmp_path / "pack.zst").write_bytes(content)
    read = subprocess.run(["zstd", "-dc", str(tmp_path / "pack.zst")], check=True, capture_output=True)  # noqa: S603, S607 - from the PATH
    in_order = sorted(contents, key=canonical.digest)
    assert read.stdout == b"".join(in_order)


def test_the_order_of_arrival_does_not_change_the_pack() -> None:
    assert staged(b"a", b"b", b"c") == staged(b"c", b"b", b"a", b"b")


def test_nothing_staged_makes_no_object() -> None:
    assert staged() == []
    assert staged(b"a", held=frozenset({canonical.digest(b"a")})) == []


def test_only_what_is_over_one_mebibyte_is_a_blob() -> None:
    (small, _), (large, content) = staged(b"x" * (1 << 20), b"y" * ((1 << 20) + 1))
    assert small.startswith("packs/")
    assert large == f"blobs/2026Q4/{canonical.digest(b'y' * ((1 << 20) + 1))}.zst"
    assert pack.expanded_digest(content) == canonical.digest(b"y" * ((1 << 20) + 1))


def test_a_pack_is_closed_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "PACK_TARGET", 100)
    contents = [b"%d" % number * 20 for number in range(20)]
    objects = staged(*contents)
    assert len(objects) > 2
    indexed = [digest for _, content in objects for digest in pack.index_in(content)]
    assert indexed == sorted(map(canonical.digest, contents))


def test_many_threads_stage_at_once() -> None:
    contents = [b"%d" % number * 500 for number in range(200)]
    with Staging("2026Q4", frozenset()) as area:
        threads = [threading.Thread(target=lambda: [area.put(content) for content in contents]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(area.objects()) == staged(*contents)


def test_a_forged_frame_does_not_expand_past_its_stated_length() -> None:
    bomb = pack.compress(bytes(50 << 20))
    with pytest.raises(ValueError, match="stated length"):
        pack.expand(bomb, 10)
    assert max(len(piece) for piece in pack.expanded(bomb)) <= 1 << 20


@pytest.mark.parametrize(
    "content", [b"", b"x", pack.compress(b"a")[:-1], pack.compress(b"a") + b"x", pack.compress(b"a") * 2]
)
def test_what_is_not_exactly_one_frame_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="zstd frame"):
        pack.expand(content)
    with pytest.raises(ValueError, match="zstd frame"):
        pack.expanded_digest(content)


def test_a_spool_that_takes_little_at_a_time_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = staged(b"a" * 300, b"b" * 300)
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, content, at: whole(file, content[:3], at))
    assert staged(b"a" * 300, b"b" * 300) == usual


def test_a_full_spool_is_explained() -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Staging("2026Q4", frozenset()) as area:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            with pytest.raises(ArchiveError, match="temporary directory failed: File too large; free some space"):
                area.put(os.urandom(5000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        area.put(b"small")
        ((_, content),) = area.objects()
    assert list(pack.index_in(content)) == [canonical.digest(b"small")]


def test_the_index_is_found_from_the_end(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    contents = [b"%d" % number for number in range(2000)]
    ((key, content),) = staged(*contents)
    store.put_if_absent(key, content)
    index = pack.index_of(store, key)
    assert len(content) > 2 << 16, "small enough for one read: the second goes untested"
    assert index == pack.index_in(content)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_index_is_an_error_or_another_index_never_a_crash(data: st.DataObject) -> None:
    ((_, content),) = staged(b"a", b"b")
    damaged = bytearray(content)
    damaged[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        index = pack.index_in(bytes(damaged))
    except ValueError:
        return
    assert sum(frame.compressed for frame in index.values()) < len(content)


@pytest.mark.parametrize("content", [b"", b"x" * 11, b"x" * 100, b"\0" * 100])
def test_a_pack_without_an_index_is_named(tmp_path: Path, content: bytes) -> None:
    key = f"packs/2026Q4/{'0' * 64}.zst"
    LocalStore(tmp_path).put_if_absent(key, content)
    with pytest.raises(TamperedError, match=f"{key} has no readable index"):
        pack.index_of(LocalStore(tmp_path), key)


@pytest.mark.parametrize("entry", [b"1", b"[1,2]", b'[1,2,"3"]', b"[0,-1,1]", b"null", b"[0,true,1]", b"[0,1.5,1]"])
def test_an_index_entry_that_is_no_place_is_refused(entry: bytes) -> None:
    text = b'{"x":' + entry + b"}"
    frame = b"\x5e\x2a\x4d\x18" + (len(text) + 4).to_bytes(4, "little") + text + len(text).to_bytes(4, "little")
    with pytest.raises(ValueError, match=r"three lengths|no integer"):
        pack.index_in(frame)


@pytest.mark.parametrize(
    ("at", "epoch"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026Q2"),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5))), "2027Q1"),
        (datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=5))), "2026Q4"),
    ],
)
def test_the_epoch_is_the_quarter_in_utc(at: datetime, epoch: str) -> None:
    assert epoch_of(at) == epoch


def test_an_instant_without_a_zone_has_no_epoch() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        epoch_of(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
