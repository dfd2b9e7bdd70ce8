"""The signed tree head (C2SP tlog-checkpoint): origin, size, root, one line each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.archive.layout import checkpoint_key
from collector.archive.merkle import HASH_LENGTH
from collector.archive.notes import from_base64, open_note, to_base64
from collector.errors import TamperedError

if TYPE_CHECKING:
    from collector.archive.notes import VerifierKey
    from collector.archive.store import Store

_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head of the log `origin`: number of leaves and 32-byte root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint in a note's text; ValueError when it is none. Extension lines are allowed and ignored."""
        lines = text.split("\n")
        if len(lines) <= _LINES or lines.pop() or not all(lines):
            raise ValueError("not a checkpoint: it needs at least three non-empty lines")
        origin, size, root = lines[:_LINES]
        if not _DECIMAL.fullmatch(size):
            raise ValueError(f"not a checkpoint: {size!r} is not a tree size")
        checkpoint = cls(origin, int(size), from_base64(root))
        if len(checkpoint.root) != HASH_LENGTH:
            raise ValueError("not a checkpoint: the root is not 32 bytes long")
        return checkpoint

    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def signed_text(store: Store, sequence: int, log: VerifierKey) -> str | None:
    """The text of a commit's checkpoint, None while there is none; TamperedError when the log's key did not sign it."""
    key = checkpoint_key(sequence)
    stored = store.get(key)
    try:
        return None if stored is None else open_note(stored, log)
    except ValueError as error:
        raise TamperedError(f"{key} is not the checkpoint that was written there: {error}") from error
