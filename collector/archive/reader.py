"""Reading what an archive holds, for assessing and reporting. It trusts the store; `verify` is what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import pack
from collector.archive.layout import LOG, segment_key, sequences
from collector.archive.merkle import leaf_hash
from collector.archive.segment import decode
from collector.errors import ArchiveError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.pack import Place
    from collector.archive.segment import Segment
    from collector.archive.store import Store


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry of the log: its index in the whole log, its commit, its RFC 6962 leaf hash in hex, what it says."""

    index: int
    sequence: int
    hash: str
    body: dict[str, Any]


class Reader:
    """An archive open for reading; needs no keys.

    Commits made after it was opened show up in the next `leaves()`, and their contents are found too. TamperedError
    names an object that is not what it should be, ArchiveError a place that cannot be read.
    """

    def __init__(self, store: Store, places: Mapping[str, Place] | None = None) -> None:
        """`places` are those already known, such as `Archive.places`; other contents are searched for."""
        self._store = store
        self._places: dict[str, Place] = dict(places or {})
        self._indexed: set[str] = set()

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf from the genesis to the last commit, in the order of the log; one commit is held at a time."""
        present = sequences(self._store.list(LOG), "seg")
        if not present:
            raise ArchiveError(f"{self._store} holds no archive; see that the place is right")
        for sequence in range(present[-1] + 1):
            segment = self._segment(sequence)
            for index, leaf in enumerate(segment.leaves, segment.before.size):
                yield Leaf(index, sequence, leaf_hash(leaf).hex(), canonical.decode(leaf))

    def content(self, sha256: str) -> bytes:
        """The content with this digest (hex), checked against it; ArchiveError when the archive does not hold it."""
        key, frame = self._place(sha256)
        try:
            if frame is None:
                content = pack.expand(self._bytes(key))
            else:
                content = pack.expand(self._bytes(key, frame.offset, frame.compressed), frame.length)
        except ValueError as error:
            raise TamperedError(f"{key} does not give back content {sha256}: {error}") from error
        if canonical.digest(content) != sha256:
            raise TamperedError(f"{key} gives other bytes for content {sha256} than were stored under it")
        return content

    def locate(self, sha256: str) -> str:
        """The key of the pack or blob that holds the content with this digest; ArchiveError when none does."""
        return self._place(sha256)[0]

    def _place(self, sha256: str) -> Place:
        if sha256 not in self._places:
            self._index(sha256)
        if sha256 not in self._places:
            raise ArchiveError(f"{self._store} holds no content {sha256}; run verify to see whether it is missing")
        return self._places[sha256]

    def _index(self, sha256: str) -> None:
        """Read indexes that were not read yet, newest epoch first, until the content is found."""
        keys = [*self._store.list("blobs/"), *self._store.list("packs/")]
        for key in sorted(set(keys) - self._indexed, key=lambda key: key.partition("/")[2], reverse=True):
            self._places |= pack.places_of(self._store, key)
            self._indexed.add(key)
            if sha256 in self._places:
                return

    def _segment(self, sequence: int) -> Segment:
        key = segment_key(sequence)
        try:
            segment = decode(self._bytes(key)).segment
        except ValueError as error:
            raise TamperedError(f"{key} is not as the collector wrote it: {error}") from error
        if segment.sequence != sequence:
            raise TamperedError(f"{key} holds commit {segment.sequence}: segments were swapped")
        return segment

    def _bytes(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        content = self._store.get(key, start, length)
        if content is None:
            raise TamperedError(f"{key} is missing from {self._store}")
        return content
