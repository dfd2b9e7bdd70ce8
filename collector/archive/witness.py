"""Witnesses: others who sign a tree head only if it continues the one they signed before (C2SP tlog-witness).

A witness that is not asked, or says no, must never hold up collection: the archive seals why there is no cosignature.
All but `add_checkpoint` is pure, and that reaches the network only through the `post` it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from typing import Self

from collector.archive.checkpoint import Checkpoint
from collector.archive.notes import VerifierKey, from_base64, open_note, signed_text, to_base64
from collector.archive.timestamp_verify import check_url
from collector.errors import UsageError

Prove = Callable[[int], Sequence[bytes] | None]
"""The consistency proof from the tree of so many leaves to the checkpoint's; None if the log never had such a head."""
Post = Callable[[str, bytes, str], tuple[int, str, bytes]]
"""Address, body, content type -> status, content type, body; OSError when there is no answer. See `timestamp.post`."""

_COSIGNATURE_V1 = b"\x04"
_KEY_ID_LENGTH = 4
_TIME_LENGTH = 8
_LATEST = 253_402_300_799  # the last second of the year 9999, which is as far as our dates go
_MOST_PROOF_LINES = 63
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True)
class CosignerKey(VerifierKey):
    """A witness's Ed25519 key (C2SP tlog-cosignature). Each signature begins with the time that it covers."""

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """The key behind `name+id+base64` with signature type 0x04; ValueError unless every part fits the others."""
        name, _, rest = vkey.partition("+")
        _, _, encoded = rest.partition("+")
        material = from_base64(encoded)
        if material[:1] != _COSIGNATURE_V1:
            raise ValueError(f"{vkey!r} is not the key of an Ed25519 witness (signature type 0x04)")
        key = cls(name, material[1:])
        if str(key) != vkey:
            raise ValueError(f"{vkey!r}: the key id does not belong to the name and key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(_COSIGNATURE_V1 + self.public)}"

    @cached_property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, signature type and key."""
        return sha256(self.name.encode() + b"\n" + _COSIGNATURE_V1 + self.public).digest()[:_KEY_ID_LENGTH]

    def check(self, text: str, signature: bytes) -> None:
        """ValueError unless `signature` (time and Ed25519 signature) is this key's over `text` at that time."""
        seconds = int.from_bytes(signature[:_TIME_LENGTH], "big")
        if seconds > _LATEST:
            raise ValueError(f"the cosignature of {self.name} has no possible time")
        super().check(f"cosignature/v1\ntime {seconds}\n{text}", signature[_TIME_LENGTH:])


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: the submission prefix it answers under, without a slash at its end, and its key."""

    url: str
    key: CosignerKey

    @classmethod
    def load(cls, url: str, vkey: str) -> Self:
        """The witness with this submission prefix and verifier key (`name+id+base64`); UsageError explains."""
        check_url(url)
        try:
            return cls(url.rstrip("/"), CosignerKey.parse(vkey))
        except ValueError as error:
            raise UsageError(f"witness at {url}: {error}") from error


@dataclass(frozen=True, slots=True)
class Cosignature:
    """The signature line (with its newline) of `witness`, which had seen no larger tree of the log at `time` (UTC)."""

    witness: str
    time: datetime
    line: str


class Refusal(StrEnum):
    """Why there is no cosignature."""

    UNREACHABLE = "unreachable"
    """No whole answer within the time, or none at all."""
    UNKNOWN_LOG = "unknown_log"
    """404: the witness was not told of this log."""
    UNKNOWN_KEY = "unknown_key"
    """403: the witness knows another key for this log."""
    SUPERSEDED = "superseded"
    """409: it has signed a larger tree by now. Another writer was faster, and its commit covers this one; if the log
    never gets that large, its end was cut off."""
    FORKED = "forked"
    """409 or 422: it has signed another history of this log. Never harmless."""
    INVALID = "invalid"
    """An answer that the protocol does not have, or a cosignature that does not fit."""
    UNPROVED = "unproved"
    """It was not asked, or not to the end: a segment that its proof needs could not be read."""


@dataclass(frozen=True, slots=True)
class Uncosigned:
    """`witness` (its name) gave no cosignature that holds; `detail` is a sentence for people.

    `size` is how many leaves the tree has that it says it signed before this one; None where it says nothing of it.
    """

    witness: str
    refusal: Refusal
    detail: str
    size: int | None = None


def add_checkpoint(
    witness: Witness, checkpoint: bytes, known_size: int, prove: Prove, post: Post
) -> Cosignature | Uncosigned:
    """Ask for a cosignature on a signed checkpoint; OSError never leaves.

    `known_size` is the tree size the witness is believed to have signed last (0: none); when it says another, it is
    asked once more, from there. A size the log never had is a fork.
    """
    answer = _ask(witness, checkpoint, known_size, prove, post)
    if isinstance(answer, int):
        answer = _ask(witness, checkpoint, answer, prove, post)
    if isinstance(answer, int):
        return _superseded(witness.key, answer)
    return answer


def _ask(
    witness: Witness, checkpoint: bytes, old_size: int, prove: Prove, post: Post
) -> Cosignature | Uncosigned | int:
    """One request; an int is the size the witness says it stands at instead, which may be worth another request."""
    size = Checkpoint.parse(signed_text(checkpoint).decode()).size
    if old_size > size:
        return _superseded(witness.key, old_size)
    if (proof := prove(old_size)) is None:
        detail = f"has signed a tree of {old_size} leaves, and this log never had a head of that size"
        return Uncosigned(witness.key.name, Refusal.FORKED, detail, old_size)
    body = request_body(old_size, proof, checkpoint)
    try:
        status, kind, body = post(f"{witness.url}/add-checkpoint", body, "text/plain; charset=utf-8")
    except OSError as error:
        return Uncosigned(witness.key.name, Refusal.UNREACHABLE, str(error))
    if status == HTTPStatus.CONFLICT and kind == "text/x.tlog.size" and (told := _SIZE.fullmatch(body)):
        # The very size that was sent, refused: then it is the roots that differ.
        return int(told[1]) if int(told[1]) != old_size else _judged(witness.key, HTTPStatus.UNPROCESSABLE_ENTITY)
    if status == HTTPStatus.OK:
        return _accepted(witness.key, checkpoint, body)
    return _judged(witness.key, status)


def request_body(old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The body of an add-checkpoint request: old size, proof, blank line, checkpoint."""
    if len(proof) > _MOST_PROOF_LINES:
        raise ValueError(f"a consistency proof has at most {_MOST_PROOF_LINES} hashes")
    return "".join(f"{line}\n" for line in (f"old {old_size}", *map(to_base64, proof), "")).encode() + checkpoint


def cosignatures(checkpoint: bytes, lines: bytes, *keys: CosignerKey) -> list[Cosignature]:
    """The cosignatures of these witnesses among signature `lines` on a signed checkpoint, in the order of the lines.

    Lines of others are ignored. ValueError when one of these does not fit, when there is none, or a line is none.
    """
    text = open_note(checkpoint + lines, *keys)
    if not checkpoint.startswith(f"{text}\n—".encode()):
        raise ValueError("the lines do not belong to the checkpoint: they have a blank line of their own")
    known = {(key.name, key.key_id) for key in keys}
    found = []
    for line in lines.decode().split("\n")[:-1]:
        _, name, encoded = line.split(" ")
        signature = from_base64(encoded)
        if (name, signature[:_KEY_ID_LENGTH]) in known:
            seconds = int.from_bytes(signature[_KEY_ID_LENGTH : _KEY_ID_LENGTH + _TIME_LENGTH], "big")
            found.append(Cosignature(name, datetime.fromtimestamp(seconds, UTC), f"{line}\n"))
    if not found:
        raise ValueError(f"not signed by {' or '.join(key.name for key in keys)}")
    return found


def storage_text(given: Sequence[Cosignature]) -> bytes:
    """What to keep as `log/<sequence>.cosig`: behind the `.ckpt`, it makes one C2SP checkpoint with all signatures."""
    return "".join(one.line for one in given).encode()


def _accepted(key: CosignerKey, checkpoint: bytes, lines: bytes) -> Cosignature | Uncosigned:
    try:
        return cosignatures(checkpoint, lines, key)[0]
    except ValueError as error:
        detail = f"its answer is no cosignature on this checkpoint: {error}"
        return Uncosigned(key.name, Refusal.INVALID, detail)


def _superseded(key: CosignerKey, size: int) -> Uncosigned:
    detail = f"has signed a tree of {size} leaves by now; the commit that made it so large covers this one"
    return Uncosigned(key.name, Refusal.SUPERSEDED, detail, size)


def _judged(key: CosignerKey, status: int) -> Uncosigned:
    match status:
        case HTTPStatus.FORBIDDEN:
            refusal, detail = Refusal.UNKNOWN_KEY, "does not accept the log's signature; was it given the log's key?"
        case HTTPStatus.NOT_FOUND:
            refusal, detail = Refusal.UNKNOWN_LOG, "does not know this log; give it the log's verifier key"
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            refusal, detail = (
                Refusal.FORKED,
                (
                    "does not accept that this tree continues the one it has signed: two histories of one log; "
                    "keep both, and compare"
                ),
            )
        case _:
            refusal, detail = Refusal.INVALID, f"answered HTTP {status}, which the protocol does not have here"
    return Uncosigned(key.name, refusal, detail)
