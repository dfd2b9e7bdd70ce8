"""Which key speaks at which commit: pure, over made-up logs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from collector import canonical
from collector.archive.keyring import COLLECTOR, LOG, ROLES, KeyChange, Keyring, Term, changes_in
from collector.archive.notes import LocalSigner, VerifierKey

from .conftest import ORIGIN

AT = "2026-11-01T12:00:00Z"


def key(number: int, name: str = ORIGIN) -> VerifierKey:
    private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
    return LocalSigner(name, private).verifier_key


FIRST = Keyring.first(key(1, f"{ORIGIN}/collector"), key(2))


@given(st.lists(st.tuples(st.sampled_from(ROLES), st.integers(0, 3), st.booleans()), max_size=12))
def test_each_commit_has_the_key_that_was_in_force_at_it(steps: list[tuple[str, int, bool]]) -> None:
    """Against the plainest model there is: a list with the key of every commit."""
    ring, sequence, signed = FIRST, 0, {role: [FIRST.key(role, 0)] for role in ROLES}
    for number, (role, idle, revoked) in enumerate(steps, 3):
        for one in ROLES:
            signed[one] += [signed[one][-1]] * idle
        sequence += idle
        old = signed[role][-1]
        change = KeyChange(role, key(number, old.name), old, AT, sequence if revoked else None)
        assert changes_in([b"{}", change.encode()]) == (change,)
        assert not ring.knows(change, sequence)
        ring = ring.after([change], sequence)
        assert ring.knows(change, sequence)
        for one in ROLES:
            signed[one].append(change.new if one == role else signed[one][-1])
        sequence += 1
    assert {role: [ring.key(role, at) for at in range(sequence + 1)] for role in ROLES} == signed
    assert Keyring.decode(ring.encode()) == ring
    rejoined = ring.ended().joined(COLLECTOR, signed[COLLECTOR][-1]).joined(LOG, signed[LOG][-1])
    assert rejoined == ring


CHANGE = KeyChange(LOG, key(3), key(2), AT)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ([replace(CHANGE, old=key(9))], "key in force is"),
        ([replace(CHANGE, new=key(3, "example.com/other"))], "a role keeps its name"),
        ([replace(CHANGE, new=key(2))], "signs or signed for this log already"),
        ([replace(CHANGE, new=key(1))], "signs or signed for this log already"),
        ([replace(CHANGE, since=6)], "revokes .* since commit 6, and it signed commits 0 to 5"),
        ([replace(CHANGE, since=-1)], "revokes .* since commit -1"),
        ([CHANGE, replace(CHANGE, new=key(4))], "two key leaves of one commit replace the same key"),
        ([CHANGE, CHANGE], "two key leaves of one commit replace the same key"),
        ([CHANGE, KeyChange(COLLECTOR, key(3, f"{ORIGIN}/collector"), key(1, f"{ORIGIN}/collector"), AT)], "already"),
    ],
)
def test_a_change_that_may_not_be_made(changes: list[KeyChange], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        FIRST.after(changes, 5)


def test_no_key_comes_back() -> None:
    ring = FIRST.after([CHANGE], 5)
    with pytest.raises(ValueError, match="signed for this log already"):
        ring.after([KeyChange(LOG, key(2), key(3), AT)], 6)
    with pytest.raises(ValueError, match="it signed commits 6 to 7"):
        ring.after([KeyChange(LOG, key(4), key(3), AT, since=5)], 7)


def leaf(**changes: Any) -> bytes:
    return canonical.encode(json.loads(CHANGE.encode()) | changes)


@pytest.mark.parametrize(
    ("encoded", "problem"),
    [
        (leaf(role="redaction"), "one of the roles"),
        (leaf(more=1), "a key leaf has the members"),
        (b'{"kind":"key"}', "a key leaf has the members"),
        (leaf(at="yesterday"), "RFC 3339 in UTC, not 'yesterday'"),
        (leaf(at="2026-11-01T12:00:00+01:00"), "RFC 3339 in UTC"),
        (leaf(since="1"), "since the number of a commit, not '1'"),
        (leaf(since=True), "since the number of a commit"),
        (leaf(since=1), "a revocation says since which commit"),
        (leaf(because="revocation"), "a revocation says since which commit"),
        (leaf(because="boredom"), "a revocation says since which commit"),
        (leaf(verifier_key="x"), "not"),
        (leaf(replaces=None), "not"),
        (leaf().replace(b'{"at"', b'{ "at"'), "not canonical JSON"),
    ],
)
def test_a_key_leaf_that_says_too_little_or_too_much(encoded: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        changes_in([encoded])


def test_what_only_looks_like_a_key_leaf_changes_nothing() -> None:
    assert changes_in([b'{"kind":"x","of":{"kind":"key"}}', b'[{"kind":"key"}]', b'{"kind":"keys"}']) == ()


TEXTUAL = Keyring((Term(key(1), "0"),)).encode()  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "text", [b"[]", b"{}", b'{"collector":[],"log":[{}]}', b'{"collector":[], "log":[]}', b"x", TEXTUAL]
)
def test_a_damaged_list_of_terms_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Keyring.decode(text)
