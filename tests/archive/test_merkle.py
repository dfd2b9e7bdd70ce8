from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.merkle import Tree, leaf_hash, node_hash

# The eight inputs and roots that every RFC 6962 implementation is checked with (certificate-transparency's own tests).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots_of_rfc_6962(size: int) -> None:
    assert Tree().append(LEAVES[:size]).root().hex() == ROOTS[size]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=4), max_size=70), st.integers(0, 70))
def test_appending_in_two_steps_gives_the_root_of_the_definition(leaves: list[bytes], cut: int) -> None:
    assert Tree().append(leaves[:cut]).append(leaves[cut:]).root() == recursive_root(leaves)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=4), min_size=2, max_size=20, unique=True), st.data())
def test_the_order_of_the_leaves_matters(leaves: list[bytes], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(leaves))
    assert (Tree().append(shuffled).root() == Tree().append(leaves).root()) == (shuffled == leaves)


@pytest.mark.parametrize(
    ("size", "frontier"),
    [(0, (b"x" * 32,)), (1, ()), (3, (b"x" * 32,)), (2, (b"x" * 31,)), (2, (b"x" * 33,)), (2, (b"",))],
)
def test_a_frontier_that_cannot_belong_to_the_size_is_refused(size: int, frontier: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="frontier hash"):
        Tree(size, frontier)
