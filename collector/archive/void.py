"""What counts at a place of the log: the segment that stands there, or one void leaf in its stead.

Who may put objects but has no key can take the next place with bytes of their own. Nobody can remove them from a
write-once store, and writers must go on; so such an object counts as one leaf that says what it is, and nothing else.
This rule is FORMAT.md's, "Void". It is pure: whoever reads a log (to write on, to read, to verify) applies it alike.

A void stands only where the chain confirms it: its checkpoint is signed over the tree with the void leaf. Without that,
an object that does not read back is damage, not a void.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.layout import segment_key
from collector.archive.segment import Segment, decode

if TYPE_CHECKING:
    from collector.archive.merkle import Tree
    from collector.archive.notes import VerifierKey

KIND = "void"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a log. `void` says why the object in its place is no segment; empty when it is one."""

    segment: Segment
    void: str = ""

    @property
    def problem(self) -> str:
        """What is wrong with the object, for an error that names it."""
        return f"{segment_key(self.segment.sequence)} is not as the collector wrote it: {self.void}"


def leaf(sequence: int, content: bytes) -> bytes:
    """The void leaf for an object's bytes in the place of commit `sequence`."""
    return canonical.encode({"kind": KIND, "object": canonical.digest(content), "sequence": sequence})


def segment_in(content: bytes, sequence: int, origin: str, collector: VerifierKey | None) -> Segment:
    """The segment in an object; ValueError when it is none of this log, in this place, signed by the key in force.

    No key: the genesis that would give it is at fault already, and all but the signature is looked at.
    """
    signed = decode(content)
    if signed.segment.origin != origin:
        raise ValueError(f"is of the log {signed.segment.origin!r}, not {origin!r}")
    if signed.segment.sequence != sequence:
        raise ValueError(f"holds commit {signed.segment.sequence}: segments were swapped")
    if not signed.segment.leaves:
        raise ValueError("has no leaf")
    return signed.check(collector) if collector else signed.segment


def stand_in(content: bytes, sequence: int, before: Tree, origin: str) -> Segment:
    """The commit that an object counts as when it is void: one leaf after the tree `before`, and no objects."""
    return Segment(origin, sequence, before, (leaf(sequence, content),), ())


def counted(content: bytes, sequence: int, before: Tree, origin: str, collector: VerifierKey) -> Commit:
    """What an object counts as after the tree `before`. A segment need not continue that tree: the caller looks.

    ValueError for an object that is no segment in the place of the genesis, which is never void.
    """
    try:
        return Commit(segment_in(content, sequence, origin, collector))
    except ValueError as error:
        if sequence == 0:
            raise
        return Commit(stand_in(content, sequence, before, origin), str(error))
