from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.notes import LocalSigner, VerifierKey, from_base64, open_note, to_base64

# The key, text and signature that Go's golang.org/x/mod/sumdb/note is tested with.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # noqa: S105 - published for tests
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{PETER_SIGNATURE}".encode()

# The second key is that of C2SP's own implementation in other languages: example.com/foo.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


@pytest.fixture
def peter() -> LocalSigner:
    return LocalSigner("PeterNeumann", Ed25519PrivateKey.from_private_bytes(base64.b64decode(PETER_SECRET)[1:]))


def test_the_published_notes_open() -> None:
    assert open_note(NOTE, VerifierKey.parse(PETER)) == TEXT
    assert open_note(FOO_NOTE.encode(), VerifierKey.parse(FOO)) == "This is an example message.\n"


def test_signing_gives_the_published_note_byte_for_byte(peter: LocalSigner) -> None:
    assert peter.sign(TEXT) == NOTE
    assert str(peter.verifier_key) == PETER


@pytest.mark.parametrize("position", range(len(NOTE)))
def test_no_byte_of_a_note_can_change(position: int) -> None:
    for flip in (1, 0x20, 0x80):
        changed = bytearray(NOTE)
        changed[position] ^= flip
        with pytest.raises(ValueError, match=r"."):
            open_note(bytes(changed), VerifierKey.parse(PETER))


@pytest.mark.parametrize("start", range(len(PETER)))
def test_no_part_of_a_verifier_key_is_a_verifier_key(start: int) -> None:
    for end in range(start + 1, len(PETER) + 1):
        if (start, end) != (0, len(PETER)):
            with pytest.raises(ValueError, match=r"."):
                VerifierKey.parse(PETER[start:end])


@pytest.mark.parametrize(
    "vkey",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long, id adjusted
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # unknown algorithm, id adjusted
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        "",
    ],
)
def test_bad_verifier_keys_are_refused(vkey: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        VerifierKey.parse(vkey)


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n{PETER_SIGNATURE}"[:-1],
        f"\x01{TEXT}\n{PETER_SIGNATURE}",
        f"{TEXT}\n{PETER_SIGNATURE}Unexpected line.\n",
        f"{TEXT}\n{PETER_SIGNATURE}\n",
        f"{TEXT}\n" + PETER_SIGNATURE.replace("PeterNeumann", "Bad Name"),
        f"{TEXT}\n— PeterNeumann x08goA==\n",
        f"{TEXT}\n" + PETER_SIGNATURE * 101,
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        open_note(note.encode(), VerifierKey.parse(PETER))


def test_bytes_that_are_not_utf8_are_no_note() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        open_note(b"\xff" + NOTE, VerifierKey.parse(PETER))


def test_a_text_may_have_blank_lines_of_its_own(peter: LocalSigner) -> None:
    text = f"one\n\n{PETER_SIGNATURE}\nthree\n"
    assert open_note(peter.sign(text), peter.verifier_key) == text


def test_unknown_signatures_are_ignored_and_a_known_bad_one_rejects() -> None:
    known = VerifierKey.parse(PETER)
    stranger = PETER_SIGNATURE.replace("PeterNeumann", "Stranger")
    other_id = "— PeterNeumann " + to_base64(b"\0\0\0\0" + b"s" * 64) + "\n"
    bad = "— PeterNeumann " + to_base64(known.key_id + b"s" * 64) + "\n"
    assert open_note(f"{TEXT}\n{stranger}{other_id}{PETER_SIGNATURE}".encode(), known) == TEXT
    with pytest.raises(ValueError, match="not signed by PeterNeumann"):
        open_note(f"{TEXT}\n{stranger}{other_id}".encode(), known)
    for order in (bad + PETER_SIGNATURE, PETER_SIGNATURE + bad):
        with pytest.raises(ValueError, match="does not fit"):
            open_note(f"{TEXT}\n{order}".encode(), known)


def test_one_known_signature_of_several_keys_is_enough() -> None:
    assert open_note(NOTE, VerifierKey.parse(FOO), VerifierKey.parse(PETER)) == TEXT


@pytest.mark.parametrize("text", ["no newline", "", "tab\there\n", "carriage\r\n"])
def test_texts_that_make_no_note_are_not_signed(peter: LocalSigner, text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        peter.sign(text)


@settings(deadline=None)
@given(st.binary())
def test_base64_has_one_spelling(content: bytes) -> None:
    assert from_base64(to_base64(content)) == content


@pytest.mark.parametrize("text", ["QQ=", "QR==", "QQ", "Q Q==", "QQ==\n", "-_==", "é"])
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_base64(text)


def test_a_public_key_has_one_encoding() -> None:
    with pytest.raises(ValueError, match="canonical encoding"):
        VerifierKey("example.com/log", (2**255 - 19 + 1).to_bytes(32, "little"))
