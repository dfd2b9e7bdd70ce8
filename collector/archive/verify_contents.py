"""Steps 7 and 8 of a verification: the packs and blobs, and what the log says of the contents in them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive import pack
from collector.archive.citations import citations, digest_from
from collector.archive.layout import LOG, digest_in, is_pack, is_stored_object, segment_key
from collector.archive.read_ahead import ReadAhead
from collector.archive.segment import decode
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.ledger import Broken
    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.verify_leaves import LogReading
    from collector.archive.verify_log import Step

_AHEAD = 4
"""How many objects are asked for at once; a pack is 64 MiB at most, and often far smaller."""


def check_contents(
    store: Store, reading: LogReading, report: Report, *, step: Step = lambda *_: None, after: bool = False
) -> None:
    """Read the packs and blobs, each once, and put what is wrong into the report.

    Where commits were chosen, only what these brought is read, and what else they cite. `after`: the log was read from
    a later head on, so an object that none of its headers names may be one of an earlier commit.
    """
    present = [key for key in store.list("") if not key.startswith(LOG)]
    for key in sorted(reading.objects.keys() - present):
        report.fault(key, f"missing: {segment_key(reading.objects[key][1])} brought it")
    check = _ContentCheck(store, reading, report, present)
    check.names(after=after)
    first = check.chosen()
    check.read(first, step)
    if len(first) < len(present):
        check.read(check.others_cited(set(first)), step)
    check.unread_lists()
    check.citations()


class _ContentCheck:
    def __init__(self, store: Store, reading: LogReading, report: Report, present: list[str]) -> None:
        self._store = store
        self._reading = reading
        self._report = report
        self._present = [key for key in present if is_stored_object(key)]
        self._places = {key: place for place, key in enumerate(self._present)}
        self._strange = [key for key in present if not is_stored_object(key)]

    def names(self, *, after: bool) -> None:
        """Step 7: nothing is there but what headers name, and what an interrupted run left, which is noted."""
        for key in self._strange:
            self._report.fault(key, "has no place in an archive")
        for key in self._present:
            if key not in self._reading.objects and not after:
                self._report.notes.append(f"Left over: no commit names {key}; an interrupted run put it there.")

    def chosen(self) -> list[str]:
        """The objects to read: all, or those that the chosen commits brought."""
        chosen, objects = self._reading.chosen, self._reading.objects
        if chosen is None:
            return self._present
        return [key for key in self._present if key in objects and objects[key][1] in chosen]

    def others_cited(self, read: set[str]) -> list[str]:
        """The objects, other than those, that hold what the chosen commits cite: found by name and by index."""
        missing = {broken.digest.hex() for broken in self._reading.ledger.broken() if broken.counted is None}
        found = []
        for key in reversed([key for key in self._present if key not in read]):
            if missing and (held := missing.intersection(self._held(key))):
                found.append(key)
                missing -= held
        return found

    def read(self, keys: list[str], step: Step) -> None:
        """Read objects, some of them ahead."""
        with ReadAhead(self._store, keys, _AHEAD) as ahead:
            for done, key in enumerate(keys, 1):
                try:
                    self.stored_object(key, ahead.get(key) or b"")
                except ArchiveError as error:
                    self._report.could_not_read(key, error)
                step("contents", done, len(keys))

    def stored_object(self, key: str, content: bytes) -> None:
        """Step 7: the object is what its name and its segment's header say, and so is each content in it."""
        written = canonical.digest(content)
        promised, sequence = self._reading.objects.get(key, (written, -1))
        if written != promised or (is_pack(key) and written != digest_in(key)):
            self._report.fault(key, "its bytes are not those that were written (SHA-256 differs)")
        # Whatever can still be read is read, so that only the contents that are really lost are named in step 8.
        lists = dict.fromkeys(self._reading.ledger.lists_of(sequence), sequence)
        for one in self._contents(key, content):
            self._content(key, *one, lists)

    def unread_lists(self) -> None:
        """Step 8: a list of exchanges that an earlier commit brought than the one that cites it is read once more."""
        for place, lists in self._reading.ledger.unread_lists().items():
            key = self._present[place]
            for digest, frame, length in self._contents(key, self._store.get(key) or b""):
                if bytes.fromhex(digest) in lists:
                    self._content(key, digest, frame, length, lists)

    def citations(self) -> None:
        """Step 8: every content that a leaf cites is there, and every body that a list of exchanges cites."""
        ledger, told = self._reading.ledger, _Leaves(self._store)
        for broken in sorted(ledger.broken(), key=lambda one: (one.sequence, one.digest)):
            self._report.fault(segment_key(broken.sequence), told.problem(broken))
        self._report.contents, self._report.length = ledger.contents, ledger.length

    def _held(self, key: str) -> set[str]:
        if not is_pack(key):
            return {digest_in(key)}
        try:
            return set(pack.index_of(self._store, key))
        except ArchiveError as error:
            self._report.fault(key, str(error))
            return set()

    def _contents(self, key: str, content: bytes) -> Iterator[tuple[str, bytes, int | None]]:
        """Each content of an object: its digest, its frame, and its length where an index tells it."""
        if not is_pack(key):
            yield digest_in(key), content, None
            return
        try:
            index = pack.index_in(content)
        except ValueError as error:
            self._report.fault(key, f"cannot be read: {error}")
            return
        for digest, frame in index.items():
            yield digest, content[frame.offset : frame.offset + frame.compressed], frame.length

    def _content(self, key: str, digest: str, frame: bytes, length: int | None, lists: dict[bytes, int]) -> None:
        """One content, read once: hashed, its lines counted, and the bodies read off a list of exchanges."""
        named, running, total, newlines, last = bytes.fromhex(digest), sha256(), 0, 0, b""
        rest, bodies, listed = b"", set[bytes](), named in lists
        try:
            for piece in pack.expanded(frame):
                running.update(piece)
                total += len(piece)
                newlines += piece.count(b"\n")
                last = piece[-1:] or last
                if length is not None and total > length:
                    break
                if listed:
                    *whole, rest = (rest + piece).split(b"\n")
                    bodies.update(body for line in whole for body in _body(line))
            if length not in (None, total):
                raise ValueError("not exactly one zstd frame of the stated length")  # noqa: TRY301 - one list
            if running.digest() != named:
                raise ValueError("has other bytes than were stored under that name")  # noqa: TRY301 - one list
            bodies.update(_body(rest) if rest else ())
        except ValueError as error:
            self._report.fault(key, f"content {digest}: {error}")
            return
        lines = newlines + (last not in (b"", b"\n"))
        self._reading.ledger.find(named, self._places[key], lines, total, listed=listed)
        for body in bodies:
            self._reading.ledger.body(body, named, lists[named])


class _Leaves:
    """Which leaf of a commit cites a content: looked up only when something is wrong."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sequence = -1
        self._cited: dict[tuple[bytes, int | None], int] = {}

    def problem(self, broken: Broken) -> str:
        """What is wrong, with the leaf that says otherwise."""
        content = broken.digest.hex()
        if broken.counted is not None:
            leaf = self._leaf(broken.sequence, broken.digest, broken.lines)
            return f"content {content} has {broken.counted} lines, and {leaf} says {broken.lines}"
        leaf = self._leaf(broken.sequence, broken.exchanges or broken.digest, None)
        if broken.exchanges is None:
            return f"{leaf} cites content {content}, which is not to be had"
        return f"{leaf} cites exchanges {broken.exchanges.hex()} with the body {content}, which is not to be had"

    def _leaf(self, sequence: int, digest: bytes, lines: int | None) -> str:
        if sequence != self._sequence:
            self._sequence, self._cited = sequence, {}
            for index, cited, said in self._of(sequence):
                self._cited.setdefault((cited, said), index)
                self._cited.setdefault((cited, None), index)
        found = self._cited.get((digest, lines))
        return "a leaf" if found is None else f"leaf {found}"

    def _of(self, sequence: int) -> Iterator[tuple[int, bytes, int | None]]:
        try:
            segment = decode(self._store.get(segment_key(sequence)) or b"").segment
            for index, leaf in enumerate(segment.leaves, segment.before.size):
                yield from ((index, bytes.fromhex(one.digest), one.lines) for one in citations(canonical.decode(leaf)))
        except (ValueError, ArchiveError):
            return  # it was read a moment ago; what is wrong with it, if anything, is in the report already


def _body(line: bytes) -> list[bytes]:
    """The digest of the body that one line of a list of exchanges cites, if any."""
    exchange = canonical.parse(line)
    if not isinstance(exchange, dict) or "body" not in exchange:
        raise ValueError("a line of the exchanges is no JSON object with a body")
    return [] if exchange["body"] is None else [bytes.fromhex(digest_from(exchange["body"]))]
