#!/usr/bin/env python3
"""Verify an evidence archive with Python's standard library alone: nothing of the program that wrote it is used.

    python3 verify.py ARCHIVE_DIRECTORY --key VKEY [--head HEAD.json] [--json]
                      [--authority-roots ROOTS.pem] [--witness VKEY]

VKEY is the log's verifier key, `name+id+base64`, and HEAD.json an earlier head, `{"root":"<base64>","sequence":42,
"size":1234}`. Take both from somewhere else than the archive. The steps are those of FORMAT.md, "Verification", under
the same numbers. Python 3.11 or newer; to look into packs, Python 3.14 or the `zstd` program; to check time-stamp
tokens, the `openssl` program. Roots and witness keys may be given more than once.

Exit codes: 0 sound; 1 something is wrong, each object named; 2 the arguments cannot be used; 3 nothing wrong was found,
but not everything could be checked.

Memory: at most one segment, one pack index and one line of a list of exchanges are held. What grows with the archive
are the object names, and some 350 bytes for each distinct content.

The file is long because it is one file, so that it can be handed to an auditor and read from top to bottom: keys and
notes, JSON, tree, zstd, the log (steps 1 to 6), the contents (steps 7 and 8), outsiders (steps 9 to 11), the slots
(step 12), the samples (step 13), the command.
"""

# ruff: noqa: PLR2004 - the numbers of RFC 8032, RFC 8878 and FORMAT.md, which a reader has open beside this
# ruff: noqa: TRY004, TRY301 - what is wrong in an archive is a ValueError, and each step has its one list of problems

from __future__ import annotations

import argparse
import base64
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from bisect import bisect_left
from calendar import monthrange
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import file_digest, sha256, sha512
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# ---------------------------------------------------------------------------------- Ed25519 (RFC 8032, section 5.1)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (0x58 + 0x6666666666666666666666666666666666666666666666666666666666666600).to_bytes(32, "little")

Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def add(one: Point, other: Point) -> Point:
    """The sum of two points; the one formula holds for every pair, equal or not (RFC 8032, section 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(encoded: bytes) -> Point:
    """The point behind 32 bytes: y, and in the highest bit whether x is odd."""
    number = int.from_bytes(encoded, "little")
    odd, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and odd):
        raise ValueError("the key is no point of the curve")
    x = P - x if x % 2 != odd else x
    return x, y, 1, x * y % P


@lru_cache(maxsize=8)
def multiples(encoded: bytes) -> list[list[Point]]:
    """Row i holds 0 to 255 times 256**i times the point. Two keys sign a whole archive: this is done once for each."""
    rows, step = [], point(encoded)
    for _ in range(32):
        row = [NEUTRAL]
        for _ in range(255):
            row.append(add(row[-1], step))
        rows.append(row)
        step = add(row[-1], step)
    return rows


def fits(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether R = S*B - k*A, where R and S are the halves of the signature and k = SHA-512(R, A, text)."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(sha512(r + public + text).digest(), "little") % ORDER
    total = NEUTRAL
    minus_a = public[:31] + bytes([public[31] ^ 0x80])
    for encoded, factor in ((BASE, s), (minus_a, k)):
        for row, digit in zip(multiples(encoded), factor.to_bytes(32, "little"), strict=True):
            total = add(total, row[digit])
    x, y, z, _ = total
    inverse = pow(z, -1, P)
    return r == (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


# ------------------------------------------------------------------------- keys and signed notes (C2SP signed-note)

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")


def unbase64(text: str) -> bytes:
    """The bytes behind base64 in its one canonical spelling."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError(f"{text!r} is not canonical base64")
    return decoded


@dataclass(frozen=True)
class Key:
    """An Ed25519 verifier key, `name+id+base64`."""

    name: str
    key_id: bytes
    public: bytes

    @classmethod
    def parse(cls, vkey: str, kind: bytes = b"\x01") -> Key:
        """ValueError unless the parts are there and the id belongs to name and key; a witness's kind is 0x04."""
        name, _, rest = vkey.partition("+")
        written, _, encoded = rest.partition("+")
        material = unbase64(encoded)
        key_id = sha256(name.encode() + b"\n" + material).digest()[:4]
        if not name or re.search(r"\s", name) or CONTROL.search(name) or material[:1] != kind or len(material) != 33:
            raise ValueError(f"{vkey!r} is no Ed25519 verifier key (name+id+base64)")
        if written != key_id.hex():
            raise ValueError(f"{vkey!r}: the id does not belong to the name and the key")
        return cls(name, key_id, material[1:])

    def __str__(self) -> str:
        material = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


def open_note(note: bytes, key: Key) -> str:
    """The text above the last blank line, if `key` signed it; signatures by other keys are ignored."""
    text, blank, tail = note.decode().rpartition("\n\n")
    if not blank or not tail.endswith("\n") or CONTROL.search(note.decode()):
        raise ValueError("is no signed note")
    lines = [SIGNATURE.fullmatch(line) for line in tail[:-1].split("\n")]
    signed = False
    for line in lines:
        signature = unbase64(line[2]) if line else b""
        if line is None or len(signature) <= 4 or len(lines) > 100:
            raise ValueError("is no signed note: what follows the last blank line is no signature")
        if (line[1], signature[:4]) == (key.name, key.key_id):
            if not fits(key.public, f"{text}\n".encode(), signature[4:]):
                raise ValueError(f"the signature by {key.name} does not fit the text")
            signed = True
    if not signed:
        raise ValueError(f"is not signed by {key.name}")
    return f"{text}\n"


# ----------------------------------------------------------------- canonical JSON (RFC 8785 within FORMAT.md's limits)


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) >= 2**53:
        raise ValueError(f"is not canonical JSON: the integer {text[:40]} has more than 53 bits")
    return int(text)


def _no_number(text: str) -> None:
    raise ValueError(f"is not canonical JSON: the number {text[:40]} is no integer")


DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_no_number, parse_constant=_no_number)
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value; ValueError unless it is written in its one canonical form."""
    try:
        value = DECODER.decode(text.decode())
        if ENCODER.encode(value).encode() != text:
            raise ValueError("is not canonical JSON: it has another spelling")
    except RecursionError:
        raise ValueError("is nested too deep to be read") from None
    if not text.isascii() and not all(name.isascii() for _, found in objects_in(value) for name in found):
        raise ValueError("is not canonical JSON: a member's name is not ASCII")
    return value


def objects_in(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - any JSON value
    """Each JSON object at any depth, and the name of the member it stands under (lists are looked through)."""
    waiting = [("", value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            yield name, one
            waiting += [(member, item) for member, item in one.items() if isinstance(item, (dict, list))]
        elif isinstance(one, list):
            waiting += [(name, item) for item in one if isinstance(item, (dict, list))]


def digest_from(value: object) -> bytes:
    """The 32 bytes of a SHA-256 in lower-case hex."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        raise ValueError(f"{value!r} is not a SHA-256 in lower-case hex")
    return bytes.fromhex(value)


# ------------------------------------------------------------------------------- the tree (RFC 6962, section 2.1)


@dataclass(frozen=True)
class Tree:
    """The number of leaves, and the roots of the largest perfect subtrees from left to right."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def append(self, leaves: list[bytes]) -> Tree:
        """The tree with these leaves at its end."""
        size, frontier = self.size, list(self.frontier)
        for leaf in leaves:
            node, rest = sha256(b"\x00" + leaf).digest(), size
            while rest & 1:
                node, rest = sha256(b"\x01" + frontier.pop() + node).digest(), rest >> 1
            frontier.append(node)
            size += 1
        return Tree(size, tuple(frontier))

    def root(self) -> bytes:
        """The root; of no leaves, the SHA-256 of nothing."""
        if not self.frontier:
            return sha256().digest()
        *left, node = self.frontier
        for sibling in reversed(left):
            node = sha256(b"\x01" + sibling + node).digest()
        return node


# --------------------------------------------------------------------------------------------------- zstd (RFC 8878)

CHUNK = 1 << 20
NO_ZSTD = "cannot look into packs: install zstd (or use Python 3.14)"


def stated_length(file: IO[bytes], start: int, end: int) -> int | None:
    """What the frame says of its content's length; None when only its end can tell. ValueError unless that is `end`."""
    file.seek(start)
    head = file.read(18)
    if len(head) < 6 or head[:4] != b"\x28\xb5\x2f\xfd" or head[4] & 8:
        raise ValueError("damaged zstd frame")
    single, size_flag = head[4] >> 5 & 1, head[4] >> 6
    size_at = 5 + (1 - single) + (0, 1, 2, 4)[head[4] & 3]
    size_length = (single, 2, 4, 8)[size_flag]
    at, last = start + size_at + size_length, 0
    while not last:
        file.seek(at)
        block = int.from_bytes(file.read(3), "little")
        last, kind, size = block & 1, block >> 1 & 3, block >> 3
        at += 3 + (1 if kind == 1 else size)
        if at > end or kind == 3:
            raise ValueError("damaged zstd frame")
    if at + (head[4] & 4) != end:
        raise ValueError("not exactly one zstd frame")
    if not size_length or head[4] & 4:  # a checksum is only looked at by who reads the frame to its end
        return None
    return int.from_bytes(head[size_at : size_at + size_length], "little") + (256 if size_length == 2 else 0)


class Library:
    """Python's own zstd."""

    def __init__(self, zstd: Any) -> None:  # noqa: ANN401 - a module that is not there before Python 3.14
        self._zstd = zstd

    def expand(self, file: IO[bytes], start: int, end: int, _stated: int | None) -> Iterator[bytes]:
        """The content of the frame from `start` to `end`, in pieces."""
        decompressor = self._zstd.ZstdDecompressor()
        file.seek(start)
        try:
            while not decompressor.eof:
                piece = file.read(min(CHUNK, end - file.tell())) if decompressor.needs_input else b""
                if decompressor.needs_input and not piece:
                    raise ValueError("damaged zstd frame: it is cut short")
                yield decompressor.decompress(piece, CHUNK)
        except self._zstd.ZstdError as error:
            raise ValueError(f"damaged zstd frame ({error})") from None


class Program:
    """The `zstd` program. One process for each content would take hours, so one expands all that follows in a pack.

    That is exact: `stated_length` sees where each frame ends, zstd holds each frame to the length it states, and
    nothing is taken from a stream that zstd does not call good to its end. Other frames get a process of their own.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._stream: IO[bytes] | None = None
        self._continues_at: tuple[str, int] | None = None

    def expand(self, file: IO[bytes], start: int, end: int, stated: int | None) -> Iterator[bytes]:
        """The content of the frame from `start` to `end`, in pieces."""
        if stated is None or (self._continues_at != (file.name, start) and not self._good_from(file, start)):
            yield from self._alone(file, start, end)
            return
        left, self._continues_at = stated, None
        while left and self._stream and (piece := self._stream.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
        self._continues_at = (file.name, end)

    def _good_from(self, file: IO[bytes], start: int) -> bool:
        with Path(file.name).open("rb") as own:  # or our own reading would move zstd's place in the file
            own.seek(start)
            test = [self._program, "-tq"]
            if subprocess.run(test, stdin=own, stderr=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - zstd
                return False
            own.seek(start)
            self._start(own)
        return True

    def _alone(self, file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
        with TemporaryFile() as copy:
            file.seek(start)
            while piece := file.read(min(CHUNK, end - file.tell())):
                copy.write(piece)
            copy.seek(0)
            self._start(copy)
        while self._stream and (piece := self._stream.read(CHUNK)):
            yield piece
        if self._process and self._process.wait():
            raise ValueError("damaged zstd frame")

    def _start(self, file: IO[bytes]) -> None:
        self.stop()
        command = [self._program, "-dcq"]
        self._process = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - zstd
        self._stream = self._process.stdout

    def stop(self) -> None:
        """End the process, if there is one."""
        self._continues_at = None
        if self._process and self._stream:
            self._process.kill()
            self._stream.close()
            self._process.wait()


# ------------------------------------------------------------------------------------------------ what was found

NUMBER = r"(0|[1-9][0-9]{0,15})"
HASH = r"[A-Za-z0-9+/]{43}="
STORED = r"(?:packs|blobs)/[0-9]{4}Q[1-4]/[0-9a-f]{64}\.zst"
HEADER = re.compile(
    rf"evidence-collector/segment/v1\n([^\n]+)\nsequence {NUMBER}\nprevious {NUMBER} ({HASH})\nfrontier((?: {HASH})*)\n"
    rf"leaves {NUMBER}\nbody ([0-9a-f]{{64}})\n((?:[0-9a-f]{{64}}  {STORED}\n)*)"
)
CREATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)")


@dataclass(frozen=True)
class Head:
    """The tree after a commit; the root in base64."""

    sequence: int
    size: int
    root: str

    @classmethod
    def parse(cls, text: bytes) -> Head:
        """ValueError unless the text is a JSON object with these three members."""
        value = json.loads(text)
        if isinstance(value, dict) and type(value.get("sequence")) is int and type(value.get("size")) is int:
            root = value.get("root")
            if isinstance(root, str) and len(unbase64(root)) == 32:
                return cls(value["sequence"], value["size"], root)
        raise ValueError('a head looks like {"root":"<32 bytes in base64>","sequence":42,"size":1234}')


@dataclass(frozen=True)
class Segment:
    """A commit, as its object tells it."""

    origin: str
    sequence: int
    before: Tree
    leaves: list[bytes]
    objects: list[tuple[str, str]]
    """SHA-256 and name of each pack and blob it brought."""
    note: bytes

    @classmethod
    def parse(cls, content: bytes) -> Segment:
        """ValueError unless the object is written as FORMAT.md says; the signature is not looked at."""
        text, _, rest = content.partition(b"\n\n")
        signature, newline, body = rest.partition(b"\n")
        header = HEADER.fullmatch(text.decode() + "\n")
        if header is None or not newline:
            raise ValueError("is no segment: its header has another form")
        origin, sequence, size, root, frontier, count, body_digest, objects = header.groups()
        if sha256(body).hexdigest() != body_digest:
            raise ValueError("has other leaves than its header was signed for (SHA-256 of the body differs)")
        before = Tree(int(size), tuple(unbase64(node) for node in frontier.split()))
        if len(before.frontier) != before.size.bit_count() or before.root() != unbase64(root):
            raise ValueError("contradicts itself: the frontier does not fit the size and root of the tree before")
        leaves = list(leaves_in(body))
        if len(leaves) != int(count):
            raise ValueError(f"contradicts itself: {count} leaves are announced and {len(leaves)} are there")
        named = [(line[:64], line[66:]) for line in objects.splitlines()]
        return cls(origin, int(sequence), before, leaves, named, text + b"\n\n" + signature + b"\n")


def leaves_in(body: bytes) -> Iterator[bytes]:
    """The leaves; each follows its length, a big-endian 16-bit number."""
    at = 0
    while at < len(body):
        length = int.from_bytes(body[at : at + 2], "big")
        at += 2 + length
        if at > len(body):
            raise ValueError("its body ends inside a leaf")
        yield body[at - length : at]


def leaf_in(encoded: bytes, index: int) -> dict[str, Any]:
    """The leaf with this index; ValueError unless it is one."""
    leaf = parse(encoded)
    if not isinstance(leaf, dict) or not isinstance(leaf.get("kind"), str):
        raise ValueError("has no kind")
    if (leaf["kind"] == "genesis") != (index == 0):
        raise ValueError("a genesis is the first leaf of a log and no other")
    if leaf["kind"] == "void":
        raise ValueError("a void leaf follows from a rule, and no segment holds one")
    if leaf["kind"] in ("run", "evidence") and not isinstance(leaf.get("run"), str):
        raise ValueError(f"names no run: {leaf.get('run')!r} is no id")
    return leaf


def first_keys(genesis: bytes, log: Key) -> tuple[Key, Key]:
    """The first keys of collector and log, from the first leaf; ValueError unless it is a genesis of that name."""
    leaf = parse(genesis)
    if not isinstance(leaf, dict) or leaf.get("kind") != "genesis":
        raise ValueError("the first leaf is no genesis")
    if leaf.get("format") != "evidence-collector/archive/v1":
        raise ValueError(f"the format {leaf.get('format')!r} is not the one this program reads")
    first = Key.parse(str(leaf.get("log_key")))
    if first.name != log.name:
        raise ValueError(f"the genesis names the log key {leaf.get('log_key')}, not the one given")
    if leaf.get("origin") != log.name or not CREATED.fullmatch(str(leaf.get("created"))):
        raise ValueError("the genesis has another origin, or no time")
    key = Key.parse(str(leaf.get("collector_key")))
    if key.name != f"{log.name}/collector":
        raise ValueError(f"the collector's key is named {key.name}, not {log.name}/collector")
    return key, first


class Term(NamedTuple):
    """A key and the commits it signs, from `first` to `last`; without a last one while it is in force."""

    key: Key
    first: int
    last: int | None = None


@dataclass(frozen=True)
class KeyChange:
    """What a `key` leaf says: from the next commit on, `new` signs in the place of `old`."""

    role: str
    new: Key
    old: Key
    since: int | None

    @classmethod
    def parse(cls, leaf: dict[str, Any]) -> KeyChange:
        """ValueError unless the leaf has every member, and nothing else."""
        role, since, at = leaf.get("role"), leaf.get("since"), leaf.get("at")
        if leaf.keys() != KEY_MEMBERS or role not in ("collector", "log"):
            raise ValueError(f"a key leaf has the members {sorted(KEY_MEMBERS)} and the role collector or log")
        if not isinstance(at, str) or not CREATED.fullmatch(at) or not at.endswith("Z"):
            raise ValueError(f"a key leaf's time is RFC 3339 in UTC, not {at!r}")
        if type(since) not in (int, type(None)):
            raise ValueError(f"a key is revoked since the number of a commit, not {since!r}")
        if leaf["because"] != ("rotation" if since is None else "revocation"):
            raise ValueError("a revocation says since which commit, and a rotation does not")
        return cls(role, Key.parse(str(leaf["verifier_key"])), Key.parse(str(leaf["replaces"])), since)


KEY_MEMBERS = {"kind", "role", "verifier_key", "replaces", "at", "because", "since"}


def replaced(terms: dict[str, list[Term]], changes: list[KeyChange], sequence: int) -> dict[str, list[Term]]:
    """The terms of both roles after commit `sequence` with these changes; ValueError when it may not make them."""
    if len({change.role for change in changes}) < len(changes):
        raise ValueError("two key leaves of one commit replace the same key")
    for change in changes:
        *before, term = terms[change.role]
        if change.old != term.key or change.new.name != term.key.name:
            raise ValueError(f"a key leaf replaces {change.old}, and the {change.role}'s key in force is {term.key}")
        if change.new.public in {one.key.public for row in terms.values() for one in row}:
            raise ValueError(f"a key leaf brings {change.new}, which signs or signed for this log already")
        if change.since is not None and not term.first <= change.since <= sequence:
            raise ValueError(f"a key leaf revokes {term.key} since commit {change.since}, which it did not sign")
        ended = term._replace(last=sequence)
        terms = {**terms, change.role: [*before, ended, Term(change.new, sequence + 1)]}
    return terms


def in_force(terms: list[Term], sequence: int) -> Key:
    """The key that signs this commit."""
    return next(term.key for term in terms if term.last is None or sequence <= term.last)


class Cited(NamedTuple):
    """Which leaf of which commit cites a content, and how many lines it says the content has."""

    sequence: int
    leaf: int
    lines: int | None


class Scheduling(NamedTuple):
    """A leaf that step 12 looks at: its commit, its index, its kind, and the members that matter there."""

    sequence: int
    leaf: int
    kind: str
    body: dict[str, Any]


def segment_name(sequence: int) -> str:
    """The object that is commit number `sequence`."""
    return f"log/{sequence:012d}.seg"


def checkpoint_name(sequence: int) -> str:
    """The object that is the signed head after it."""
    return f"log/{sequence:012d}.ckpt"


@dataclass
class Findings:
    """Object and problem of each fault, and of all that could not be checked; what else to know; how much was read."""

    faults: list[tuple[str, str]] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    head: Head | None = None
    commits: int = 0
    voids: int = 0
    leaves: int = 0
    contents: int = 0
    length: int = 0
    tokens: int = 0
    trusted_time: str = "no token that was checked"
    cosignatures: int = 0

    @property
    def verdict(self) -> str:
        """Never "sound" when anything was left out."""
        return "faulty" if self.faults else "incomplete" if self.unchecked else "sound"

    def fault(self, name: str, problem: object) -> None:
        """One object, and what is wrong with it."""
        self.faults.append((name, str(problem)))


# ------------------------------------------------------------------------------------------- the log: steps 1 to 6


class Log:
    """The log, read once and in order. What it says of the contents is kept for steps 7 and 8."""

    def __init__(self, root: Path, key: Key, earlier: Head | None, findings: Findings) -> None:
        self.objects: dict[str, tuple[str, int]] = {}
        """Name of each pack and blob -> its SHA-256, and the commit that brought it."""
        self.cited: dict[bytes, Cited] = {}
        """Digest of each content -> the first leaf that cites it."""
        self.otherwise: dict[tuple[bytes, int], Cited] = {}
        """Digest and number of lines -> the leaf that says so, where the first leaf says something else."""
        self.exchanges: set[bytes] = set()
        """Digests of the contents that are lists of exchanges."""
        self.times = Times()
        self.signed = set[int]()
        self.scheduling: list[Scheduling] = []
        """What each leaf says of schedules and slots, for step 12."""
        self.samples: list[tuple[int, int, dict[str, Any]]] = []
        """Commit, index and body of each sample leaf, for step 13."""
        self.documents: dict[bytes, bytes] = {}
        """Digest of each content that steps 12 and 13 need -> the content, once step 7 has read it."""
        self._root = root
        self._key = key
        self._terms: dict[str, list[Term]] = {}
        """The keys of both roles, oldest first; empty as long as the genesis could not be read."""
        self._shown = False  # that the key given signed something
        self._earlier = earlier
        self._findings = findings
        self._fault = findings.fault
        self._tree: Tree | None = Tree()  # None: unknown, because the commit before could not be read

    def check(self, names: list[str]) -> None:
        """Step 1: the segments are numbered from 0 without a hole, and nothing else is in `log/`."""
        segments, checkpoints, expected = list[int](), list[int](), 0
        for name in names:
            found = re.fullmatch(r"log/([0-9]{12})\.(seg|ckpt)", name)
            if found:
                (segments if found[2] == "seg" else checkpoints).append(int(found[1]))
            elif not OUTSIDE.fullmatch(name):
                self._fault(name, "has no place in a log")
        last = max([0, *segments, *checkpoints, self._earlier.sequence if self._earlier else 0])
        for sequence in [*segments, last + 1]:
            if sequence > expected:
                first, final = segment_name(expected), segment_name(sequence - 1)
                missing = first if first == final else f"{first} to {final}"
                self._fault(missing, f"missing: {sequence - expected} commit(s) of a log that reached commit {last}")
                self._tree = None
            if sequence <= last:
                self._commit(sequence, newest=sequence == segments[-1])
            expected = sequence + 1
        for sequence in sorted(set(checkpoints).difference(segments)):
            self._signed_head(sequence, self._terms)
        self._given()

    def _commit(self, sequence: int, *, newest: bool) -> None:
        """Step 3: the header's tree before is the tree that the leaves before it make. Then on to the other steps."""
        segment = self._segment(sequence, newest=newest)
        after = None
        if isinstance(segment, Tree):
            self._tree = segment
            self._findings.commits, self._findings.voids = self._findings.commits + 1, self._findings.voids + 1
            self._findings.leaves += 1
            self._head(sequence, segment)
            return
        if segment:
            if self._tree not in (None, segment.before):
                self._fault(segment_name(sequence), "does not continue the commit before it")
            after = segment.before.append(segment.leaves)
        self._tree = after
        terms = self._changed(segment) if segment else self._terms
        self._checkpoint(sequence, after, terms, newest=newest)
        self._terms = terms
        if segment and after:
            self._leaves(segment)
            self._brought(segment)
            self._head(sequence, after)

    def _segment(self, sequence: int, *, newest: bool) -> Segment | Tree | None:
        """Step 2: the segment is written as it must be, of this log, in its place, signed by the collector's key.

        An object that is no such segment and whose checkpoint confirms it to be void gives the tree with its void leaf.
        """
        name, content = segment_name(sequence), b""
        try:
            content = (self._root / name).read_bytes()
            segment = Segment.parse(content)
            if segment.origin != self._key.name:
                raise ValueError(f"is of the log {segment.origin!r}, not {self._key.name!r}")
            if segment.sequence != sequence:
                raise ValueError(f"holds commit {segment.sequence}: segments were swapped")
            if not segment.leaves:
                raise ValueError("has no leaf")
            if sequence == 0:
                keys = first_keys(segment.leaves[0], self._key)
                self._terms = {role: [Term(key, 0)] for role, key in zip(("collector", "log"), keys, strict=True)}
            if self._terms:  # without them, the genesis is at fault already, and nothing can be sound
                open_note(segment.note, in_force(self._terms["collector"], sequence))
        except ValueError as error:
            return self._void(sequence, content, str(error), newest=newest)
        except OSError as error:
            self._findings.unchecked.append((name, f"cannot be read: {error.strerror}"))
            return None
        return segment

    def _changed(self, segment: Segment) -> dict[str, list[Term]]:
        """Step 5, of key leaves: the keys after this commit; what a revoked key has signed is named."""
        name = segment_name(segment.sequence)
        changes = []
        try:
            for encoded in segment.leaves if self._terms else []:
                if b'"kind":"key"' in encoded:  # the one canonical spelling; most leaves need not be read for this
                    leaf = parse(encoded)
                    if isinstance(leaf, dict) and leaf.get("kind") == "key":
                        changes.append(KeyChange.parse(leaf))
            terms = replaced(self._terms, changes, segment.sequence)
        except ValueError as error:
            self._fault(name, error)
            return self._terms
        for change in changes:
            if change.since is not None:
                name_of = segment_name if change.role == "collector" else checkpoint_name
                first, last = name_of(change.since), name_of(segment.sequence)
                run = first if first == last else f"{first} to {last}"
                self._fault(run, f"signed by a key that was revoked as of commit {change.since}: {change.old}")
        return terms

    def _given(self) -> None:
        """Step 4: the key given is one of the log's, and signed something here."""
        if not self._terms or self._terms["log"][0].key == self._key:
            return
        named = [term for term in self._terms["log"] if term.key == self._key]
        if not named:
            first = self._terms["log"][0].key
            problem = f"the genesis names the log key {first}, and no commit replaces it by the one given"
            self._fault(segment_name(0), problem)
        elif not self._shown:
            name = segment_name(named[0].first - 1)
            self._fault(name, "names the log key given, but nothing here that holds is signed by it")

    def _void(self, sequence: int, content: bytes, problem: str, *, newest: bool) -> Tree | None:
        """The tree with the void leaf, if the checkpoint of this commit is signed over it; otherwise a fault."""
        name, path = segment_name(sequence), self._root / checkpoint_name(sequence)
        if sequence and self._tree:
            leaf = f'{{"kind":"void","object":"{sha256(content).hexdigest()}","sequence":{sequence}}}'
            after = self._tree.append([leaf.encode()])
            try:
                if self._head_in(path.read_bytes(), sequence, self._terms) == (after.size, after.root()):
                    told = f"Void: {name} is no segment of this log ({problem})"
                    self._findings.notes.append(f"{told}; commit {sequence} counts as a void leaf.")
                    return after
            except FileNotFoundError:
                if newest:
                    problem += "; no checkpoint vouches for it, and the next writer will declare it void"
            except (OSError, ValueError):
                pass  # step 4 says what is wrong with the checkpoint
        self._fault(name, problem)
        return None

    def _checkpoint(self, sequence: int, after: Tree | None, terms: dict[str, list[Term]], *, newest: bool) -> None:
        """Step 4: the checkpoint is there, signed by the log's key, and has the size and root that the leaves make."""
        name = checkpoint_name(sequence)
        if newest and not (self._root / name).exists() and not (self._earlier and self._earlier.sequence >= sequence):
            self._findings.notes.append(f"Pending: {name} is not written yet, so the last commit is not yet sealed.")
            return
        signed = self._signed_head(sequence, terms)
        if signed and after and signed != (after.size, after.root()):
            self._fault(name, "is signed for another tree than the segments make: two histories, or changed leaves")

    def _signed_head(self, sequence: int, after: dict[str, list[Term]]) -> tuple[int, bytes] | None:
        """Step 4: size and root; a commit that replaces the log's key has its checkpoint signed by the new one too."""
        name = checkpoint_name(sequence)
        try:
            return self._head_in((self._root / name).read_bytes(), sequence, after)
        except ValueError as error:
            self._fault(name, error)
        except FileNotFoundError:
            self._fault(name, "missing")
        except OSError as error:
            self._findings.unchecked.append((name, f"cannot be read: {error.strerror}"))
        return None

    def _head_in(self, checkpoint: bytes, sequence: int, after: dict[str, list[Term]]) -> tuple[int, bytes]:
        """Size and root; ValueError unless they are signed for this log by its key in force, and by a new one too."""
        pairs = [(self._terms, sequence), (after, sequence + 1)]
        needed = [in_force(terms["log"], at) for terms, at in pairs if terms] or [self._key]
        text, *_ = (open_note(checkpoint, key) for key in dict.fromkeys(needed))
        self._shown |= self._key in needed
        found = re.fullmatch(rf"([^\n]+)\n{NUMBER}\n({HASH})\n(?:[^\n]+\n)*", text)
        if found is None:
            raise ValueError("is no checkpoint: origin, size and root are expected")
        if found[1] != self._key.name:
            raise ValueError(f"is of the log {found[1]!r}, not {self._key.name!r}")
        self.signed.add(sequence)
        return int(found[2]), unbase64(found[3])

    def _leaves(self, segment: Segment) -> None:
        """Step 5: each leaf is canonical JSON with a kind, and the rules about genesis, runs and evidence hold."""
        name, runs, evidence = segment_name(segment.sequence), list[tuple[str, object]](), Counter[str]()
        for index, encoded in enumerate(segment.leaves, segment.before.size):
            try:
                leaf = leaf_in(encoded, index)
                if leaf["kind"] == "run":
                    runs.append((leaf["run"], leaf.get("expected")))
                if leaf["kind"] == "evidence":
                    evidence[leaf["run"]] += 1
                self._schedule(leaf, segment.sequence, index)
                self._cite(leaf, segment.sequence, index)
                self._statement(leaf, segment.sequence, index)
                self.times.take(leaf, segment.sequence)
            except ValueError as error:
                self._fault(name, f"leaf {index}: {error}")
        for run, times in Counter(run for run, _ in runs).items():
            if times > 1:
                self._fault(name, f"run {run!r} is told {times} times")
        for run, expected in runs:
            if type(expected) is not int or expected != evidence[run]:
                there = evidence[run]
                self._fault(name, f"run {run!r} expected {expected!r} evidence leaves and {there} are there")
        for run in evidence.keys() - {run for run, _ in runs}:
            self._fault(name, f"{evidence[run]} evidence leaves of run {run!r} without its run leaf")
        self._findings.commits += 1
        self._findings.leaves += len(segment.leaves)

    def _statement(self, leaf: dict[str, Any], sequence: int, index: int) -> None:
        if leaf["kind"] in STATEMENTS:
            check_statement(leaf)
        if leaf["kind"] == "sample":
            self.samples.append((sequence, index, leaf))
            self.documents |= {digest_from(leaf[name]["sha256"]): b"" for name in ("population", "ids")}

    def _schedule(self, leaf: dict[str, Any], sequence: int, index: int) -> None:
        """Keep what step 12 needs, and no more: evidence is most of a log."""
        kind = leaf["kind"]
        if kind == "evidence" and leaf.get("slot") is not None:
            kept = {name: leaf.get(name) for name in ("type", "provider", "unit", "slot")}
        elif kind in ("schedule", "claim", "missed"):
            kept = leaf
        elif kind == "run":
            kept = {"run": leaf["run"]}
        else:
            return
        self.scheduling.append(Scheduling(sequence, index, kind, kept))
        for cited in (leaf.get("entries") if kind == "schedule" else None, leaf.get("slots")):
            if kind in ("schedule", "missed") and isinstance(cited, dict) and cited.get("sha256") is not None:
                self.documents[digest_from(cited["sha256"])] = b""

    def _cite(self, leaf: dict[str, Any], sequence: int, index: int) -> None:
        for member, one in objects_in(leaf):
            if one.get("sha256") is None:
                continue
            digest, count = digest_from(one["sha256"]), one.get("count")
            cited = Cited(sequence, index, count if type(count) is int else None)
            first = self.cited.setdefault(digest, cited)
            if cited.lines is not None and cited.lines != first.lines:
                self.otherwise.setdefault((digest, cited.lines), cited)
            if member == "exchanges":
                self.exchanges.add(digest)

    def _brought(self, segment: Segment) -> None:
        for digest, name in segment.objects:
            before, sequence = self.objects.setdefault(name, (digest, segment.sequence))
            if before != digest:
                problem = f"names {name} with another SHA-256 than {segment_name(sequence)}"
                self._fault(segment_name(segment.sequence), problem)

    def _head(self, sequence: int, after: Tree) -> None:
        """Step 6: at the earlier head's commit, size and root are the earlier head's."""
        self._findings.head = head = Head(sequence, after.size, base64.b64encode(after.root()).decode())
        if self._earlier and self._earlier.sequence == sequence and self._earlier != head:
            self._fault(segment_name(sequence), "makes another tree than the head given: the past was rewritten")


# ---------------------------------------------------------------------------------------- the contents: steps 7 and 8


class Contents:
    """Every pack and blob, read once, and what the log says of the contents in them."""

    def __init__(self, root: Path, log: Log, zstd: Library | Program | None, findings: Findings) -> None:
        self._root = root
        self._log = log
        self._zstd = zstd
        self._findings = findings
        self._fault = findings.fault
        self._found: set[bytes] = set()
        self._bodies: dict[bytes, Cited] = {}
        """Digest of each body -> the leaf that cites the list of exchanges it is in."""
        self._passing = b""

    def check(self, names: list[str]) -> None:
        """Step 7: each object that a header names is there, and nothing else."""
        for name in sorted(self._log.objects.keys() - set(names)):
            self._fault(name, f"missing: {segment_name(self._log.objects[name][1])} brought it")
        for name in names:
            if re.fullmatch(STORED, name):
                self._stored(name)
            else:
                self._fault(name, "has no place in an archive")
        if self._zstd is None and self._found:
            self._findings.unchecked.append(("the contents of packs and blobs", NO_ZSTD))
        self._citations()

    def _stored(self, name: str) -> None:
        """Step 7: the object has the SHA-256 of the header and of its name; its index fills it from end to end."""
        named, is_pack = name[-68:-4], name.startswith("packs/")
        try:
            with (self._root / name).open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
                if name not in self._log.objects:
                    self._findings.notes.append(f"Left over: no commit names {name}; an interrupted run put it there.")
                promised, _ = self._log.objects.get(name, (digest, 0))
                if digest != promised or (is_pack and digest != named):
                    self._fault(name, "its bytes are not those that were written (SHA-256 differs)")
                size = file.seek(0, os.SEEK_END)
                whole = (bytes.fromhex(named), 0, size, None)
                for frame in index_of(file, size) if is_pack else [whole]:
                    if self._zstd is None:  # found, as far as can be told; `check` says that nobody looked
                        self._found.add(frame[0])
                    else:
                        self._content(name, file, self._zstd, *frame)
        except ValueError as error:
            self._fault(name, f"cannot be read: {error}")
        except OSError as error:
            self._findings.unchecked.append((name, f"cannot be read: {error.strerror}"))

    def _content(
        self,
        name: str,
        file: IO[bytes],
        zstd: Library | Program,
        digest: bytes,
        start: int,
        end: int,
        length: int | None,
    ) -> None:
        """Step 7: the content has the SHA-256 it is stored under. Its lines are read for step 8 on the way."""
        lists, bodies = digest in self._log.exchanges, set[bytes]()
        running, total, newlines, rest = sha256(), 0, 0, b""
        try:
            stated = stated_length(file, start, end)
            for piece in self._kept(digest, zstd.expand(file, start, end, stated)):
                running.update(piece)
                total += len(piece)
                newlines += piece.count(b"\n")
                if length is not None and total > length:
                    break
                if lists:
                    *whole, rest = (rest + piece).split(b"\n")
                    bodies.update(*map(body_in, whole))
                elif piece:
                    rest = piece[-1:].strip(b"\n")
            if length not in (None, total):
                raise ValueError("is not as long as the index of the pack says")
            if running.digest() != digest:
                raise ValueError("has other bytes than were stored under that name")
            bodies.update(body_in(rest) if lists and rest else ())
        except ValueError as error:
            self._fault(name, f"content {digest.hex()}: {error}")
            return
        self._counted(digest, newlines + bool(rest))
        for body in bodies:
            self._bodies.setdefault(body, self._log.cited[digest])
        if digest not in self._found:
            self._found.add(digest)
            self._findings.contents += 1
            self._findings.length += total

    def _kept(self, digest: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces on their way through; those of a content that steps 12 and 13 need are kept."""
        self._passing = b""
        for piece in pieces:
            if digest in self._log.documents:
                self._passing += piece
            yield piece

    def _counted(self, digest: bytes, lines: int) -> None:
        """Step 8: every count is right."""
        if digest in self._log.documents:
            self._log.documents[digest] = self._passing
        said = [self._log.cited[digest]] if digest in self._log.cited else []
        said += [cited for (other, _), cited in self._log.otherwise.items() if other == digest]
        for cited in said:
            if cited.lines not in (None, lines):
                problem = f"leaf {cited.leaf} says that content {digest.hex()} has {cited.lines} lines; it has {lines}"
                self._fault(segment_name(cited.sequence), problem)

    def _citations(self) -> None:
        """Step 8: every content that a leaf or a list of exchanges cites is there."""
        for digest, cited in self._log.cited.items():
            if digest not in self._found:
                problem = f"leaf {cited.leaf} cites content {digest.hex()}, which is not to be had"
                self._fault(segment_name(cited.sequence), problem)
        for digest, cited in self._bodies.items():
            if digest not in self._found:
                problem = f"leaf {cited.leaf} cites exchanges with the body {digest.hex()}, which is not to be had"
                self._fault(segment_name(cited.sequence), problem)


def index_of(file: IO[bytes], size: int) -> list[tuple[bytes, int, int, int]]:
    """Digest, start, end and length of each content of a pack; ValueError unless they fill it up to the index."""
    file.seek(max(0, size - 4))
    text_length = int.from_bytes(file.read(4), "little")
    index_at = size - text_length - 12
    file.seek(max(0, index_at))
    frame = file.read(max(0, size - 4 - max(0, index_at)))
    if index_at < 0 or frame[:8] != b"\x5e\x2a\x4d\x18" + (text_length + 4).to_bytes(4, "little"):
        raise ValueError("its end is no index")
    index, end, contents = parse(frame[8:]), 0, []
    if not isinstance(index, dict):
        raise ValueError("its index is no JSON object")
    for digest, place in index.items():
        if not (isinstance(place, list) and len(place) == 3 and all(type(n) is int and n >= 0 for n in place)):
            raise ValueError(f"its index entry of {digest} is not three lengths")
        start, compressed, length = place
        if start != end:
            break
        end = start + compressed
        contents.append((digest_from(digest), start, end, length))
    if end != index_at or len(contents) != len(index):
        raise ValueError("its index leaves bytes of it unnamed")
    return contents


def body_in(line: bytes) -> list[bytes]:
    """The digest of the body that one line of a list of exchanges cites, if any."""
    exchange = parse(line)
    if not isinstance(exchange, dict) or "body" not in exchange:
        raise ValueError("a line of the exchanges is no JSON object with a body")
    return [] if exchange["body"] is None else [digest_from(exchange["body"])]


# ------------------------------------------------------------ what outsiders said of the log's heads: steps 9 to 11

OUTSIDE = re.compile(r"log/([0-9]{12})\.(tsr2?|cosig)")
SHA256_OID = bytes.fromhex("0609608648016503040201")
TOLERANCE = timedelta(seconds=60)
NO_OPENSSL = "cannot check signatures and certificates of tokens: install openssl"


@dataclass(frozen=True)
class Trusted:
    """Whom to believe: files with the root certificates of authorities (PEM), and the keys of witnesses."""

    roots: tuple[Path, ...] = ()
    witnesses: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Shown:
    """When a token says it was made: to whole seconds, give or take the accuracy."""

    time: datetime
    accuracy: timedelta

    @property
    def earliest(self) -> datetime:
        """Not before this."""
        return self.time - self.accuracy

    @property
    def latest(self) -> datetime:
        """Not after this; the fraction of a second that was cut off counts as a whole one."""
        return self.time + self.accuracy + timedelta(seconds=1)


class Run(NamedTuple):
    """A run leaf: id, commit, start and end; the token it cites, as commit and object; whom it was to ask."""

    run: str
    commit: int
    started: datetime | None
    ended: datetime | None
    token: tuple[int, str] | None
    authorities: list[str]
    witnesses: list[str]


class Times:
    """What the leaves say about trusted time."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.named: dict[tuple[str, str], int] = {}
        """Object and SHA-256, as leaves name them -> the first commit that does."""
        self.withheld: dict[tuple[int, str, str], tuple[str, str, int | None]] = {}
        """Commit, kind of party, its name -> cause, detail, and the size of the tree a witness says it signed."""
        self.settled: set[tuple[str, int]] = set()
        """Runs that have their second commit, each with the number of its first."""

    def take(self, leaf: dict[str, Any], sequence: int) -> None:
        """One leaf; ValueError when it does not say what one of its kind must."""
        kind, commit = leaf["kind"], leaf.get("commit")
        if kind == "run":
            self._run(leaf, sequence)
        elif kind == "storage" and isinstance(leaf.get("run"), str) and isinstance(commit, int):
            self.settled.add((leaf["run"], commit))
        elif kind == "time":
            party, name, size = leaf.get("party"), leaf.get("name"), leaf.get("size")
            if not (isinstance(commit, int) and isinstance(party, str) and isinstance(name, str)):
                raise ValueError("a leaf of kind 'time' lacks what it is to say")
            why = (str(leaf.get("cause")), str(leaf.get("detail")), size if type(size) is int else None)
            self.withheld[commit, party, name] = why
        elif kind == "vouched":
            if not isinstance(leaf.get("objects"), list) or not isinstance(commit, int):
                raise ValueError("a leaf of kind 'vouched' lacks what it is to say")
            for one in leaf["objects"]:
                self._name(one, sequence)

    def _run(self, leaf: dict[str, Any], sequence: int) -> None:
        token, asked = leaf.get("after_token"), leaf.get("vouchers")
        cited = None
        if isinstance(token, dict):
            if type(token.get("commit")) is not int:
                raise ValueError("the token that a run cites has no commit")
            cited = (token["commit"], self._name(token, sequence))
        names = [names_in(asked, party) for party in ("authorities", "witnesses")]
        times = [instant(leaf.get(name)) for name in ("started", "ended")]
        self.runs.append(Run(leaf["run"], sequence, times[0], times[1], cited, names[0], names[1]))

    def _name(self, said: object, sequence: int) -> str:
        if not isinstance(said, dict) or not isinstance(said.get("object"), str):
            raise ValueError("an object is not named with its digest")
        digest = digest_from(said.get("digest")).hex()
        self.named.setdefault((said["object"], digest), sequence)
        return str(said["object"])


def names_in(asked: object, party: str) -> list[str]:
    """Whom a run was to ask; nobody where it does not say."""
    names = asked.get(party, []) if isinstance(asked, dict) else []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the {party} that a run was to ask are no list of names")
    return names


def instant(text: object) -> datetime | None:
    """A time with its zone; None when there is no text."""
    if not isinstance(text, str):
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"the time {text!r} does not say its zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the time {text!r} is none that a clock shows") from None


class Outsiders:
    """Every token and cosignature, and the runs between them."""

    def __init__(self, root: Path, signed: set[int], times: Times, trusted: Trusted, findings: Findings) -> None:
        self._root = root
        self._signed = signed
        self._times = times
        self._trusted = trusted
        self._findings = findings
        self._fault = findings.fault
        self._openssl = shutil.which("openssl")
        self._stamps: list[tuple[int, str, Shown]] = []
        self._altered: set[str] = set()

    def check(self, names: list[str]) -> None:
        """Steps 9 to 11, given the names of all objects."""
        found = [(int(match[1]), name) for name in names if (match := OUTSIDE.fullmatch(name))]
        present = sorted((commit, name) for commit, name in found)
        self._objects(present)
        self._signatures(present)
        self._order()
        self._summary()

    def _objects(self, present: list[tuple[int, str]]) -> None:
        """Step 9: what a leaf names is there with its digest; each party that was asked gave something or failed."""
        there, lost, head = {name for _, name in present}, set[str](), self._findings.head
        for (name, digest), sequence in self._times.named.items():
            if name not in there:
                lost.add(name)
                self._fault(name, f"missing: {segment_name(sequence)} names it")
            elif sha256(self._read(name)).hexdigest() != digest:
                self._altered.add(name)
                self._fault(name, f"its bytes are not those that {segment_name(sequence)} names (SHA-256 differs)")
        for commit, name in present:
            if head is None or commit > head.sequence:
                self._fault(name, f"is over commit {commit}, which the log does not reach: its end was cut off")
        for run in self._times.runs:
            self._accounted(run, there | lost)
        for (commit, _, name), (cause, detail, size) in self._times.withheld.items():
            if cause == "forked":
                self._fault(checkpoint_name(commit), f"FORK: the witness {name} {detail}")
            elif size is not None and size > (head.size if head else 0):
                problem = f"the witness {name} has signed a tree of {size} leaves, which the log does not reach"
                self._fault(checkpoint_name(commit), problem)

    def _accounted(self, run: Run, known: set[str]) -> None:
        for name, party, asked in owed(run):
            if name in known or (run.commit, party, asked) in self._times.withheld:
                continue
            if (run.run, run.commit) in self._times.settled:
                known.add(name)
                self._fault(name, f"missing: run {run.run!r} asked {asked} for it, and no leaf says that it failed")
            else:
                cut = f"run {run.run!r}, commit {run.commit}, was cut short before {asked} was asked"
                self._findings.notes.append(f"Not vouched for: {cut}; what vouches for a later commit covers it.")

    def _signatures(self, present: list[tuple[int, str]]) -> None:
        """Step 10: each token and cosignature is over the very head it stands beside, by somebody who is trusted."""
        tokens = [(commit, name) for commit, name in present if not name.endswith(".cosig")]
        lines = [(commit, name) for commit, name in present if name.endswith(".cosig")]
        for commit, name in tokens:
            try:
                if checkpoint := self._checkpoint(commit):
                    self._token(commit, name, checkpoint.rpartition(b"\n\n")[0] + b"\n")
            except ValueError as error:
                self._fault(name, f"is no token that can be believed: {error}. Was its authority's root given?")
        for commit, name in lines if self._trusted.witnesses else []:
            try:
                if checkpoint := self._checkpoint(commit):
                    signed = cosigned(checkpoint, self._read(name), self._trusted.witnesses)
                    self._findings.cosignatures += signed
            except ValueError as error:
                self._fault(name, f"is no cosignature that can be believed: {error}. Was its witness's key given?")
        if tokens and not self._trusted.roots:
            self._findings.notes.append(
                f"Not checked: who made the {len(tokens)} time-stamp tokens, and when; give --authority-roots."
            )
        elif tokens and self._openssl is None:
            self._findings.unchecked.append((f"{len(tokens)} time-stamp tokens", NO_OPENSSL))
        if lines and not self._trusted.witnesses:
            self._findings.notes.append(
                f"Not checked: the signatures of witnesses on {len(lines)} heads; give --witness."
            )

    def _token(self, commit: int, name: str, text: bytes) -> None:
        token = self._read(name)
        shown = statement(token, text)
        if self._openssl and self._trusted.roots:
            if not any(
                stamped(self._openssl, self._root / name, text, roots, shown.time) for roots in self._trusted.roots
            ):
                raise ValueError("openssl ts -verify refuses it under each root that was given")
            # One that is not what a leaf names shows no time, however much of it can still be read.
            if name not in self._altered:
                self._stamps.append((commit, name, shown))

    def _order(self) -> None:
        """Step 11: each run lies between the tokens around it, and no head is stamped earlier than a token it holds."""
        times, held = {name: shown for _, name, shown in self._stamps}, list[tuple[int, datetime]]()
        first: dict[int, Shown] = {}
        for commit, _, shown in self._stamps:
            first[commit] = min(first.get(commit, shown), shown, key=lambda one: one.latest)
        commits = sorted(first)
        for run in self._times.runs:
            if run.token and (
                run.token[0] >= run.commit
                or run.token[1] not in {f"log/{run.token[0]:012d}.{end}" for end in ("tsr", "tsr2")}
            ):
                self._fault(
                    segment_name(run.commit), f"run {run.run!r} cites {run.token[1]}, which is no token before it"
                )
            before = times.get(run.token[1]) if run.token else None
            if before:
                held.append((run.commit, before.earliest))
            at = bisect_left(commits, run.commit)
            for problem in disorder(run, before, first[commits[at]] if at < len(commits) else None):
                self._fault(segment_name(run.commit), f"run {run.run!r}: {problem}")
        held.reverse()
        cited = datetime.min.replace(tzinfo=UTC)
        for commit, name, shown in self._stamps:
            while held and held[-1][0] <= commit:
                cited = max(held.pop()[1], cited)
            if shown.latest < cited:
                self._fault(name, f"is of {shown.time}, before a token that its own head holds")

    def _summary(self) -> None:
        times = sorted(shown.time for _, _, shown in self._stamps)
        self._findings.tokens = len(times)
        if times:
            longest = max((later - one for one, later in pairwise(times)), default=timedelta(0))
            self._findings.trusted_time = f"from {times[0]} to {times[-1]}; longest stretch without: {longest}"

    def _checkpoint(self, commit: int) -> bytes:
        """The checkpoint; empty where it is at fault, which step 4 has said."""
        return self._read(checkpoint_name(commit)) if commit in self._signed else b""

    def _read(self, name: str) -> bytes:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            self._findings.unchecked.append((name, f"cannot be read: {error.strerror}"))
            return b""


def owed(run: Run) -> list[tuple[str, str, str]]:
    """The object that each party owed the run: its name, the kind of party, and who."""
    at = f"log/{run.commit:012d}"
    tokens = [(f"{at}.{end}", "authority", name) for end, name in zip(("tsr", "tsr2"), run.authorities, strict=False)]
    return [*tokens, *((f"{at}.cosig", "witness", name) for name in run.witnesses)]


def disorder(run: Run, before: Shown | None, after: Shown | None) -> Iterator[str]:
    """What is wrong with the times of a run between two tokens."""
    if run.started is None or run.ended is None:
        return
    if run.ended < run.started:
        yield f"it ended at {run.ended}, before it started at {run.started}"
    if before and run.started < before.earliest - TOLERANCE:
        yield f"it says it started at {run.started}, but cites a token of {before.time}: dated back, or a slow clock"
    if after and run.ended > after.latest + TOLERANCE:
        yield f"it says it ended at {run.ended}, but a token of {after.time} is already over it"
    if before and after and before.earliest > after.latest:
        yield f"the token before it ({before.time}) is later than the one after ({after.time})"


def elements(der: bytes) -> list[tuple[int, bytes, bytes]]:
    """The DER elements that stand one after the other: tag, content, and the whole of it."""
    found, at = list[tuple[int, bytes, bytes]](), 0
    while at < len(der):
        start, length, at = at, int.from_bytes(der[at + 1 : at + 2], "big"), at + 2
        if length & 0x80:
            octets = length & 0x7F
            length, at = int.from_bytes(der[at : at + octets], "big"), at + octets
        at += length
        if at > len(der):
            raise ValueError("it is no time-stamp token: it is cut short")
        found.append((der[start], der[at - length : at], der[start:at]))
    return found


def statement(token: bytes, text: bytes) -> Shown:
    """What a token (TimeStampResp) states; ValueError unless that is about this text. No signature is looked at."""
    try:
        ((_, response, _),) = elements(token)
        status, content_info = elements(response)
        _, explicit = elements(content_info[1])
        ((_, signed_data, _),) = elements(explicit[1])
        _, wrapped = elements(elements(signed_data)[2][1])
        ((_, octets, _),) = elements(wrapped[1])
        ((_, info, _),) = elements(octets)
        version, _, imprint, _, made, *rest = elements(info)
        (algorithm, digest), granted = elements(imprint[1]), elements(status[1])[0][1]
    except (ValueError, IndexError):
        raise ValueError("it is no time-stamp token") from None
    if granted != b"\x00" or version[1] != b"\x01":
        raise ValueError("it is not granted, or of another version")
    if not algorithm[1].startswith(SHA256_OID) or digest[1] != sha256(text).digest():
        raise ValueError("it stamps another text, or not by SHA-256")
    if not re.fullmatch(rb"[0-9]{14}(\.[0-9]+)?Z", made[1]) or made[1][:4] in (b"0001", b"9999"):
        raise ValueError("it proves no time: what it shows is none")
    time = datetime.strptime(made[1][:14].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return Shown(time, accuracy(rest[0][1]) if rest and rest[0][0] == 0x30 else timedelta(seconds=1))


def accuracy(stated: bytes) -> timedelta:
    """How exact a token says it is; one that says nothing is taken for exact to the second."""
    parts = {tag: int.from_bytes(number, "big") for tag, number, _ in elements(stated)}
    seconds, milli, micro = (parts.get(tag, 0) for tag in (0x02, 0x80, 0x81))
    if seconds > 60:
        raise ValueError(f"its accuracy of {seconds} s is too little to prove a time")
    return timedelta(seconds=seconds, milliseconds=milli, microseconds=micro)


def stamped(openssl: str, token: Path, text: bytes, roots: Path, at: datetime) -> bool:
    """Whether openssl finds that an authority under these roots stamped the text, judged at that time."""
    with NamedTemporaryFile() as data:
        data.write(text)
        data.flush()
        line = [openssl, "ts", "-verify", "-attime", str(int(at.timestamp())), "-in", str(token), "-data", data.name]
        ended = subprocess.run([*line, "-CAfile", str(roots)], capture_output=True, check=False)  # noqa: S603 - openssl
    return ended.returncode == 0 and b"Verification: OK" in ended.stdout + ended.stderr


def cosigned(checkpoint: bytes, lines: bytes, keys: tuple[Key, ...]) -> int:
    """How many of these witnesses signed the checkpoint; ValueError when one's signature does not fit, or none did."""
    text, _, tail = (checkpoint + lines).decode().rpartition("\n\n")
    if CONTROL.search(lines.decode()) or not checkpoint.startswith(f"{text}\n\n—".encode()) or not tail.endswith("\n"):
        raise ValueError("its lines are no signatures on the checkpoint")
    found = 0
    for line in tail[:-1].split("\n"):
        match = SIGNATURE.fullmatch(line)
        signature = unbase64(match[2]) if match else b""
        if match is None or len(signature) <= 4:
            raise ValueError("one of its lines is no signature")
        for key in keys:
            if (match[1], signature[:4]) == (key.name, key.key_id):
                seconds = int.from_bytes(signature[4:12], "big")
                if not fits(key.public, f"cosignature/v1\ntime {seconds}\n{text}\n".encode(), signature[12:]):
                    raise ValueError(f"the signature of {key.name} does not fit")
                found += 1
    if not found:
        raise ValueError(f"not signed by {' or '.join(key.name for key in keys)}")
    return found


# ------------------------------------------------------------------------------- cadences: which slots there are

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CRON_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CRON_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
AT = r"(?: at ([0-9]{1,2}):([0-9]{2})(?: (\S+))?)?"


class NoZoneError(Exception):
    """The tz database of this machine lacks a zone; Python's standard library has none of its own."""


class Cadence(NamedTuple):
    """Local times of day, ascending, on the days that match, in a zone."""

    zone: tzinfo
    times: list[tuple[int, int]]
    on: Callable[[date], bool]


def zone_named(name: str | None) -> tzinfo:
    """The zone; UTC needs no database."""
    if name in (None, "UTC"):
        return UTC
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, OSError):
        raise NoZoneError(f"this machine's tz database lacks {name}; install it, or Python's tzdata") from None


@lru_cache(maxsize=256)
def cadence(text: str) -> Cadence:
    """What a cadence's text stands for; ValueError when it is none."""
    if every := re.fullmatch(r"hourly|every ([0-9]{1,2}) minutes", text):
        step = int(every[1] or 60)
        if step == 0 or 60 % step:
            raise ValueError(f"{text!r} does not divide the hour")
        return Cadence(UTC, [(hour, minute) for hour in range(24) for minute in range(0, 60, step)], lambda _: True)
    if text.startswith("cron "):
        return cron(text)
    if weekly := re.fullmatch(rf"weekly on ({'|'.join(DAYS)}){AT}", text):
        weekday = DAYS.index(weekly[1])
        return Cadence(*zoned(*weekly.groups()[1:]), lambda day: day.weekday() == weekday)
    if monthly := re.fullmatch(rf"monthly on ([0-9]{{1,2}}){AT}", text):
        number = int(monthly[1])
        if 1 <= number <= 31:
            return Cadence(*zoned(*monthly.groups()[1:]), lambda day: day.day == min(number, last_day(day)))
    if daily := re.fullmatch(rf"daily{AT}", text):
        return Cadence(*zoned(*daily.groups()), lambda _: True)
    if quarterly := re.fullmatch(rf"quarterly{AT}", text):
        return Cadence(*zoned(*quarterly.groups()), lambda day: day.day == 1 and day.month % 3 == 1)
    raise ValueError(f"{text!r} is no cadence")


def last_day(day: date) -> int:
    """How many days its month has."""
    return monthrange(day.year, day.month)[1]


def zoned(hour: str | None, minute: str | None, zone: str | None) -> tuple[tzinfo, list[tuple[int, int]]]:
    """The zone, and the one time of day; 00:00 UTC where nothing is said."""
    time = int(hour or 0), int(minute or 0)
    if time >= (24, 0) or time[1] > 59:
        raise ValueError(f"{hour}:{minute} is no time of day")
    return zone_named(zone), [time]


def cron(text: str) -> Cadence:
    """A cron line with five fields, and perhaps a zone."""
    _, *words = text.split(" ")
    if len(words) not in (5, 6):
        raise ValueError(f"{text!r} has not five fields and perhaps a zone")
    minutes, hours = cron_field(words[0], 0, 59), cron_field(words[1], 0, 23)
    days, months = cron_field(words[2], 1, 31), cron_field(words[3], 1, 12, CRON_MONTHS)
    weekdays = {number % 7 for number in cron_field(words[4], 0, 7, CRON_DAYS)}
    either = not words[2].startswith("*") and not words[4].startswith("*")

    def on(day: date) -> bool:
        dated, named = day.day in days, day.isoweekday() % 7 in weekdays
        return day.month in months and (dated or named if either else dated and named)

    zone = zone_named(words[5] if len(words) == 6 else None)
    return Cadence(zone, [(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)], on)


def cron_field(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    """The numbers that a field stands for."""

    def number(word: str) -> int:
        found = names.index(word) + low if word in names else int(word) if re.fullmatch("[0-9]{1,2}", word) else -1
        if not low <= found <= high:
            raise ValueError(f"cron: {word!r} is not from {low} to {high}")
        return found

    chosen: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(?:(\*)|(\w+)-(\w+)|(\w+))(?:/([0-9]{1,2}))?", part)
        if match is None or (match[5] and (match[4] or int(match[5]) == 0)):
            raise ValueError(f"cron: {part!r} is no part of a field")
        first = low if match[1] else number(match[2] or match[4])
        last = high if match[1] else number(match[3] or match[4])
        if last < first:
            raise ValueError(f"cron: {part!r} runs backwards")
        chosen.update(range(first, last + 1, int(match[5] or 1)))
    return chosen


def clock_shows(zone: tzinfo, local: datetime) -> datetime:
    """The first instant at which the clocks of the zone show this local time or a later one."""
    late, early = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if late.astimezone(zone).replace(tzinfo=None) == local:
        return late
    second = timedelta(seconds=1)  # the time is left out: look for the moment when the clocks were put on
    while late - early > second:
        middle = early + (late - early) // second // 2 * second
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return late


@lru_cache(maxsize=64)
def moments(text: str, after: datetime, upto: datetime) -> list[datetime]:
    """The slots of a cadence that are later than `after` and not later than `upto`, in order."""
    zone, times, on = cadence(text)
    found: dict[datetime, None] = {}
    # A day left out by the zone has its slots in the next one; clocks put back over midnight showed tomorrow already.
    day, final = after.astimezone(zone).date() - timedelta(days=1), upto.astimezone(zone).date() + timedelta(days=1)
    while day <= final and after < upto:
        for hour, minute in times if on(day) else ():
            slot = clock_shows(zone, datetime(day.year, day.month, day.day, hour, minute))  # noqa: DTZ001 - a wall clock's
            if after < slot <= upto:
                found[slot] = None
        day += timedelta(days=1)
    return list(found)


# ------------------------------------------------------------------------------------------------- the slots: step 12

Series = tuple[str, str, str]  # evidence type, provider, unit
CAUSES = ("not_running", "failed", "skipped", "removed")
NEVER = 2**63
"""A leaf that no log reaches."""


@dataclass
class Turn:
    """A claim: on every slot up to `at`, for others to leave alone until `until`; `ended` is its run leaf's index."""

    run: str
    at: datetime
    until: datetime
    sequence: int
    leaf: int
    ended: int | None = None


@dataclass
class Basis:
    """What a schedule or a claim says that need not be read; `upto` is the latest time claimed before it."""

    leaf: Scheduling
    settled: datetime | None
    since: int
    besides: set[int]
    upto: datetime | None
    rules: int
    turns: int
    open: datetime | None = None
    """The earliest slot up to then without an answer before it."""


class Slots:
    """Every slot, and what answers it.

    It holds all answers at once: about 400 bytes for each, so four million (500 series, hourly, for a year) need 2 GB.
    """

    def __init__(self, log: Log, findings: Findings) -> None:
        self._log = log
        self._findings = findings
        self._rules: list[tuple[datetime, dict[Series, str], int]] = []
        self._turns: list[Turn] = []
        self._bases: list[Basis] = []
        self._upto: datetime | None = None
        self._answers: dict[Series, dict[datetime, Scheduling]] = {}
        self._stretches: dict[Series, list[tuple[datetime, datetime, object, Scheduling]]] = {}
        for one in log.scheduling:
            try:
                self._take(one)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                raise ValueError(
                    segment_name(one.sequence), f"leaf {one.leaf} is not as its kind has to be: {error!r}"
                ) from None

    def _take(self, one: Scheduling) -> None:
        body = one.body
        self._basis(one, body.get("basis"))
        if one.kind == "schedule":
            self._rule(one.sequence, body)
        elif one.kind == "claim":
            times = moment(body["at"]), moment(body["until"])
            self._turns.append(Turn(body["run"], *times, one.sequence, one.leaf))
            self._upto = max(times[0], self._upto or times[0])
        elif one.kind == "run":
            for turn in self._turns:
                if turn.run == body["run"] and turn.ended is None:
                    turn.ended = one.leaf
        elif one.kind == "evidence":
            answers, slot = self._answers.setdefault(series(body), {}), moment(body["slot"])
            if slot in answers:
                self._findings.notes.append(
                    f"Answered twice: {slot}, again by leaf {one.leaf}; the first answer counts."
                )
            answers.setdefault(slot, one)
        else:
            for row in map(parse, self._document(body["slots"])):
                if row["cause"] not in CAUSES:
                    raise ValueError(f"{row['cause']!r} is no cause")
                stretch = moment(row["first"]), moment(row["last"]), row["count"], one
                self._stretches.setdefault(series(row), []).append(stretch)

    def _basis(self, one: Scheduling, body: dict[str, Any] | None) -> None:
        if body is None or one.kind not in ("schedule", "claim"):
            return
        settled, numbers = body["settled"] and moment(body["settled"]), [body["since"], *body["besides"]]
        if any(type(number) is not int for number in numbers):
            raise ValueError(f"a basis names commits by their numbers, not {numbers}")
        counts = len(self._rules), len(self._turns)
        self._bases.append(Basis(one, settled, body["since"], set(body["besides"]), self._upto, *counts))

    def _rule(self, sequence: int, body: dict[str, Any]) -> None:
        """A schedule. Clocks can be set back; what was settled under one is not reopened by the next."""
        entries = {series(row): row["cadence"] for row in map(parse, self._document(body["entries"]))}
        for text in entries.values():
            cadence(text)
        before = [*(at for at, _, _ in self._rules[-1:]), *(turn.at for turn in self._turns)]
        self._rules.append((max([moment(body["at"]), *before]), entries, sequence))

    def _document(self, cited: dict[str, Any]) -> list[bytes]:
        return self._log.documents[digest_from(cited["sha256"])].splitlines()

    def check(self) -> None:
        """Each answer is for slots that there are; each slot up to the last claim is answered or may still be."""
        last = max(self._turns, key=lambda turn: turn.at, default=None)
        every = (
            {one for _, entries, _ in self._rules for one in entries} | self._answers.keys() | self._stretches.keys()
        )
        due = 0
        for one in sorted(every):
            answers, stretches = self._answers.get(one, {}), self._stretches.get(one, [])
            ends = [*answers, *(end for _, end, _, _ in stretches), *([last.at] if last else [])]
            slots = list(self._slots(one, max(ends))) if ends else []
            known = set(slots)
            for slot in answers.keys() - known:
                self._fault(answers[slot], f"answers {' '.join(one)} at {slot}, which no schedule has")
            unserved: dict[datetime, int] = {}
            for first, end, count, leaf in stretches:
                within = [slot for slot in slots if first <= slot <= end]
                for slot in within:
                    unserved.setdefault(slot, leaf.leaf)
                if not within or (within[0], within[-1], len(within)) != (first, end, count):
                    self._fault(leaf, f"misses {count} slots of {' '.join(one)}; the schedule has {len(within)}")
            wanted = [slot for slot in slots if last and slot <= last.at]
            due += len(wanted)
            leaves = {slot: answer.leaf for slot, answer in answers.items()}
            self._opened(wanted, [min(leaves.get(slot, NEVER), unserved.get(slot, NEVER)) for slot in wanted])
            lost = [slot for slot in wanted if slot not in answers and slot not in unserved]
            if last and (lost := [slot for slot in lost if not self._held(slot, last)]):
                problem = f"claims every slot up to {last.at}, and {len(lost)} of {' '.join(one)} have no answer"
                self._findings.fault(segment_name(last.sequence), f"{problem}, from {lost[0]} to {lost[-1]}")
        for basis in self._bases:
            self._hold(basis)
        if last:
            self._findings.notes.append(f"Slots: {due} were due up to {last.at}; what is later is nobody's word.")

    def _opened(self, slots: list[datetime], leaves: list[int]) -> None:
        """Find, for each basis, the first of a series' slots that no leaf before it answers."""
        latest = list(accumulate(leaves, max))
        for basis in self._bases:
            at = bisect_left(latest, basis.leaf.leaf)
            if at < len(slots) and basis.upto and slots[at] <= basis.upto:
                basis.open = min(slots[at], basis.open or slots[at])

    def _hold(self, basis: Basis) -> None:
        """What is said to be settled is, and what open slots follow from is among what is to be read."""
        settled, rules = basis.settled, self._rules[: basis.rules]
        begun = bool(settled and rules and settled <= rules[0][0])
        known = begun or bool(settled and basis.upto and settled <= basis.upto)
        if settled and ((basis.open and basis.open <= settled) or not known):
            self._fault(basis.leaf, f"says that every slot up to {settled} is answered")
        ruling = sum(settled is not None and at <= settled for at, _, _ in rules)
        needed = {sequence for _, _, sequence in rules[max(0, ruling - 1) :]}
        needed |= {turn.sequence for turn in self._turns[: basis.turns] if basis.open and turn.at >= basis.open}
        if unread := sorted(one for one in needed if one < basis.since and one not in basis.besides):
            self._fault(basis.leaf, f"leaves out commit {unread[0]}, which open slots follow from")

    def _slots(self, one: Series, upto: datetime) -> Iterator[datetime]:
        for number, (at, entries, _) in enumerate(self._rules):
            end = self._rules[number + 1][0] if number + 1 < len(self._rules) else upto
            if one in entries:
                yield from moments(entries[one], at, min(end, upto))

    def _held(self, slot: datetime, last: Turn) -> bool:
        """Whether somebody may still be at it."""
        holder: Turn | None = None
        for turn in self._turns:
            if slot <= turn.at and (
                holder is None or holder.until <= turn.at or (holder.ended is not None and holder.ended < turn.leaf)
            ):
                holder = turn
        return holder is not None and holder.until > last.at and holder.ended is None

    def _fault(self, one: Scheduling, problem: str) -> None:
        self._findings.fault(segment_name(one.sequence), f"leaf {one.leaf} {problem}")


def series(row: dict[str, Any]) -> Series:
    """The series that a line or a leaf is about."""
    if not all(isinstance(row[name], str) for name in ("type", "provider", "unit")):
        raise ValueError("type, provider or unit is no text")
    return row["type"], row["provider"], row["unit"]


def moment(text: str) -> datetime:
    """RFC 3339 with a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found


def check_slots(log: Log, findings: Findings, *, readable: bool) -> None:
    """Step 12: compute the slots, and hold each against its answer; left out when the log itself has a fault."""
    if any(name.startswith("log/") for name, _ in findings.faults):
        findings.notes.append("Slots not checked: the log they follow from has a fault.")
    elif log.scheduling and not readable and log.documents:
        findings.unchecked.append(("the slots", NO_ZSTD))
    else:
        try:
            Slots(log, findings).check()
        except NoZoneError as error:
            findings.unchecked.append(("the slots", str(error)))
        except ValueError as error:
            findings.fault(*error.args)


# ---------------------------------------------------------------------------------- statements, and samples: step 13

TEXT, MAYBE, TIME = "text", "text or null", "time"
OF_AN_ITEM = {"control": TEXT, "provider": MAYBE, "unit": MAYBE, "item": TEXT, "by": TEXT, "at": TIME}
STATEMENTS = {
    "exception": {**OF_AN_ITEM, "reason": TEXT, "approver": TEXT, "expires": TIME},
    "response": {**OF_AN_ITEM, "cause": MAYBE, "owner": MAYBE, "response": MAYBE},
    "sample": {
        "of": TEXT,
        "method": TEXT,
        "seed": MAYBE,
        "size": "number",
        "complete": "true or false",
        "period": "object",
        "population": "object",
        "ids": "object",
        "by": TEXT,
        "at": TIME,
    },
}


def is_a(value: object, what: str) -> bool:
    """Whether a member is what it is to be."""
    if what == TIME:
        try:
            return isinstance(value, str) and value.endswith("Z") and moment(value) is not None
        except ValueError:
            return False
    if what == "number":
        return type(value) is int and value >= 0
    if what == "object":
        return isinstance(value, dict)
    if what == "true or false":
        return isinstance(value, bool)
    return (isinstance(value, str) and value != "") or (what == MAYBE and value is None)


def check_statement(leaf: dict[str, Any]) -> None:
    """Step 5, of statements: ValueError unless it has the members of its kind, each what it is to be, and no others."""
    wanted = STATEMENTS[leaf["kind"]]
    if leaf.keys() != {"kind", *wanted}:
        raise ValueError(f"a leaf of kind {leaf['kind']!r} has other members than it is to have")
    for name, what in wanted.items():
        if not is_a(leaf[name], what):
            raise ValueError(f"{name!r} of a leaf of kind {leaf['kind']!r} is no {what}")
    if leaf["kind"] == "exception" and moment(leaf["expires"]) <= moment(leaf["at"]):
        raise ValueError("an exception that expires before it is made")
    if leaf["kind"] == "response" and not any(leaf[name] for name in ("cause", "owner", "response")):
        raise ValueError("a response that says nothing")
    if leaf["kind"] == "sample":
        check_sample(leaf)


def check_sample(leaf: dict[str, Any]) -> None:
    """What more a sample is to be."""
    if (leaf["method"], leaf["seed"] is None) not in (("seed", False), ("ids", True)):
        raise ValueError("a sample is by seed, which it names, or by ids")
    if leaf["period"].keys() != {"from", "to", "zone"} or not all(is_a(one, TEXT) for one in leaf["period"].values()):
        raise ValueError("a sample is of a period: from, to and zone")
    for cited in (leaf["population"], leaf["ids"]):
        if cited.keys() != {"sha256", "count"} or not is_a(cited["count"], "number"):
            raise ValueError("population and ids of a sample are cited")
        digest_from(cited["sha256"])
    if leaf["ids"]["count"] != min(leaf["size"], leaf["population"]["count"]):
        raise ValueError("a sample has as many ids as its size says, or all there are")


def check_samples(log: Log, findings: Findings, *, readable: bool) -> None:
    """Step 13: each sample is of its population, and one by seed is what its seed draws."""
    if log.samples and any(name.startswith("log/") for name, _ in findings.faults):
        findings.notes.append("Samples not checked: the log they are in has a fault.")
    elif log.samples and not readable:
        findings.unchecked.append(("the samples", NO_ZSTD))
    else:
        for sequence, index, leaf in log.samples:
            if problem := drawn_wrongly(log, leaf):
                findings.fault(segment_name(sequence), f"leaf {index}: {problem}")


def drawn_wrongly(log: Log, leaf: dict[str, Any]) -> str:
    """What is wrong with a sample; empty when nothing is."""
    try:
        population, ids = (log.documents[digest_from(leaf[name]["sha256"])].decode() for name in ("population", "ids"))
    except UnicodeDecodeError:
        return "its contents are no text"
    everyone, chosen = population.splitlines(), ids.splitlines()
    if sorted(set(everyone)) != everyone:
        return "its population is not in order, or names an item twice"
    if len(set(chosen)) != len(chosen) or not set(chosen) <= set(everyone):
        return "its ids are not of its population, each once"
    if leaf["method"] == "seed":
        drawn = sorted(everyone, key=lambda one: (sha256(f"{leaf['seed']}:{one}".encode()).hexdigest(), one))
        if chosen != drawn[: leaf["size"]]:
            return "its ids are not those that its seed draws"
    return ""


# ------------------------------------------------------------------------------------------------------- the command

NO_HEAD = (
    "No earlier head was given: commits cut off the end of this copy cannot be seen. "
    "Give the last head you were handed (--head), or compare the one above with the company's."
)
NO_LOCK = (
    "Not shown by this: that the place is locked against changes, and that there is no second archive from day one. "
    "Keep heads outside, and compare them."
)


def object_names(root: Path, findings: Findings) -> list[str]:
    """The name of every object under `root`, in order; what a killed process left is none."""

    def refuse(error: OSError) -> None:
        findings.unchecked.append((str(error.filename), f"cannot be listed: {error.strerror}"))

    names = []
    for folder, folders, files in os.walk(root, onerror=refuse):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for path in (Path(folder, file) for file in [*files, *links] if not file.startswith(".unfinished-")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not path.is_symlink():
                names.append(name)
            else:
                findings.fault(name, "is no regular file")
    return sorted(names)


def verify(root: Path, vkey: str, earlier: Head | None = None, trusted: Trusted | None = None) -> Findings:
    """All steps; ValueError when `vkey` is no verifier key."""
    key, findings = Key.parse(vkey), Findings()
    names = object_names(root, findings)
    log = Log(root, key, earlier, findings)
    log.check([name for name in names if name.startswith("log/")])
    zstd = zstd_here()
    Contents(root, log, zstd, findings).check([name for name in names if not name.startswith("log/")])
    if isinstance(zstd, Program):
        zstd.stop()
    Outsiders(root, log.signed, log.times, trusted or Trusted(), findings).check(names)
    check_slots(log, findings, readable=zstd is not None)
    check_samples(log, findings, readable=zstd is not None)
    findings.notes += [NO_LOCK] if earlier else [NO_HEAD, NO_LOCK]
    return findings


def pem(path: Path) -> Path:
    """The path, if certificates in PEM form are there."""
    if b"-----BEGIN CERTIFICATE-----" not in path.read_bytes():
        raise ValueError(f"{path} holds no certificate in PEM form")
    return path


def zstd_here() -> Library | Program | None:
    """What this machine has to expand zstd with."""
    try:
        return Library(importlib.import_module("compression.zstd"))
    except ImportError:
        program = shutil.which("zstd")
        return Program(program) if program else None


def as_text(found: Findings) -> str:
    """What a person reads."""
    lines = [f"FAULT      {name}: {problem}" for name, problem in found.faults]
    lines += [f"UNCHECKED  {name}: {problem}" for name, problem in found.unchecked]
    voids = f" ({found.voids} void)" if found.voids else ""
    lines.append(
        f"{found.commits} commits{voids}, {found.leaves} leaves, "
        f"{found.contents} contents ({found.length} bytes) checked"
    )
    lines.append(f"trusted time: {found.tokens} tokens, {found.trusted_time}; {found.cosignatures} cosignatures")
    if found.head:
        lines.append(f"head: {ENCODER.encode(asdict(found.head))}")
    lines += [f"note: {note}" for note in found.notes]
    return "\n".join([*lines, found.verdict, ""])


def as_json(found: Findings) -> str:
    """The same for a program."""
    pairs = {kind: [{"object": one, "problem": why} for one, why in getattr(found, kind)] for kind in PAIRS}
    return json.dumps({"verdict": found.verdict, **asdict(found), **pairs}, indent=2) + "\n"


PAIRS = ("faults", "unchecked")
EXIT_CODES = {"sound": 0, "faulty": 1, "incomplete": 3}  # 2: the arguments cannot be used


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Verify an evidence archive.", epilog=f"exit codes: {EXIT_CODES}")
    parser.add_argument("archive", type=Path, help="the archive's directory")
    parser.add_argument("--key", required=True, help="the log's verifier key, name+id+base64")
    parser.add_argument("--head", type=Path, help="a JSON file with an earlier head")
    parser.add_argument("--authority-roots", type=Path, action="append", default=[], help="a PEM file; repeatable")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key; repeatable")
    parser.add_argument("--json", action="store_true", help="write the findings as JSON")
    given = parser.parse_args()
    if not given.archive.is_dir():
        parser.error(f"{given.archive} is no directory")
    try:
        earlier = Head.parse(given.head.read_bytes()) if given.head else None
        Key.parse(given.key)
        trusted = Trusted(
            tuple(map(pem, given.authority_roots)), tuple(Key.parse(key, b"\x04") for key in given.witness)
        )
    except (ValueError, OSError) as error:
        parser.error(str(error))
    found = verify(given.archive, given.key, earlier, trusted)
    sys.stdout.write(as_json(found) if given.json else as_text(found))
    return EXIT_CODES[found.verdict]


if __name__ == "__main__":
    sys.exit(main())
