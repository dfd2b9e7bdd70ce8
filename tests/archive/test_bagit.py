"""A bag is checked here by the words of RFC 8493 and the rules of `sha256sum --check`, not by our own code."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from collector import canonical
from collector.archive import pack
from collector.archive.archive import Archive
from collector.archive.bagit import write_bag
from collector.archive.layout import segment_key
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.segment import Segment, StoredObject, decode
from collector.errors import ArchiveError, TamperedError, UsageError

from .conftest import AT, commit, run_leaves

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Place

FACTS = {"Source-Organization": "Example Company", "Bagging-Date": "2026-11-23", "External-Description": "Prüfung: 1"}
LARGE = b"large " * 200_000
MANIFEST_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")


def listed(folder: Path, manifest: str) -> set[str]:
    """The files a manifest names, each with the digest it is said to have."""
    names = set()
    for line in (folder / manifest).read_text("utf-8").splitlines():
        match = MANIFEST_LINE.fullmatch(line)
        assert match, line
        assert hashlib.sha256((folder / match[2]).read_bytes()).hexdigest() == match[1], match[2]
        assert match[2] not in names
        names.add(match[2])
    return names


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def valid(folder: Path) -> dict[str, str]:
    """RFC 8493, section 3: complete, and every checksum right; the bag-info."""
    there = files(folder)
    assert there["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    payload = {name for name in there if name.startswith("data/")}
    assert listed(folder, "manifest-sha256.txt") == payload
    assert listed(folder, "tagmanifest-sha256.txt") == there.keys() - payload - {"tagmanifest-sha256.txt"}
    info = dict(line.split(": ", 1) for line in there["bag-info.txt"].decode().splitlines())
    assert info["Payload-Oxum"] == f"{sum(len(there[name]) for name in payload)}.{len(payload)}"
    return info


@pytest.fixture
def filled(place: Place) -> Place:
    archive = Archive.create(place.judge, place.keys, AT)
    commit(archive, "r1", "a", "b", large=LARGE)
    commit(archive, "r2", "a", at=AT.replace(year=2027))  # another epoch: stores what it needs again
    return place


def test_a_bag_is_valid_and_holds_the_log_and_every_content(filled: Place, tmp_path: Path) -> None:
    write_bag(filled.disk, tmp_path / "bag", FACTS)
    info = valid(tmp_path / "bag")
    assert list(info) == [*FACTS, "Payload-Oxum"]
    assert FACTS.items() <= info.items()
    there = files(tmp_path / "bag")
    for key in filled.disk.list("log/"):
        assert there.pop(f"data/{key}") == filled.disk.get(key)
    contents = {name.removeprefix("data/contents/"): content for name, content in there.items() if "contents/" in name}
    assert all(hashlib.sha256(content).hexdigest() == digest for digest, content in contents.items())
    runs = [run_leaves("r1", "a", "b", body=canonical.digest(LARGE)), run_leaves("r2", "a")]
    assert contents.keys() == {canonical.digest(LARGE)} | {canonical.digest(one) for run in runs for one in run[0]}
    cited = [leaf.body["records"]["sha256"] for leaf in Reader(filled.disk).leaves() if leaf.body["kind"] == "evidence"]
    assert contents.keys() >= set(cited)


def test_the_same_archive_gives_the_same_bytes(filled: Place, tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_bag(filled.disk, tmp_path / name, FACTS)
    assert files(tmp_path / "one") == files(tmp_path / "other")


def test_a_flipped_byte_in_the_bag_is_seen_by_this_check(filled: Place, tmp_path: Path) -> None:
    write_bag(filled.disk, tmp_path / "bag", {})
    content = next((tmp_path / "bag/data/contents").iterdir())
    content.write_bytes(content.read_bytes() + b"x")
    with pytest.raises(AssertionError):
        valid(tmp_path / "bag")


def test_what_no_commit_names_stays_out(filled: Place, tmp_path: Path) -> None:
    left_over = pack.assemble([(canonical.digest(b"x"), pack.compress(b"x"), 1)])
    filled.disk.put_if_absent(f"packs/2026Q4/{canonical.digest(left_over)}.zst", left_over)
    write_bag(filled.disk, tmp_path / "bag", FACTS)
    valid(tmp_path / "bag")
    assert not (tmp_path / "bag/data/contents" / canonical.digest(b"x")).exists()


def test_a_folder_that_holds_anything_is_refused(filled: Place) -> None:
    with pytest.raises(UsageError, match="is not empty"):
        write_bag(filled.disk, filled.root, FACTS)


@pytest.mark.parametrize(
    "facts",
    [{"A:B": "x"}, {"": "x"}, {" A": "x"}, {"A": "two\nlines"}, {"A": " "}, {"A\n": "x"}, {"payload-oxum": "1.1"}],
)
def test_a_fact_that_cannot_be_written_is_refused(filled: Place, tmp_path: Path, facts: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        write_bag(filled.disk, tmp_path / "bag", facts)
    assert not (tmp_path / "bag").exists()


@pytest.mark.parametrize("kind", ["log/000000000001.seg", "packs/", "blobs/"])
@pytest.mark.parametrize("damage", [None, b"", b"damaged" * 9])
def test_a_damaged_archive_gives_no_bag(filled: Place, tmp_path: Path, kind: str, damage: bytes | None) -> None:
    key = next(key for key in filled.objects() if key.startswith(kind))
    filled.path(key).unlink()
    if damage is not None:
        filled.path(key).write_bytes(damage)
    with pytest.raises(TamperedError, match=key):
        write_bag(filled.disk, tmp_path / "bag", FACTS)
    assert not (tmp_path / "bag" / "manifest-sha256.txt").exists()


def test_a_content_with_other_bytes_gives_no_bag(filled: Place, tmp_path: Path) -> None:
    before = decode(filled.path(segment_key(2)).read_bytes()).segment.after()
    content = pack.assemble([("0" * 64, pack.compress(b"a"), 1)])
    brought = StoredObject(f"packs/2026Q4/{canonical.digest(content)}.zst", canonical.digest(content))
    segment = Segment(filled.keys.origin, 3, before, (b'{"kind":"x"}',), (brought,))
    filled.disk.put_if_absent(brought.key, content)
    filled.disk.put_if_absent(segment_key(3), segment.encode(filled.keys.collector))
    with pytest.raises(TamperedError, match=f"other bytes for content {'0' * 64}"):
        write_bag(filled.disk, tmp_path / "bag", FACTS)


def test_an_empty_place_gives_no_bag(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="holds no archive"):
        write_bag(LocalStore(tmp_path / "nothing"), tmp_path / "bag", FACTS)
