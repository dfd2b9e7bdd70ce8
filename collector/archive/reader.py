"""Reading what an archive holds, for assessing and reporting. It trusts the store; `verify` is what does not.

Segments are held against the collector's key in force all the same: what an intruder put is void, never evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import pack, void
from collector.archive.checkpoint import Checkpoint, signed_text
from collector.archive.genesis import Genesis
from collector.archive.keyring import COLLECTOR, Keyring, changes_in
from collector.archive.keyring import LOG as LOG_KEY
from collector.archive.layout import LOG, segment_key, sequences
from collector.archive.merkle import leaf_hash
from collector.archive.pieces import Pieces
from collector.archive.segment import decode
from collector.archive.void import Commit
from collector.errors import ArchiveError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.archive.notes import VerifierKey
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
        self._pieces = Pieces(store)
        self._places: dict[str, Place] = dict(places or {})
        self._indexed: set[str] = set()
        self._reached: tuple[Segment, Keyring] | None = None

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf from the genesis to the last commit, in the order of the log; one commit is held at a time."""
        for segment in self.commits():
            yield from _leaves(segment)

    def newer(self) -> Iterator[Leaf]:
        """Every leaf since the last call, the first time since the genesis: for who follows a log as it grows.

        Asks for the next commit by its name, so it costs as much as there is that is new, however long the log.
        """
        before, ring = self._reached or (None, self._first_keys())
        sequence = before.sequence + 1 if before else 0
        while self._store.get(segment_key(sequence), 0, 1) is not None:
            commit = self._commit(sequence, before, ring)
            if commit.void and not self._confirmed(commit, ring.key(LOG_KEY, sequence)):
                return
            before, ring = commit.segment, _following(ring, commit.segment)
            self._reached, sequence = (before, ring), sequence + 1
            yield from _leaves(before)

    def commits(self) -> Iterator[Segment]:
        """Every commit in the order of the log; a void is one with its void leaf and without objects.

        Objects at the end that are no segments, and that no writer has declared void yet, are not part of the log.
        """
        keys = list(self._store.list(LOG))
        present, signed = sequences(keys, "seg"), sequences(keys, "ckpt")
        if not present:
            raise ArchiveError(f"{self._store} holds no archive; see that the place is right")
        ring = self._first_keys()
        before: Segment | None = None
        for sequence in range(present[-1] + 1):
            commit = self._commit(sequence, before, ring)
            if commit.void and not self._confirmed(commit, ring.key(LOG_KEY, sequence)):
                if signed and signed[-1] >= sequence:
                    raise TamperedError(commit.problem)
                return
            yield commit.segment
            before, ring = commit.segment, _following(ring, commit.segment)

    def content(self, sha256: str, near: Iterable[str] = ()) -> bytes:
        """The content with this digest (hex), checked against it; ArchiveError when the archive does not hold it.

        `near` are the keys of packs and blobs to look into first.
        """
        for key in near:
            if sha256 not in self._places:
                self._places |= pack.places_of(self._store, key)
                self._indexed.add(key)
        key, frame = self._place(sha256)
        try:
            if frame is None:
                content = pack.expand(self._bytes(key))
            else:
                piece = self._there(key, self._pieces.piece(key, frame.offset, frame.compressed))
                content = pack.expand(piece, frame.length)
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

    def _first_keys(self) -> Keyring:
        key = segment_key(0)
        try:
            first = Genesis.of(decode(self._bytes(key)).segment)
            return Keyring.first(first.collector, first.log)
        except ValueError as error:
            raise TamperedError(f"{key} is not as the collector wrote it: {error}") from error

    def _commit(self, sequence: int, before: Segment | None, ring: Keyring) -> Commit:
        content, origin = self._bytes(segment_key(sequence)), ring.key(LOG_KEY, sequence).name
        try:
            return Commit(void.segment_in(content, sequence, origin, ring.key(COLLECTOR, sequence)))
        except ValueError as error:
            if before is None:
                raise TamperedError(f"{segment_key(0)} is not as the collector wrote it: {error}") from error
            return Commit(void.stand_in(content, sequence, before.after(), origin), str(error))

    def _confirmed(self, commit: Commit, log: VerifierKey) -> bool:
        tree = commit.segment.after()
        text = Checkpoint(log.name, tree.size, tree.root()).text()
        return signed_text(self._store, commit.segment.sequence, log) == text

    def _bytes(self, key: str) -> bytes:
        return self._there(key, self._store.get(key))

    def _there(self, key: str, content: bytes | None) -> bytes:
        if content is None:
            raise TamperedError(f"{key} is missing from {self._store}")
        return content


def _leaves(segment: Segment) -> Iterator[Leaf]:
    for index, leaf in enumerate(segment.leaves, segment.before.size):
        yield Leaf(index, segment.sequence, leaf_hash(leaf).hex(), canonical.decode(leaf))


def _following(ring: Keyring, segment: Segment) -> Keyring:
    """The keys after a commit. A change that may not be made changes nothing; `verify` names it."""
    try:
        return ring.after(changes_in(segment.leaves), segment.sequence)
    except ValueError:
        return ring
