"""The log as a C2SP tlog-tiles folder, which any static web server can serve to the log clients that exist.

    checkpoint               the signed tree head, as it is in the archive
    tile/<L>/<N>             256 hashes: the roots of the perfect subtrees of 256**L leaves, from number 256*N on
    tile/entries/<N>         the 256 leaves below tile/0/<N>, each after its length as a big-endian uint16
    .../<N>.p/<W>            the W hashes or leaves that there are, at the right edge

N is written in groups of three digits, each but the last behind an `x`: 1234067 is `x001/x234/067`.
"""

from __future__ import annotations

import struct
from itertools import islice
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.checkpoint import Checkpoint
from collector.archive.merkle import Tree, leaf_hash, node_hash
from collector.errors import TamperedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from collector.archive.reader import Reader

WIDTH = 256
"""Hashes in a full tile, leaves in a full bundle."""

_LENGTH = struct.Struct(">H")
_GROUP = 1000


def entries(reader: Reader) -> Iterator[bytes]:
    """The bytes of every leaf, from the genesis on; TamperedError when a leaf is not in its canonical form."""
    for leaf in reader.leaves():
        encoded = canonical.encode(leaf.body)
        if leaf_hash(encoded).hex() != leaf.hash:
            raise TamperedError(f"leaf {leaf.index} of commit {leaf.sequence} is not written in its canonical form")
        yield encoded


def write_tiles(leaves: Iterable[bytes], checkpoint: bytes, folder: Path) -> None:
    """Write the tree that `checkpoint` (a signed note) is signed for into a new folder, the checkpoint last.

    Leaves beyond the checkpoint's size are left out. UsageError when the folder holds anything, TamperedError when the
    leaves do not make the checkpoint's tree. Memory does not grow with the log. The signature is not checked here.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder, so that two exports never mix")
    head = _head(checkpoint)
    edge = _Edge(folder)
    for leaf in islice(leaves, head.size):
        edge.append(leaf)
    tree = edge.close()
    if (tree.size, tree.root()) != (head.size, head.root):
        raise TamperedError(
            f"the {tree.size} leaves make another tree than the checkpoint's, which has {head.size}; run verify"
        )
    _write(folder / "checkpoint", checkpoint)


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Where a tile lies, or (level `entries`) a bundle of leaves; narrower ones are partial."""
    number, last = divmod(number, _GROUP)
    path = f"{last:03d}"
    while number:
        number, group = divmod(number, _GROUP)
        path = f"x{group:03d}/{path}"
    return f"tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


class _Edge:
    """The right edge of the tree: for each level the hashes that do not fill a tile yet, and the leaves of the last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bundle: list[bytes] = []
        self._levels: list[list[bytes]] = []
        self._written: list[int] = []
        self._tree = Tree()

    def append(self, leaf: bytes) -> None:
        self._tree = self._tree.append((leaf,))
        self._bundle += (_LENGTH.pack(len(leaf)), leaf)
        self._push(0, leaf_hash(leaf))

    def close(self) -> Tree:
        """Write what is not full; the tree of all leaves."""
        for level, hashes in enumerate(self._levels):
            if hashes:
                self._tile(level, hashes)
        return self._tree

    def _push(self, level: int, node: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._written.append(0)
        hashes = self._levels[level]
        hashes.append(node)
        if len(hashes) == WIDTH:
            self._tile(level, hashes)
            self._written[level] += 1
            self._push(level + 1, _perfect_root(hashes))
            hashes.clear()

    def _tile(self, level: int, hashes: list[bytes]) -> None:
        number = self._written[level]
        _write(self._folder / tile_path(level, number, len(hashes)), b"".join(hashes))
        if level == 0:
            _write(self._folder / tile_path("entries", number, len(hashes)), b"".join(self._bundle))
            self._bundle.clear()


def _perfect_root(hashes: list[bytes]) -> bytes:
    """The root over a power of two of subtrees of one size."""
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _head(checkpoint: bytes) -> Checkpoint:
    try:
        return Checkpoint.parse(checkpoint.decode().rpartition("\n\n")[0] + "\n")
    except ValueError as error:
        raise TamperedError(f"the checkpoint to export is none: {error}; run verify") from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
