from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import canonical

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_it_is_rfc_8785_byte_for_byte(value: object) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON value


@settings(deadline=None)
@given(VALUES)
def test_it_reads_back(value: object) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": [0, 1.5]}, r"\$\.a\[1\]: float"),
        ({"a": {"b": 2**53}}, r"\$\.a\.b: 9007199254740992 has more than 53 bits"),
        ([-(2**53)], r"\$\[0\]"),
        ({"clé": 1}, r"\$: the key 'clé'"),
        ({1: 2}, r"\$: the key 1"),
        ({"a": b"bytes"}, r"\$\.a: bytes"),
        ({"a": {1, 2}}, r"\$\.a: set"),
        ("\ud800", "surrogates"),
    ],
)
def test_what_has_no_portable_form_is_named(value: object, where: str) -> None:
    with pytest.raises(ValueError, match=where):
        canonical.encode(value)


@pytest.mark.parametrize("text", [b"", b"{", b"nul", b'{"a":1}x', b'"\xff"'])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical.decode(text)


def test_the_digest_is_sha256_in_hex() -> None:
    assert canonical.digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_is_parsed(value: object) -> None:
    assert canonical.parse(canonical.encode(value)) == value


@settings(deadline=None)
@given(st.binary(max_size=30) | st.text(max_size=30).map(str.encode) | st.floats().map(repr).map(str.encode))
def test_only_what_would_be_written_again_is_parsed(text: bytes) -> None:
    try:
        value = canonical.parse(text)
    except ValueError:
        return
    assert rfc8785.dumps(value) == text


@pytest.mark.parametrize(
    "text",
    [b'{"a":1.0}', b'{"a":1e5}', b"9007199254740992", b"-9007199254740992", b"-0", b"1" * 40, '{"\xe9":1}'.encode(),
     b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'"\\u0041"', b" 1", b"[" * 100_000],
)  # fmt: skip
def test_another_spelling_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"canonical|53 bits|ASCII"):
        canonical.parse(text)
