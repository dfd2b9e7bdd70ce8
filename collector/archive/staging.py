"""What a run has collected and not yet committed: compressed contents on this machine's disk, none of them visible."""

from __future__ import annotations

import os
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, Self

from collector import canonical
from collector.archive import pack
from collector.archive.layout import blob_key, pack_key
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from types import TracebackType

PACK_TARGET = 64 << 20
"""A pack is closed once its frames reach this many bytes, so that a put never holds more than that and one content."""


@dataclass(frozen=True, slots=True)
class _Spooled:
    offset: int
    compressed: int
    length: int


class Staging:
    """The new contents of one commit, in the retention epoch `epoch`.

    `held` has the digests of contents that the archive already keeps in this epoch: they are not stored again. Only
    `put` may be called from several threads. The spool is an unnamed temporary file: a crash leaves nothing behind.
    """

    def __init__(self, epoch: str, held: Container[str]) -> None:
        self.epoch = epoch
        self._held = held
        self._spooled: dict[str, _Spooled] = {}
        self._repeated: set[str] = set()
        self._end = 0
        self._spool = TemporaryFile(prefix="evidence-", buffering=0)  # noqa: SIM115 - closed by __exit__
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.close()

    def put(self, content: bytes) -> str:
        """Keep one content for the commit; its SHA-256 in hex, by which leaves cite it. A repeat costs nothing."""
        digest = canonical.digest(content)
        if digest in self._spooled:
            return digest
        if digest in self._held:
            with self._lock:
                self._repeated.add(digest)
            return digest
        frame = pack.compress(content)  # outside the lock: this is where the time goes
        with self._lock:
            if digest not in self._spooled:
                self._write(frame)
                self._spooled[digest] = _Spooled(self._end, len(frame), len(content))
                self._end += len(frame)
        return digest

    def content(self, digest: str) -> bytes | None:
        """A content that was put; None for one that is not new, which the archive holds."""
        with self._lock:
            spooled = self._spooled.get(digest)
        return None if spooled is None else pack.expand(self._read(spooled), spooled.length)

    @property
    def repeated(self) -> frozenset[str]:
        """The digests of the contents that this commit need not bring: the archive holds them in this epoch."""
        return frozenset(self._repeated)

    def objects(self) -> Iterator[tuple[str, bytes]]:
        """Key and bytes of each object to put, one at a time. The same contents always make the same objects."""
        for batch in _batches(self._chosen(lambda spooled: spooled.length <= pack.LARGEST_CONTENT)):
            content = pack.assemble((digest, self._read(spooled), spooled.length) for digest, spooled in batch)
            yield pack_key(self.epoch, canonical.digest(content)), content
        for digest, spooled in self._chosen(lambda spooled: spooled.length > pack.LARGEST_CONTENT):
            yield blob_key(self.epoch, digest), self._read(spooled)

    def _chosen(self, wanted: Callable[[_Spooled], bool]) -> Iterator[tuple[str, _Spooled]]:
        return (
            (digest, spooled)
            for digest, spooled in sorted(self._spooled.items(), key=lambda item: item[0])
            if wanted(spooled)
        )

    def _write(self, frame: bytes) -> None:
        try:
            rest, at = memoryview(frame), self._end
            while rest:  # the system may take less than it was given
                written = os.pwrite(self._spool.fileno(), rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            raise ArchiveError(
                f"keeping collected contents in the temporary directory failed: {error.strerror}; "
                "free some space there or set TMPDIR to a directory with more, then run again"
            ) from error

    def _read(self, spooled: _Spooled) -> bytes:
        return os.pread(self._spool.fileno(), spooled.compressed, spooled.offset)


def _batches(chosen: Iterator[tuple[str, _Spooled]]) -> Iterator[list[tuple[str, _Spooled]]]:
    batch: list[tuple[str, _Spooled]] = []
    size = 0
    for digest, spooled in chosen:
        batch.append((digest, spooled))
        size += spooled.compressed
        if size >= PACK_TARGET:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
