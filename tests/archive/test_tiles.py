"""The tiles alone give back the checkpoint's root, and every leaf: read here by the words of the C2SP specification."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.archive import Archive
from collector.archive.checkpoint import Checkpoint
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.merkle import Tree
from collector.archive.reader import Reader
from collector.archive.segment import Segment, decode
from collector.archive.tiles import entries, tile_path, write_tiles
from collector.errors import TamperedError, UsageError

from .conftest import AT, ORIGIN, commit

if TYPE_CHECKING:
    from collector.archive.keys import Keys

    from .conftest import Place


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def cheap_leaves(size: int) -> list[bytes]:
    return [number.to_bytes(3, "big")[: 1 + number % 3] for number in range(size)]


class Client:
    """Who has nothing but the folder."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size

    def hashes(self, level: int, number: int) -> list[bytes]:
        """One tile. Of the nodes of its level there are size / 256**level; the last tile has what 256 leave over."""
        nodes = self.size // 256**level
        width = min(256, nodes - 256 * number)
        suffix = f".p/{width}" if width < 256 else ""
        content = (self.folder / f"tile/{level}" / f"{spelled(number)}{suffix}").read_bytes()
        assert len(content) == 32 * width
        return [content[at : at + 32] for at in range(0, len(content), 32)]

    def root(self, start: int, end: int) -> bytes:
        """RFC 6962, section 2.1, for the leaves from `start` to `end`; whole subtrees of 256**level come from tiles."""
        count = end - start
        if count == 0:
            return sha(b"")
        level = next((level for level in range(6) if count == 256**level), None)
        if level is not None:
            number, position = divmod(start >> 8 * level, 256)
            return self.hashes(level, number)[position]
        split = 1 << (count - 1).bit_length() - 1
        return sha(b"\x01" + self.root(start, start + split) + self.root(start + split, end))

    def leaves(self) -> list[bytes]:
        found = []
        for number in range((self.size + 255) // 256):
            hashes = self.hashes(0, number)
            suffix = f".p/{len(hashes)}" if len(hashes) < 256 else ""
            bundle = (self.folder / "tile/entries" / f"{spelled(number)}{suffix}").read_bytes()
            mine = []
            while bundle:
                length = int.from_bytes(bundle[:2], "big")
                mine.append(bundle[2 : 2 + length])
                bundle = bundle[2 + length :]
            assert [sha(b"\x00" + leaf) for leaf in mine] == hashes
            found += mine
        return found

    def files(self) -> set[str]:
        """What is there, by the count of nodes on each level."""
        expected = {"checkpoint"}
        for level in itertools.takewhile(lambda level: self.size // 256**level, range(6)):
            nodes = self.size // 256**level
            for number in range((nodes + 255) // 256):
                width = min(256, nodes - 256 * number)
                for name in [str(level), "entries"] if level == 0 else [str(level)]:
                    expected.add(f"tile/{name}/{spelled(number)}" + (f".p/{width}" if width < 256 else ""))
        return expected


def spelled(number: int) -> str:
    digits = str(number).zfill((len(str(number)) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def exported(keys: Keys, leaves: list[bytes], folder: Path) -> None:
    """Write, and look at all there is."""
    root = Tree().append(leaves).root()
    note = keys.log.sign(Checkpoint(ORIGIN, len(leaves), root).text())
    write_tiles(iter(leaves), note, folder)
    client = Client(folder, len(leaves))
    assert client.root(0, len(leaves)) == root
    assert client.leaves() == leaves
    assert (folder / "checkpoint").read_bytes() == note
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == client.files()
    for level, number in [(1, 0), (1, 1), (2, 0)]:
        if client.size >= 256**level * (256 * number + 1):
            for position, node in enumerate(client.hashes(level, number)):
                below = client.hashes(level - 1, 256 * number + position)
                assert node == folded(below)


def folded(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [sha(b"\x01" + left + right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])
def test_the_tiles_of_a_tree_of_this_size(signing_keys: Keys, tmp_path: Path, size: int) -> None:
    exported(signing_keys, cheap_leaves(size), tmp_path / "tiles")


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 3_000))
def test_the_tiles_of_a_tree_of_any_size(signing_keys: Keys, size: int) -> None:
    with TemporaryDirectory() as folder:
        exported(signing_keys, cheap_leaves(size), Path(folder))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=300), max_size=300))
def test_leaves_come_back_as_they_were(signing_keys: Keys, leaves: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        exported(signing_keys, leaves, Path(folder))


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 999, 256, "tile/0/999"),
        (1, 1000, 256, "tile/1/x001/000"),
        (0, 1234, 5, "tile/0/x001/234.p/5"),
        (2, 1_234_067, 256, "tile/2/x001/x234/067"),
        ("entries", 1_234_067, 1, "tile/entries/x001/x234/067.p/1"),
    ],
)
def test_paths_are_spelled_as_the_specification_does(level: int | str, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


def test_an_archive_as_tiles(archive: Archive, place: Place, tmp_path: Path) -> None:
    commit(archive, "r1", "a", "b", "c")
    head = archive.head
    commit(archive, "r2", "a")  # after the checkpoint below: left out
    note = place.disk.get(checkpoint_key(head.sequence))
    assert note
    write_tiles(entries(Reader(place.disk)), note, tmp_path / "tiles")
    client = Client(tmp_path / "tiles", head.size)
    assert client.root(0, head.size) == head.root
    assert client.files() == {"checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"}


def test_leaves_of_another_tree_are_refused(signing_keys: Keys, tmp_path: Path) -> None:
    note = signing_keys.log.sign(Checkpoint(ORIGIN, 3, b"x" * 32).text())
    for name, leaves in {"other": [b"a", b"b", b"c"], "too few": [b"a"]}.items():
        with pytest.raises(TamperedError, match="another tree"):
            write_tiles(leaves, note, tmp_path / name)
        assert not (tmp_path / name / "checkpoint").exists()


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    for note in (b"", b"\xff\n\n", b"a\nb\nc\n\n"):
        with pytest.raises(TamperedError, match="run verify"):
            write_tiles([], note, tmp_path / "tiles")


def test_a_folder_that_holds_anything_is_refused(signing_keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    with pytest.raises(UsageError, match="is not empty"):
        write_tiles([], signing_keys.log.sign(Checkpoint(ORIGIN, 0, b"").text()), tmp_path)


def test_a_leaf_that_is_not_canonical_is_not_exported(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    before = decode(place.path(segment_key(0)).read_bytes()).segment.after()
    segment = Segment(archive.origin, 1, before, (b'{"kind": "x"}',), ())
    place.disk.put_if_absent(segment_key(1), segment.encode(place.keys.collector))
    with pytest.raises(TamperedError, match="leaf 1 of commit 1"):
        list(entries(Reader(place.disk)))
