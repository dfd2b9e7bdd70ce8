from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import canonical
from collector.archive.merkle import Tree
from collector.archive.notes import to_base64
from collector.archive.segment import LONGEST_LEAF, Segment, StoredObject, decode, leaf_bytes

from .conftest import ORIGIN

if TYPE_CHECKING:
    from collector.archive.keys import Keys

DIGEST = "ab" * 32
OBJECTS = (StoredObject(f"packs/2026Q4/{DIGEST}.zst", DIGEST), StoredObject(f"blobs/2026Q4/{DIGEST}.zst", "cd" * 32))
BEFORE = Tree().append([b"one", b"two", b"three"])


def segment(*leaves: bytes) -> Segment:
    return Segment(ORIGIN, 42, BEFORE, leaves or (b'{"kind":"a"}', b"", b"\n\n", b"x" * LONGEST_LEAF), OBJECTS)


@settings(deadline=None)
@given(
    before=st.lists(st.binary(max_size=3), max_size=40),
    leaves=st.lists(st.binary(max_size=300), max_size=5),
    objects=st.lists(st.sampled_from(OBJECTS), max_size=3),
    sequence=st.integers(0, 10**12 - 1),
)
def test_what_was_encoded_is_decoded(
    signing_keys: Keys, before: list[bytes], leaves: list[bytes], objects: list[StoredObject], sequence: int
) -> None:
    written = Segment(ORIGIN, sequence, Tree().append(before), tuple(leaves), tuple(objects))
    content = written.encode(signing_keys.collector)
    assert decode(content).check(signing_keys.collector.verifier_key) == written
    assert written.after() == Tree().append([*before, *leaves])


def test_the_layout_of_the_file(signing_keys: Keys) -> None:
    content = segment(b"first", b"second!").encode(signing_keys.collector)
    text, _, rest = content.partition(b"\n\n")
    body = b"\x00\x05first\x00\x07second!"
    assert text.decode().split("\n") == [
        "evidence-collector/segment/v1",
        ORIGIN,
        "sequence 42",
        f"previous 3 {to_base64(BEFORE.root())}",
        "frontier " + " ".join(map(to_base64, BEFORE.frontier)),
        "leaves 2",
        f"body {canonical.digest(body)}",
        f"{DIGEST}  packs/2026Q4/{DIGEST}.zst",
        f"{'cd' * 32}  blobs/2026Q4/{DIGEST}.zst",
    ]
    assert rest.startswith(f"— {ORIGIN}/collector ".encode())
    assert rest.endswith(b"\n" + body)


def test_every_flipped_bit_is_refused(signing_keys: Keys) -> None:
    content = segment(b'{"kind":"a"}', b"\n\n").encode(signing_keys.collector)
    for position in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[position] ^= 1 << bit
            with pytest.raises(ValueError, match=r"."):
                decode(bytes(changed)).check(signing_keys.collector.verifier_key)


def test_every_cut_is_refused(signing_keys: Keys) -> None:
    content = segment(b'{"kind":"a"}', b"second").encode(signing_keys.collector)
    for length in range(len(content)):
        with pytest.raises(ValueError, match=r"."):
            decode(content[:length])
    with pytest.raises(ValueError, match="SHA-256 of the body"):
        decode(content + b"\x00\x00")


def test_only_the_collectors_key_counts(signing_keys: Keys) -> None:
    with pytest.raises(ValueError, match=f"not signed by {ORIGIN}/collector"):
        decode(segment().encode(signing_keys.log)).check(signing_keys.collector.verifier_key)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("segment/v1", "segment/v2", "this program reads"),
        ("sequence 42", "sequence 042", "canonical form"),
        ("previous 3", "previous 03", "canonical form"),
        ("previous 3", "previous 4", "frontier hashes"),
        ("leaves 1", "leaves 2", "canonical form"),
        ("frontier ", "frontier  ", "frontier hash"),
        (f"blobs/2026Q4/{DIGEST}", f"blobs/../../{DIGEST}", "names no pack or blob"),
        (f"blobs/2026Q4/{DIGEST}.zst", "log/000000000001.seg", "names no pack or blob"),
        ("body ", "corpse ", "another form"),
    ],
)
def test_a_header_that_lies_is_refused_even_when_it_is_signed(
    signing_keys: Keys, old: str, new: str, problem: str
) -> None:
    content = segment(b"leaf").encode(signing_keys.collector)
    text = content.partition(b"\n\n")[0].decode() + "\n"
    assert old in text
    with pytest.raises(ValueError, match=problem):
        decode(signing_keys.collector.sign(text.replace(old, new)) + b"\x00\x04leaf")


@pytest.mark.parametrize("body", [b"\x00", b"\x00\x05four", b"\x00\x01a\xff"])
def test_a_body_that_ends_inside_a_leaf_is_refused(signing_keys: Keys, body: bytes) -> None:
    text = segment(b"leaf").encode(signing_keys.collector).partition(b"\n\n")[0].decode() + "\n"
    text = text.replace(canonical.digest(b"\x00\x04leaf"), canonical.digest(body))
    with pytest.raises(ValueError, match="ends inside a leaf"):
        decode(signing_keys.collector.sign(text) + body)


def test_a_root_that_is_not_the_frontiers_is_refused(signing_keys: Keys) -> None:
    text = segment(b"leaf").encode(signing_keys.collector).partition(b"\n\n")[0].decode() + "\n"
    text = text.replace(to_base64(BEFORE.root()), to_base64(b"x" * 32))
    with pytest.raises(ValueError, match="contradicts itself"):
        decode(signing_keys.collector.sign(text) + b"\x00\x04leaf")


def test_a_leaf_of_65535_bytes_fits_and_a_longer_one_is_explained() -> None:
    empty = len(leaf_bytes({"kind": "x", "text": ""}))
    assert len(leaf_bytes({"kind": "x", "text": "a" * (LONGEST_LEAF - empty)})) == LONGEST_LEAF
    with pytest.raises(
        ValueError, match=r"the x leaf has 65,536 bytes and a leaf holds at most 65,535; store the long"
    ):
        leaf_bytes({"kind": "x", "text": "a" * (LONGEST_LEAF - empty + 1)})


@pytest.mark.parametrize("leaf", [{}, {"kind": 1}, {"kind": None}, {"kind": "x", "a": 0.5}])
def test_what_is_no_leaf_is_refused(leaf: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"kind|canonical"):
        leaf_bytes(leaf)
