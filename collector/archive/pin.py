"""The local pin: the newest head this machine has seen, which the archive must never fall behind."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.durable import locked, replace_file
from collector.archive.merkle import HASH_LENGTH
from collector.archive.notes import from_base64, to_base64
from collector.errors import ArchiveError, ForkError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = "pin.json"


@dataclass(frozen=True, slots=True)
class Head:
    """The archive after commit number `sequence`: leaves in the tree, and its 32-byte root."""

    sequence: int
    size: int
    root: bytes

    def encode(self) -> bytes:
        """The head as canonical JSON, root in base64."""
        return canonical.encode({"sequence": self.sequence, "size": self.size, "root": to_base64(self.root)})

    @classmethod
    def decode(cls, text: bytes) -> Head:
        """The head in canonical JSON; ValueError when it is none."""
        match canonical.decode(text):
            case {"sequence": int(sequence), "size": int(size), "root": str(root)}:
                head = cls(sequence, size, from_base64(root))
                if len(head.root) == HASH_LENGTH:
                    return head
        raise ValueError('a pin looks like {"root":"<32 bytes in base64>","sequence":42,"size":1234}')


def read(directory: Path) -> Head | None:
    """The pin kept in `directory`, or None before the first commit; ArchiveError when it cannot be read."""
    path = directory / _NAME
    with _explained("reading", path):
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
    try:
        return Head.decode(text)
    except ValueError as error:
        raise ArchiveError(
            f"{path} is damaged ({error}); restore it from a backup, or from the last head you handed to the auditor"
        ) from error


def advance(directory: Path, head: Head) -> None:
    """Move the pin to `head`. Another process may have moved it further: then it stays where it is."""
    with _explained("writing", directory / _NAME), locked(directory):
        pinned = read(directory)
        if pinned and pinned.sequence == head.sequence and pinned != head:
            raise ForkError(
                f"commit {head.sequence} has two histories: {directory / _NAME} knows another tree than the archive "
                "shows now; keep both, write nothing more, and compare them with verify"
            )
        if pinned is None or pinned.sequence < head.sequence:
            replace_file(directory / _NAME, head.encode())


@contextmanager
def _explained(doing: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{doing} {path} failed: {error.strerror}; the collector needs a directory for its keys that it may write"
        ) from error
