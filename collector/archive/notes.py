"""Signed notes: a text, a blank line, and one line for each signature (C2SP signed-note v1.0.0, Ed25519 only).

Everything here is pure; what is wrong is a ValueError, and the caller knows which object it was reading.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Sequence

_ED25519 = b"\x01"
_KEY_ID_LENGTH = 4
_PUBLIC_KEY_LENGTH = 32
_FIELD = 2**255 - 19
_MOST_SIGNATURES = 100
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


def to_base64(content: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(content).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes behind standard base64, which must be the one spelling `to_base64` gives.

    The obvious decoder ignores the spare bits before the padding: a changed character would go unseen.
    """
    content = base64.b64decode(text, validate=True)
    if to_base64(content) != text:
        raise ValueError("base64 with stray bits at its end")
    return content


@dataclass(frozen=True)
class VerifierKey:
    """A key that signatures are checked with; written as `name+id+base64`, the form that is pinned and handed round."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(mark.isspace() for mark in self.name):
            raise ValueError(f"{self.name!r} cannot name a key: it must be non-empty, without spaces or '+'")
        if _CONTROL.search(self.name):
            raise ValueError(f"{self.name!r} cannot name a key: it has a control character")
        if len(self.public) != _PUBLIC_KEY_LENGTH:
            raise ValueError("an Ed25519 public key has 32 bytes")
        if int.from_bytes(self.public, "little") % 2**255 >= _FIELD:
            raise ValueError("the Ed25519 public key is not in its one canonical encoding")

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """The key behind `name+id+base64`; ValueError unless every part fits the others."""
        name, _, rest = vkey.partition("+")
        _, _, encoded = rest.partition("+")
        material = from_base64(encoded)
        if material[:1] != _ED25519:
            raise ValueError(f"{vkey!r} is not an Ed25519 verifier key")
        key = cls(name, material[1:])
        if str(key) != vkey:
            raise ValueError(f"{vkey!r}: the key id does not belong to the name and key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(_ED25519 + self.public)}"

    @cached_property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, signature type and key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_LENGTH]

    @cached_property
    def _ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def check(self, text: str, signature: bytes) -> None:
        """ValueError unless `signature` is this key's over `text`."""
        try:
            self._ed25519.verify(signature, text.encode())
        except InvalidSignature:
            raise ValueError(f"the signature of {self.name} does not fit the text") from None


class Signer(Protocol):
    """Who can sign under a name. Where the private key lies is the implementation's matter."""

    @property
    def name(self) -> str:
        """The name the signatures carry."""

    @property
    def verifier_key(self) -> VerifierKey:
        """What others check this signer's notes with."""

    def sign(self, text: str) -> bytes:
        """The note over `text`, which ends in a newline; the same text always gives the same bytes."""


@dataclass(frozen=True)
class LocalSigner:
    """A private key in memory, under the name its signatures carry."""

    name: str
    private: Ed25519PrivateKey

    @cached_property
    def verifier_key(self) -> VerifierKey:
        """What others check this signer's notes with."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def sign(self, text: str) -> bytes:
        """The note over `text`, which ends in a newline; the same text always gives the same bytes."""
        return signed(text, self.verifier_key, self.private.sign(signable(text)))


def signable(text: str) -> bytes:
    """The bytes to sign for a note over `text`; ValueError when no note can have that text."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("a note's text ends in a newline and has no other control character")
    return text.encode()


def signed(text: str, key: VerifierKey, signature: bytes) -> bytes:
    """The note over `text` with one signature, made by `key` (64 bytes, not checked here)."""
    return f"{text}\n— {key.name} {to_base64(key.key_id + signature)}\n".encode()


def cosigned(notes: Sequence[bytes]) -> bytes:
    """One note with the signatures of all these, which are over the same text, in their order."""
    first, *others = notes
    return first + b"".join(note.rpartition(b"\n\n")[2] for note in others)


def open_note(note: bytes, *known: VerifierKey) -> str:
    """The text of a note that at least one of the `known` keys signed.

    Signatures by other keys are ignored; one by a known key that does not fit rejects the whole note.
    """
    text, signatures = _split(note)
    verified = False
    for name, signature in signatures:
        for key in known:
            if (key.name, key.key_id) == (name, signature[:_KEY_ID_LENGTH]):
                key.check(text, signature[_KEY_ID_LENGTH:])
                verified = True
    if not verified:
        raise ValueError(f"not signed by {' or '.join(key.name for key in known)}")
    return text


def signed_text(note: bytes) -> bytes:
    """What is signed in a note, byte for byte: all up to its last blank line. No signature is looked at."""
    return note.rpartition(b"\n\n")[0] + b"\n"


def _split(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and name and signature of each line after the LAST blank line (the text may have its own)."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise ValueError("not a signed note: not UTF-8") from None
    if _CONTROL.search(whole):
        raise ValueError("not a signed note: it has a control character")
    text, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise ValueError("not a signed note: no signature after a blank line")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError(f"more than {_MOST_SIGNATURES} signatures")
    return text + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise ValueError("not a signed note: a line after the last blank one is not a signature")
    signature = from_base64(match[2])
    if len(signature) <= _KEY_ID_LENGTH:
        raise ValueError("not a signed note: a signature is too short")
    return match[1], signature
