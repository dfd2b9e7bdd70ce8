"""The segment: one commit. A signed note that says where it stands, then the leaves it adds.

The header's text is one line each for format, origin, sequence, the tree before, the leaves to come, and then one line
for each stored object the commit brought, in the form `sha256sum --check` reads. The body is framed like an entry
bundle of C2SP tlog-tiles: for each leaf its length as a big-endian uint16, then the leaf.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from collector import canonical
from collector.archive.layout import is_stored_object
from collector.archive.merkle import Tree
from collector.archive.notes import Signer, VerifierKey, from_base64, open_note, to_base64

FORMAT = "evidence-collector/segment/v1"
LONGEST_LEAF = 65_535

_LENGTH = struct.Struct(">H")
_HEADER = re.compile(
    r"(?P<format>[^\n]*)\n(?P<origin>[^\n]+)\nsequence (?P<sequence>[0-9]{1,12})\n"
    r"previous (?P<size>[0-9]{1,16}) (?P<root>[^\n ]+)\nfrontier(?P<frontier>[^\n]*)\n"
    r"leaves (?P<leaves>[0-9]{1,16})\nbody (?P<body>[0-9a-f]{64})\n(?P<objects>.*)",
    re.ASCII | re.DOTALL,
)
_OBJECT = re.compile(r"([0-9a-f]{64})  ([^\n]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A pack or blob that a commit brought: its key, and the SHA-256 of its bytes as they lie in the store."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Segment:
    """Commit number `sequence` of the log `origin`: what it adds to the tree `before`, leaves as canonical bytes."""

    origin: str
    sequence: int
    before: Tree
    leaves: tuple[bytes, ...]
    objects: tuple[StoredObject, ...]

    def after(self) -> Tree:
        """The tree with this commit's leaves."""
        return self.before.append(self.leaves)

    def encode(self, collector: Signer) -> bytes:
        """The object to put, signed by the collector's key."""
        body = b"".join(_LENGTH.pack(len(leaf)) + leaf for leaf in self.leaves)
        return collector.sign(self._header(canonical.digest(body))) + body

    def _header(self, body: str) -> str:
        frontier = "".join(f" {to_base64(node)}" for node in self.before.frontier)
        objects = "".join(f"{stored.digest}  {stored.key}\n" for stored in self.objects)
        return (
            f"{FORMAT}\n{self.origin}\nsequence {self.sequence}\n"
            f"previous {self.before.size} {to_base64(self.before.root())}\nfrontier{frontier}\n"
            f"leaves {len(self.leaves)}\nbody {body}\n{objects}"
        )


@dataclass(frozen=True, slots=True)
class SignedSegment:
    """A segment as it was read, with the note that vouches for it."""

    segment: Segment
    note: bytes

    def check(self, collector: VerifierKey) -> Segment:
        """The segment, if the collector's key signed its header; ValueError otherwise."""
        open_note(self.note, collector)
        return self.segment


def decode(content: bytes) -> SignedSegment:
    """Read an object back. ValueError unless header and body are exactly what `encode` would write.

    The signature is not checked here: the first segment names the key it is signed with.
    """
    text, blank, rest = content.partition(b"\n\n")
    signature, newline, body = rest.partition(b"\n")
    if not blank or not newline:
        raise ValueError("not a segment: no signed header")
    header = (text + b"\n").decode(errors="replace")
    match = _HEADER.fullmatch(header)
    if match is None:
        raise ValueError("not a segment: the header has another form")
    if match["format"] != FORMAT:
        raise ValueError(f"the format is {match['format']!r}; this program reads {FORMAT!r}")
    if canonical.digest(body) != match["body"]:
        raise ValueError("the leaves are not those the header was signed for (SHA-256 of the body differs)")
    segment = Segment(
        origin=match["origin"],
        sequence=int(match["sequence"]),
        before=Tree(int(match["size"]), tuple(from_base64(node) for node in match["frontier"].split(" ")[1:])),
        leaves=_unframe(body),
        objects=tuple(_stored_object(line) for line in match["objects"].splitlines()),
    )
    # One spelling only: this also holds the root against the frontier and the count against the body.
    if segment._header(match["body"]) != header:  # noqa: SLF001 - the same class's own module
        raise ValueError("the header contradicts itself or is not written in its one canonical form")
    return SignedSegment(segment, text + blank + signature + newline)


def objects_named(start: bytes, collector: VerifierKey) -> tuple[StoredObject, ...] | None:
    """What a segment's signed header names, from the first bytes of the object; None when it goes on beyond them.

    The leaves are not read, so nothing is said about them. ValueError unless the collector's key signed the header.
    """
    text, blank, rest = start.partition(b"\n\n")
    signature, newline, _ = rest.partition(b"\n")
    if not blank or not newline:
        return None
    header = open_note(text + blank + signature + newline, collector)
    match = _HEADER.fullmatch(header)
    if match is None or match["format"] != FORMAT:
        raise ValueError("not a segment: the header has another form")
    return tuple(_stored_object(line) for line in match["objects"].splitlines())


def leaf_bytes(leaf: dict[str, Any]) -> bytes:
    """The canonical bytes of a leaf; ValueError when it has no kind, no canonical form, or more than 65,535 bytes."""
    if not isinstance(leaf.get("kind"), str):
        raise ValueError("a leaf needs a member 'kind' that says what it records")  # noqa: TRY004 - its text is wrong
    encoded = canonical.encode(leaf)
    if len(encoded) > LONGEST_LEAF:
        raise ValueError(
            f"the {leaf['kind']} leaf has {len(encoded):,} bytes and a leaf holds at most {LONGEST_LEAF:,}; "
            "store the long part as a content and cite its sha256"
        )
    return encoded


def _unframe(body: bytes) -> tuple[bytes, ...]:
    leaves, at, end = [], 0, len(body)
    while at < end - 1:
        start = at + _LENGTH.size
        at = start + (body[at] << 8 | body[at + 1])
        leaves.append(body[start:at])
    if at != end:
        raise ValueError("the body ends inside a leaf")
    return tuple(leaves)


def _stored_object(line: str) -> StoredObject:
    match = _OBJECT.fullmatch(line)
    if match is None or not is_stored_object(match[2]):
        raise ValueError(f"{line!r} in the header names no pack or blob")
    return StoredObject(key=match[2], digest=match[1])
