"""The Merkle tree of RFC 6962, section 2.1, kept as a compact range.

A tree of n leaves is carried as the roots of its perfect subtrees, largest first: one hash for each 1 bit of n. That
frontier is all that is needed to append and to compute the root.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HASH_LENGTH = 32


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children; the prefixes keep a node from posing as a leaf."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of `size` leaves; ValueError when the frontier cannot belong to that size."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.frontier) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves does not have {len(self.frontier)} frontier hashes")
        if any(len(node) != HASH_LENGTH for node in self.frontier):
            raise ValueError("a frontier hash is not 32 bytes long")

    def append(self, leaves: Iterable[bytes]) -> Tree:
        """The tree with `leaves` (not their hashes) added on the right."""
        nodes = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
        size, level = self.size + len(nodes), self.size
        left, right = list(self.frontier), list[bytes]()
        # One level of the tree at a time, from the leaves up: what has no sibling yet is a root of the new frontier.
        while nodes:
            if level & 1:
                nodes.insert(0, left.pop())
            if len(nodes) & 1:
                right.append(nodes.pop())
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [sha256(b"\x01" + one + other).digest() for one, other in pairs]
            level >>= 1
        return Tree(size, (*left, *reversed(right)))

    def root(self) -> bytes:
        """The 32-byte root; for the empty tree, the SHA-256 of nothing."""
        if not self.frontier:
            return sha256().digest()
        *left, node = self.frontier
        for sibling in reversed(left):
            node = node_hash(sibling, node)
        return node
