"""Steps 7 and 8 of a verification: the packs and blobs, and what the log says of the contents in them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive import pack
from collector.archive.citations import digest_from
from collector.archive.layout import LOG, digest_in, is_pack, is_stored_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.verify_log import LogReading


def check_contents(store: Store, reading: LogReading, report: Report) -> None:
    """Read every pack and blob once, one at a time, and put what is wrong into the report."""
    check = _ContentCheck(store, reading, report)
    present = [key for key in store.list("") if not key.startswith(LOG)]
    for key in sorted(reading.objects.keys() - present):
        report.fault(key, f"missing: {reading.objects[key][1]} brought it")
    for key in present:
        check.stored_object(key)
    check.citations()


class _ContentCheck:
    def __init__(self, store: Store, reading: LogReading, report: Report) -> None:
        self._store = store
        self._reading = reading
        self._report = report
        self._found: set[str] = set()
        self._bodies: dict[str, str] = {}

    def stored_object(self, key: str) -> None:
        """Step 7: the object is what its name and its segment's header say, and so is each content in it."""
        if not is_stored_object(key):
            self._report.fault(key, "has no place in an archive")
            return
        content = self._store.get(key) or b""
        written = canonical.digest(content)
        promised, _ = self._reading.objects.get(key, (written, ""))
        if key not in self._reading.objects:
            self._report.notes.append(f"Left over: no commit names {key}; an interrupted run put it there.")
        if written != promised or (is_pack(key) and written != digest_in(key)):
            self._report.fault(key, "its bytes are not those that were written (SHA-256 differs)")
        # Whatever can still be read is read, so that only the contents that are really lost are named in step 8.
        if is_pack(key):
            self._pack(key, content)
        else:
            self._content(key, digest_in(key), pack.expanded(content))

    def citations(self) -> None:
        """Step 8: every content that a leaf cites is there, and every body that a list of exchanges cites."""
        for digest, cited in self._reading.cited.items():
            if digest not in self._found:
                self._report.fault(cited.segment, f"leaf {cited.leaf} cites content {digest}, which is not to be had")
        for digest, exchanges in self._bodies.items():
            if digest not in self._found:
                cited = self._reading.cited[exchanges]
                self._report.fault(
                    cited.segment,
                    f"leaf {cited.leaf} cites exchanges {exchanges} with the body {digest}, which is not to be had",
                )

    def _pack(self, key: str, content: bytes) -> None:
        try:
            index = pack.index_in(content)
        except ValueError as error:
            self._report.fault(key, f"cannot be read: {error}")
            return
        for digest, frame in index.items():
            piece = content[frame.offset : frame.offset + frame.compressed]
            self._content(key, digest, _expanded(piece, frame.length))

    def _content(self, key: str, digest: str, pieces: Iterator[bytes]) -> None:
        """One content, read once: hashed, and its lines read where the log says something about them."""
        hashed = _Hashed(pieces)
        counted, lists = self._reading.counted.get(digest, set()), digest in self._reading.exchanges
        lines, bodies = 0, []
        try:
            for line in _lines(hashed) if counted or lists else hashed:
                lines += 1
                if lists:
                    bodies += _body(line)
        except ValueError as error:
            self._report.fault(key, f"content {digest}: {error}")
            return
        if hashed.digest() != digest:
            self._report.fault(key, f"content {digest} has other bytes than were stored under that name")
            return
        for count in counted - {lines}:
            cited = self._reading.cited[digest]
            self._report.fault(cited.segment, f"content {digest} has {lines} lines, and a leaf says {count}")
        self._bodies.update((body, digest) for body in bodies)
        if digest not in self._found:
            self._found.add(digest)
            self._report.contents += 1
            self._report.length += hashed.length


class _Hashed:
    """Pieces on their way through, counted and hashed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.length = 0
        self._pieces = pieces
        self._running = sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._running.update(piece)
            self.length += len(piece)
            yield piece

    def digest(self) -> str:
        return self._running.hexdigest()


def _expanded(frame: bytes, length: int) -> Iterator[bytes]:
    yield pack.expand(frame, length)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each line without its newline; what follows the last newline is a line if there is anything."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _body(line: bytes) -> list[str]:
    """The digest of the body that one line of a list of exchanges cites, if any."""
    exchange = canonical.decode(line)
    if not isinstance(exchange, dict) or "body" not in exchange:
        raise ValueError("a line of the exchanges is no JSON object with a body")
    return [] if exchange["body"] is None else [digest_from(exchange["body"])]
