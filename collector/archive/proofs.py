"""Inclusion and consistency proofs of RFC 6962, sections 2.1.1 and 2.1.2, over SHA-256.

Generation follows the recursive definitions of RFC 6962, verification the iterative algorithms of RFC 9162 (sections
2.1.3.2 and 2.1.4.2), so that neither repeats a mistake of the other. Pure; what is wrong is a ValueError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.merkle import HASH_LENGTH, Tree, node_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EMPTY_ROOT = Tree().root()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """MTH: the 32-byte root of the tree over these leaf hashes; for none, the SHA-256 of nothing."""
    if not hashes:
        return _EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, D[n]): the siblings, from the leaf upwards, that lead from leaf `index` to the root of all."""
    if not 0 <= index < len(hashes):
        raise ValueError(f"leaf {index} is not in a tree of {len(hashes)} leaves")
    if len(hashes) == 1:
        return []
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if index < split:
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - split), root_of(left)]


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """PROOF(old_size, D[n]): what shows that the tree of the first `old_size` leaves is a beginning of the whole one.

    Empty where `old_size` is 0 or the whole.
    """
    if not 0 <= old_size <= len(hashes):
        raise ValueError(f"a tree of {len(hashes)} leaves has no beginning of {old_size}")
    frontier = [root_of(hashes[start:end]) for start, end in _perfect(old_size)]
    return growth_proof(Tree(old_size, tuple(frontier)), hashes[old_size:])


def growth_proof(before: Tree, added: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n]) from the compact range of the m leaves before and the hashes of the n - m leaves added to them.

    No other hash is needed: every old node that such a proof can name is one of the frontier. A segment's header and
    the leaves from there on are therefore enough, however long the log is.
    """
    size = before.size
    known = dict(zip(_perfect(size), before.frontier, strict=True))

    def node(start: int, end: int) -> bytes:
        return known[start, end] if end <= size else root_of(added[start - size : end - size])

    def subproof(start: int, end: int, *, whole: bool) -> list[bytes]:
        if end == size:
            return [] if whole else [node(start, end)]
        middle = start + _split(end - start)
        if size <= middle:
            return [*subproof(start, middle, whole=whole), node(middle, end)]
        return [*subproof(middle, end, whole=False), node(start, middle)]

    return subproof(0, size + len(added), whole=True) if size and added else []


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """ValueError unless `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with this root."""
    _check_lengths(leaf, root, *proof)
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    node, position, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise ValueError("the inclusion proof is too long")
        if position % 2 or position == last:
            node = node_hash(sibling, node)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("the inclusion proof is too short")
    if node != root:
        raise ValueError("the inclusion proof leads to another root")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """ValueError unless the tree (`old_size`, `old_root`) is a beginning of the tree (`size`, `root`)."""
    _check_lengths(old_root, root, *proof)
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} leaves has no beginning of {old_size}")
    if old_size in {0, size}:
        expected = root if old_size else _EMPTY_ROOT
        if proof or old_root != expected:
            raise ValueError("two trees of one size differ, or a proof where none is due")
        return
    _check_growth(old_size, old_root, size, root, proof)


def _check_growth(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162, section 2.1.4.2, for a tree that is neither empty nor the whole one."""
    # Where the old tree is perfect, its root is the first node, and the proof leaves it out.
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    position, last = old_size - 1, size - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    if not path:
        raise ValueError("the consistency proof is too short")
    old_node = node = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ValueError("the consistency proof is too long")
        if position % 2 or position == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("the consistency proof is too short")
    if (old_node, node) != (old_root, root):
        raise ValueError("the consistency proof leads to other roots")


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _perfect(size: int) -> Iterator[tuple[int, int]]:
    """The perfect subtrees of a tree, from left to right, each as the leaves from start to before end."""
    start = 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            yield start, start + (1 << bit)
            start += 1 << bit


def _check_lengths(*hashes: bytes) -> None:
    if any(len(node) != HASH_LENGTH for node in hashes):
        raise ValueError("a hash is not 32 bytes long")
