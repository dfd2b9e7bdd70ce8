from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.checkpoint import Checkpoint
from collector.archive.merkle import Tree, leaf_hash
from collector.archive.notes import LocalSigner, VerifierKey, open_note
from collector.archive.proofs import growth_proof
from collector.archive.timestamp import post
from collector.archive.witness import (
    Cosignature,
    CosignerKey,
    Refusal,
    Uncosigned,
    Witness,
    add_checkpoint,
    cosignatures,
    request_body,
    storage_text,
)
from collector.errors import UsageError
from tests.doubles.witness import WitnessDouble, running_witness

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "example.com/evidence"
SEND = partial(post, timeout=10)


@dataclass
class Log:
    """A log that remembers its trees after each commit, as the archive's segments do."""

    signer: LocalSigner = field(default_factory=lambda: LocalSigner(ORIGIN, Ed25519PrivateKey.generate()))
    leaves: list[bytes] = field(default_factory=list)
    heads: dict[int, Tree] = field(default_factory=lambda: {0: Tree()})

    def commit(self, *leaves: bytes) -> bytes:
        """The checkpoint after these leaves."""
        self.leaves += leaves
        tree = Tree().append(self.leaves)
        self.heads[tree.size] = tree
        return self.signer.sign(Checkpoint(ORIGIN, tree.size, tree.root()).text())

    def prove(self, size: int) -> list[bytes] | None:
        before = self.heads.get(size)
        return growth_proof(before, [leaf_hash(leaf) for leaf in self.leaves[size:]]) if before else None


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def double(log: Log) -> Iterator[WitnessDouble]:
    with running_witness(log.signer.verifier_key) as running:
        yield running


@pytest.fixture
def witness(double: WitnessDouble) -> Witness:
    return Witness(double.url, CosignerKey.parse(double.vkey))


def asked(witness: Witness, log: Log, checkpoint: bytes, known: int = 0) -> Cosignature:
    answer = add_checkpoint(witness, checkpoint, known, log.prove, SEND)
    assert isinstance(answer, Cosignature), answer
    return answer


def refused(witness: Witness, log: Log, checkpoint: bytes, known: int = 0) -> Uncosigned:
    answer = add_checkpoint(witness, checkpoint, known, log.prove, SEND)
    assert isinstance(answer, Uncosigned), answer
    assert answer.witness == witness.key.name
    return answer


def test_growth_is_cosigned_commit_by_commit(log: Log, witness: Witness, double: WitnessDouble) -> None:
    known = 0
    for number in range(1, 10):
        checkpoint = log.commit(*(b"%d" % number for _ in range(number % 5 + 1)))
        given = asked(witness, log, checkpoint, known)
        assert given.time == datetime.fromtimestamp(double.time, UTC)
        assert cosignatures(checkpoint, storage_text([given]), witness.key) == [given]
        known = len(log.leaves)
        double.time += 3600
    assert len(double.requests) == 9, "the right size was known each time"


def test_the_request_is_the_one_of_the_specification(log: Log, witness: Witness, double: WitnessDouble) -> None:
    asked(witness, log, log.commit(b"a", b"b", b"c"))
    checkpoint = log.commit(b"d")
    asked(witness, log, checkpoint, 3)
    proof = growth_proof(Tree().append([b"a", b"b", b"c"]), [leaf_hash(b"d")])
    lines = [b"old 3", *map(base64.b64encode, proof), b""]
    assert double.requests[1] == b"\n".join(lines) + b"\n" + checkpoint
    assert double.requests[0].startswith(b"old 0\n\n" + ORIGIN.encode())


def test_the_client_asks_again_from_the_size_the_witness_knows(
    log: Log, witness: Witness, double: WitnessDouble
) -> None:
    for known in (0, 5):
        asked(witness, log, log.commit(b"a", b"b"), known=len(log.leaves) - 2)
        log.commit(b"c", b"d", b"e")
        checkpoint = log.commit(b"f")
        double.requests.clear()
        asked(witness, log, checkpoint, known)
        assert [request.split(b"\n")[0] for request in double.requests] == [
            f"old {known}".encode(),
            f"old {len(log.leaves) - 4}".encode(),
        ]


def test_the_same_head_can_be_cosigned_again(log: Log, witness: Witness, double: WitnessDouble) -> None:
    checkpoint = log.commit(b"a", b"b")
    first = asked(witness, log, checkpoint)
    double.time += 60
    assert asked(witness, log, checkpoint).time > first.time


def test_a_fork_is_refused_and_said_to_be_one(log: Log, witness: Witness) -> None:
    asked(witness, log, log.commit(b"a", b"b", b"c"))
    fork = Log(log.signer)
    fork.commit(b"a", b"X", b"c")
    for checkpoint in (fork.commit(), fork.commit(b"d")):
        assert refused(witness, fork, checkpoint, 3).refusal == Refusal.FORKED
        assert refused(witness, fork, checkpoint, 0).refusal == Refusal.FORKED
    asked(witness, log, log.commit(b"d"), 3)


def test_a_head_that_the_log_never_had_is_a_fork(log: Log, witness: Witness) -> None:
    asked(witness, log, log.commit(b"a", b"b"))
    other = Log(log.signer)
    answer = refused(witness, other, other.commit(b"a", b"b", b"c"))
    assert answer.refusal == Refusal.FORKED
    assert "a tree of 2 leaves, and this log never had a head of that size" in answer.detail


def test_a_larger_tree_that_the_witness_has_signed_already_covers_this_one(log: Log, witness: Witness) -> None:
    earlier = log.commit(b"a")
    asked(witness, log, log.commit(b"b", b"c"))
    for known in (0, 1, 3):
        answer = refused(witness, log, earlier, known)
        assert (answer.refusal, "a tree of 3 leaves" in answer.detail) == (Refusal.SUPERSEDED, True)


def test_a_witness_that_moves_while_it_is_asked_is_asked_twice_at_most(
    log: Log, witness: Witness, double: WitnessDouble
) -> None:
    log.commit(b"a")
    log.commit(b"b")
    checkpoint = log.commit(b"c")
    tree = {size: log.heads[size].root() for size in (1, 2)}

    def moving(url: str, body: bytes, kind: str) -> tuple[int, str, bytes]:
        size = len(double.requests) + 1
        double.heads[ORIGIN] = (size, tree[size])
        return SEND(url, body, kind)

    answer = add_checkpoint(witness, checkpoint, 0, log.prove, moving)
    assert isinstance(answer, Uncosigned)
    assert answer.refusal == Refusal.SUPERSEDED
    assert len(double.requests) == 2


def test_a_witness_that_was_not_told_of_the_log_says_so(log: Log, witness: Witness, double: WitnessDouble) -> None:
    double.logs.clear()
    assert refused(witness, log, log.commit(b"a")).refusal == Refusal.UNKNOWN_LOG


def test_a_witness_that_knows_another_key_says_so(log: Log, witness: Witness, double: WitnessDouble) -> None:
    double.logs[ORIGIN] = LocalSigner(ORIGIN, Ed25519PrivateKey.generate()).verifier_key
    assert refused(witness, log, log.commit(b"a")).refusal == Refusal.UNKNOWN_KEY


def test_a_proof_that_is_wrong_is_refused(log: Log, witness: Witness) -> None:
    asked(witness, log, log.commit(b"a", b"b", b"c"))
    answer = add_checkpoint(witness, log.commit(b"d"), 3, lambda _: [bytes(32)], SEND)
    assert isinstance(answer, Uncosigned)
    assert answer.refusal == Refusal.FORKED


@pytest.mark.parametrize("mode", ["500", "garbage", "forgery", "conflict without a size", "conflict as text"])
def test_an_answer_outside_the_protocol_is_a_value(
    log: Log, witness: Witness, double: WitnessDouble, mode: str
) -> None:
    double.mode = mode
    assert refused(witness, log, log.commit(b"a")).refusal == Refusal.INVALID
    assert len(double.requests) == 1


def test_a_witness_out_of_reach_is_a_value(log: Log, witness: Witness) -> None:
    answer = refused(Witness("http://127.0.0.1:1", witness.key), log, log.commit(b"a"))
    assert answer.refusal == Refusal.UNREACHABLE


def test_a_witness_with_another_key_is_not_believed(log: Log, double: WitnessDouble) -> None:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    imposter = Witness(double.url, CosignerKey(double.name, public))
    answer = refused(imposter, log, log.commit(b"a"))
    assert (answer.refusal, "not signed by witness.example/w1" in answer.detail) == (Refusal.INVALID, True)


def test_lines_of_strangers_are_ignored_and_not_kept(log: Log, witness: Witness, double: WitnessDouble) -> None:
    double.mode = "with strangers"
    checkpoint = log.commit(b"a")
    given = asked(witness, log, checkpoint)
    assert storage_text([given]).count(b"\n") == 1
    assert b"stranger" not in storage_text([given])


# Cosignatures.


def test_checkpoint_and_cosignatures_together_are_one_note(log: Log, witness: Witness, double: WitnessDouble) -> None:
    other = WitnessDouble(double.logs, "witness.example/w2", time=double.time + 1)
    checkpoint = log.commit(b"a")
    text = open_note(checkpoint, log.signer.verifier_key)
    lines = double.cosign(text) + other.cosign(text)
    keys = (witness.key, CosignerKey.parse(other.vkey))
    assert [one.witness for one in cosignatures(checkpoint, lines, *keys)] == [double.name, other.name]
    assert [one.witness for one in cosignatures(checkpoint, lines, keys[1])] == [other.name]
    assert open_note(checkpoint + lines, log.signer.verifier_key, *keys) == text


def test_no_bit_of_a_cosignature_or_its_checkpoint_can_change(log: Log) -> None:
    double = WitnessDouble({})
    key = CosignerKey.parse(double.vkey)
    checkpoint = log.commit(b"a")
    lines = double.cosign(open_note(checkpoint, log.signer.verifier_key))
    text_length = checkpoint.index(b"\n\n") + 1
    for position in range(8 * (len(checkpoint) + len(lines))):
        changed = bytearray(checkpoint + lines)
        changed[position // 8] ^= 1 << position % 8
        # The log's own signature is not what is checked here: `open_note` with the log's key does that.
        if position // 8 < text_length or position // 8 >= len(checkpoint):
            with pytest.raises(ValueError, match=r"."):
                cosignatures(bytes(changed[: len(checkpoint)]), bytes(changed[len(checkpoint) :]), key)


def test_a_cosignature_of_another_time_or_head_does_not_fit(log: Log) -> None:
    double = WitnessDouble({})
    key = CosignerKey.parse(double.vkey)
    first, second = log.commit(b"a"), log.commit(b"b")
    lines = double.cosign(open_note(first, log.signer.verifier_key))
    with pytest.raises(ValueError, match="does not fit"):
        cosignatures(second, lines, key)
    name, blob = lines.decode().rstrip("\n").removeprefix("— ").split(" ")
    signature = base64.b64decode(blob)
    later = signature[:4] + (double.time + 1).to_bytes(8, "big") + signature[12:]
    with pytest.raises(ValueError, match="does not fit"):
        cosignatures(first, f"— {name} {base64.b64encode(later).decode()}\n".encode(), key)
    never = signature[:4] + b"\xff" * 8 + signature[12:]
    with pytest.raises(ValueError, match="no possible time"):
        cosignatures(first, f"— {name} {base64.b64encode(never).decode()}\n".encode(), key)


def test_a_log_that_signs_as_a_witness_is_no_witness(log: Log) -> None:
    """The same key and name with signature type 0x01 instead of 0x04 has another id."""
    checkpoint = log.commit(b"a")
    key = CosignerKey(log.signer.name, log.signer.verifier_key.public)
    assert key.key_id != log.signer.verifier_key.key_id
    with pytest.raises(ValueError, match="not signed"):
        cosignatures(checkpoint, b"", key)


@pytest.mark.parametrize("lines", [b"", b"\n", b"no line\n", "— witness.example/w1 AAAA".encode(), b"\xff\n"])
def test_what_is_no_cosignature_is_refused(log: Log, lines: bytes) -> None:
    double = WitnessDouble({})
    key = CosignerKey.parse(double.vkey)
    checkpoint = log.commit(b"a")
    good = double.cosign(open_note(checkpoint, log.signer.verifier_key))
    for content in (lines, good + lines) if lines else (lines,):
        with pytest.raises(ValueError, match=r"."):
            cosignatures(checkpoint, content, key)


def test_lines_cannot_move_the_end_of_the_text(log: Log) -> None:
    """A witness that was led to sign a text which goes on after the checkpoint has not signed the checkpoint."""
    double = WitnessDouble({})
    key = CosignerKey.parse(double.vkey)
    checkpoint = log.commit(b"a")
    longer = checkpoint.decode() + "more\n"
    with pytest.raises(ValueError, match="blank line of their own"):
        cosignatures(checkpoint, b"more\n\n" + double.cosign(longer), key)


def test_the_framing_is_the_one_of_the_specification() -> None:
    """The example of C2SP tlog-cosignature (its key is not published): id, time and signature lie where it says."""
    line = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    blob = base64.b64decode(line)
    assert (len(blob), int.from_bytes(blob[4:12], "big")) == (4 + 8 + 64, 1679315147)


def test_a_witness_key_is_not_a_note_key_and_no_part_of_one_is_a_key() -> None:
    double = WitnessDouble({})
    vkey = double.vkey
    assert str(CosignerKey.parse(vkey)) == vkey
    with pytest.raises(ValueError, match="not an Ed25519 verifier key"):
        VerifierKey.parse(vkey)
    note_key = LocalSigner("witness.example/w1", double.private).verifier_key
    with pytest.raises(ValueError, match="signature type 0x04"):
        CosignerKey.parse(str(note_key))
    for changed in (vkey[:-1], vkey.replace("w1", "w2"), vkey[:-4] + "AAA=", vkey.upper(), ""):
        with pytest.raises(ValueError, match=r"."):
            CosignerKey.parse(changed)


def test_a_witness_is_explained_when_it_cannot_be_used() -> None:
    vkey = WitnessDouble({}).vkey
    assert Witness.load("https://witness.example/prefix/", vkey).url == "https://witness.example/prefix"
    for url, key in (
        ("https://ada:secret@witness.example", vkey),
        ("witness.example", vkey),
        ("https://witness.example", vkey[:-1]),
        ("https://witness.example", ""),
    ):
        with pytest.raises(UsageError, match=r"witness\.example") as refusal:
            Witness.load(url, key)
        assert "secret" not in str(refusal.value)


def test_a_proof_longer_than_the_protocol_allows_is_not_sent() -> None:
    with pytest.raises(ValueError, match="at most 63"):
        request_body(1, [bytes(32)] * 64, b"")


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_whatever_the_log_has_done_since_one_retry_is_enough(commits: list[int], data: st.DataObject) -> None:
    log = Log()
    with running_witness(log.signer.verifier_key) as double:
        witness = Witness(double.url, CosignerKey.parse(double.vkey))
        for number, count in enumerate(commits):
            checkpoint = log.commit(*(bytes([number, leaf]) for leaf in range(count)))
            if data.draw(st.booleans()):
                double.requests.clear()
                asked(witness, log, checkpoint, data.draw(st.sampled_from(sorted(log.heads))))
                assert len(double.requests) <= 2
