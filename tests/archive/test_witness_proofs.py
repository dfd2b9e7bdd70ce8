from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.merkle import Tree, leaf_hash, node_hash
from collector.archive.proofs import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    growth_proof,
    inclusion_proof,
    root_of,
)

# Leaves, roots and proofs that certificate-transparency's own tests and every later implementation are checked with.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = {size: Tree().append(LEAVES[:size]).root() for size in range(9)}  # themselves held to RFC 6962 in test_merkle
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
G = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
H = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
I = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"  # noqa: E741 - the ninth of a row
J = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"

INCLUSION = {(0, 1): [], (0, 8): [A, B, C], (5, 8): [D, E, F], (2, 3): [G], (1, 5): [H, B, D]}
CONSISTENCY = {(1, 1): [], (1, 8): [A, B, C], (6, 8): [I, E, F], (2, 5): [B, D], (6, 7): [I, J, F], (2, 8): [B, C]}


def hexes(proof: list[bytes]) -> list[str]:
    return [node.hex() for node in proof]


@pytest.mark.parametrize("size", range(9))
def test_the_root_over_leaf_hashes_is_the_root_over_leaves(size: int) -> None:
    assert root_of(HASHES[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_published_inclusion_proofs(index: int, size: int) -> None:
    proof = inclusion_proof(HASHES[:size], index)
    assert hexes(proof) == INCLUSION[index, size]
    check_inclusion(HASHES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_the_published_consistency_proofs(old: int, size: int) -> None:
    proof = consistency_proof(HASHES[:size], old)
    assert hexes(proof) == CONSISTENCY[old, size]
    check_consistency(old, ROOTS[old], size, ROOTS[size], proof)


def definition(old: int, hashes: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2, word for word."""
    size = len(hashes)
    if old == size:
        return [] if whole else [root_of(hashes)]
    split = 1 << (size - 1).bit_length() - 1
    if old <= split:
        return [*definition(old, hashes[:split], whole=whole), root_of(hashes[split:])]
    return [*definition(old - split, hashes[split:], whole=False), root_of(hashes[:split])]


SIZES = st.integers(1, 130).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size)))


@settings(deadline=None, max_examples=300)
@given(SIZES)
def test_growth_is_proved_from_the_frontier_and_the_new_leaves_alone(sizes: tuple[int, int]) -> None:
    old, size = sizes
    leaves = [bytes([number]) for number in range(size)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    before, after = Tree().append(leaves[:old]), Tree().append(leaves)
    proof = growth_proof(before, hashes[old:])
    assert proof == consistency_proof(hashes, old) == definition(old, hashes, whole=True)
    check_consistency(old, before.root(), size, after.root(), proof)


@settings(deadline=None, max_examples=300)
@given(SIZES)
def test_every_leaf_is_proved_to_be_in_its_place_and_in_no_other(sizes: tuple[int, int]) -> None:
    index, size = sizes[0] - 1, sizes[1]
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    proof, root = inclusion_proof(hashes, index), root_of(hashes)
    check_inclusion(hashes[index], index, size, proof, root)
    for elsewhere in {(index + 1) % size, 0, size - 1} - {index}:
        with pytest.raises(ValueError, match="proof"):
            check_inclusion(hashes[index], elsewhere, size, proof, root)


@settings(deadline=None, max_examples=300)
@given(SIZES, st.data())
def test_no_consistency_proof_survives_a_change(sizes: tuple[int, int], data: st.DataObject) -> None:
    old, size = sizes
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    proof = consistency_proof(hashes, old)
    forked = [*hashes[: old - 1], leaf_hash(b"another past"), *hashes[old:]]
    with pytest.raises(ValueError, match=r"proof|differ"):
        check_consistency(old, root_of(hashes[:old]), size, root_of(forked), consistency_proof(forked, old))
    changes = [[*proof, bytes(32)]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        changes += [proof[:at] + proof[at + 1 :], [*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :]]]
    for changed in changes:
        with pytest.raises(ValueError, match=r"proof|differ"):
            check_consistency(old, root_of(hashes[:old]), size, root_of(hashes), changed)


@settings(deadline=None, max_examples=300)
@given(SIZES, st.data())
def test_no_inclusion_proof_survives_a_change(sizes: tuple[int, int], data: st.DataObject) -> None:
    index, size = sizes[0] - 1, sizes[1]
    hashes = [leaf_hash(bytes([number])) for number in range(size)]
    proof = inclusion_proof(hashes, index)
    changes = [[*proof, bytes(32)]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        changes += [proof[:at] + proof[at + 1 :], [*proof[:at], leaf_hash(proof[at]), *proof[at + 1 :]]]
    for changed in changes:
        with pytest.raises(ValueError, match="proof"):
            check_inclusion(hashes[index], index, size, changed, root_of(hashes))


def test_nothing_is_a_beginning_of_everything_and_needs_no_proof() -> None:
    assert consistency_proof(HASHES, 0) == growth_proof(Tree(), HASHES) == []
    check_consistency(0, ROOTS[0], 8, ROOTS[8], [])
    with pytest.raises(ValueError, match="none is due"):
        check_consistency(0, ROOTS[1], 8, ROOTS[8], [])
    with pytest.raises(ValueError, match="none is due"):
        check_consistency(8, ROOTS[8], 8, ROOTS[8], [ROOTS[8]])


def test_what_no_tree_can_have_is_refused() -> None:
    for index in (-1, 8):
        with pytest.raises(ValueError, match="not in a tree"):
            inclusion_proof(HASHES, index)
        with pytest.raises(ValueError, match="not in a tree"):
            check_inclusion(HASHES[0], index, 8, [], ROOTS[8])
    for old in (-1, 9):
        with pytest.raises(ValueError, match="no beginning"):
            consistency_proof(HASHES, old)
        with pytest.raises(ValueError, match="no beginning"):
            check_consistency(old, ROOTS[8], 8, ROOTS[8], [])
    with pytest.raises(ValueError, match="32 bytes"):
        check_consistency(3, ROOTS[3], 8, ROOTS[8], [b"short"])
    with pytest.raises(ValueError, match="32 bytes"):
        check_inclusion(node_hash(HASHES[0], HASHES[1])[:31], 0, 8, [], ROOTS[8])
