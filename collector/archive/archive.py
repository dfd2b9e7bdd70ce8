"""Writing to an archive: create it, open it, commit to it.

Opening is recovery: whatever a crash left undone is finished by the same code that runs every day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from collector import canonical
from collector.archive import genesis, keyring, pack, void
from collector.archive.declare import VoidCheck
from collector.archive.genesis import Genesis, instant
from collector.archive.held import held_in
from collector.archive.keyring import COLLECTOR, KeyChange, changes_in
from collector.archive.layout import (
    LOG,
    digest_in,
    epoch_of,
    gaps,
    is_pack,
    segment_key,
    segment_keys,
    sequences,
)
from collector.archive.merkle import Tree
from collector.archive.pin import Head
from collector.archive.report import Fault
from collector.archive.sealing import sealed
from collector.archive.segment import Segment, StoredObject, decode, leaf_bytes
from collector.archive.staging import Staging
from collector.errors import ArchiveError, ForkError, TamperedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from collector.archive.keys import Keys
    from collector.archive.pack import Place
    from collector.archive.store import Store
    from collector.archive.void import Commit


@dataclass(frozen=True, slots=True)
class Committed:
    """Where a commit's leaves lie: the number of the commit, and the index in the whole log of its first leaf.

    `objects` are all that it put into the store: packs and blobs, segment, checkpoint. `brought` counts the contents
    that are new in their epoch, `repeated` those that the archive held already.
    """

    sequence: int
    first_index: int
    count: int
    objects: tuple[StoredObject, ...]
    brought: int = 0
    repeated: int = 0

    @property
    def indices(self) -> range:
        """The index of each leaf, in the order they were given."""
        return range(self.first_index, self.first_index + self.count)


class Archive:
    """An archive open for writing, by one thread of one process; any number of processes may each have one.

    Made by `create` or `open`. Errors are ArchiveError: TamperedError names the object that is not as it was written,
    ForkError the commit that has two histories. After any other ArchiveError nobody knows yet whether the commit got
    through: call `append` again with the same arguments, or open again and look. Neither commits twice.
    """

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys
        self._sequence = -1
        self._tree = Tree()
        self._epoch = ""
        self._held: dict[str, Place] = {}
        self._voids: list[Fault] = []
        self._void_check = VoidCheck(store, self._read)

    @classmethod
    def create(cls, store: Store, keys: Keys, at: datetime) -> Self:
        """Start the log `keys.origin` with its genesis commit, made `at` (with time zone)."""
        if pinned := keys.pin():
            raise ArchiveError(
                f"the keys in {keys.directory} belong to an archive with {pinned.sequence + 1} commits; "
                f"open that one, or make new keys for a new archive in {store}"
            )
        leaf = Genesis.at(keys.collector.verifier_key, keys.log.verifier_key, at).encode()
        content = Segment(keys.origin, 0, Tree(), (leaf,), ()).encode(keys.collector)
        if not store.put_if_absent(segment_key(0), content) and store.get(segment_key(0)) != content:
            raise ArchiveError(f"{store} already holds an archive; open it, or name an empty place for a new one")
        return cls.open(store, keys)

    @classmethod
    def open(cls, store: Store, keys: Keys) -> Self:
        """Catch up with the log from the pinned commit on (from the first when nothing is pinned).

        Writes a checkpoint that a crash left out, and moves the pin to the head.
        """
        archive = cls(store, keys)
        pinned = keys.pin()
        for sequence in archive._range(pinned):
            if pinned and sequence == pinned.sequence:
                archive._follow(archive._resumed(pinned))
            else:
                archive._meet(archive._read(sequence))
        keys.advance_pin(archive.head)
        return archive

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self._keys.origin

    @property
    def store(self) -> Store:
        """Where it lies."""
        return self._store

    @property
    def head(self) -> Head:
        """The last commit this object knows of."""
        return Head(self._sequence, self._tree.size, self._tree.root())

    @property
    def places(self) -> Mapping[str, Place]:
        """Where contents lie that this object knows of, by digest: a `Reader` given them need not search for these."""
        return self._held

    @property
    def voids(self) -> tuple[Fault, ...]:
        """Each void that this object met after the pin it was opened at: somebody else can put into this place."""
        return tuple(self._voids)

    def commit(self, sequence: int) -> Segment | None:
        """A commit up to the head, signed by the key in force there; None when the object in its place is none."""
        found = self._read(sequence)
        return None if found.void else found.segment

    def stage(self, at: datetime) -> Staging:
        """An empty staging area for a commit made `at` (with time zone), to be used in a `with` block."""
        epoch = epoch_of(at)
        if epoch != self._epoch:
            self._held = held_in(self._store, epoch, self._sequence, self._keys.ring)
            self._epoch = epoch
        return Staging(epoch, self._held)

    def append(self, leaves: Sequence[dict[str, Any]], staging: Staging) -> Committed:
        """Commit these leaves (canonical JSON, each with a "kind") and the staged contents: all of it, or nothing."""
        encoded = tuple(_encoded(position, leaf) for position, leaf in enumerate(leaves))
        if not encoded:
            raise ValueError("a commit needs at least one leaf")
        # A crash up to here leaves objects that no commit names: verify notes them, nothing depends on them.
        objects: tuple[StoredObject, ...] = ()
        places: dict[str, Place] = {}
        for key, content in staging.objects():
            objects += (self._put_object(key, content),)
            places |= pack.places_in(key, content)
        committed = self._commit(encoded, objects)
        if staging.epoch == self._epoch:
            self._held |= places
        return replace(committed, brought=len(places), repeated=len(staging.repeated))

    def replace_key(self, role: str, at: datetime, *, place: str = "", since: int | None = None) -> Committed:
        """Commit, `at` an instant, that a new key (made here, or at a place in a KMS) signs from the next commit on.

        With `since` the old key is revoked: it may have been in other hands from that commit on. Dying anywhere in here
        loses no key: the next `open` finishes what the log has seen, and calling this again what it has not.
        """
        term = self._keys.ring.terms(role)[-1]
        if since is not None and not term.first <= since <= self._sequence + 1:
            raise UsageError(
                f"the {role}'s key signed commits {term.first} to {self._sequence}, "
                f"so it cannot be revoked since commit {since}"
            )
        new = self._keys.prepare(role, place).verifier_key
        change = KeyChange(role, new, term.key, instant(at), since)
        return self._commit((change.encode(),), ())

    def _commit(self, leaves: tuple[bytes, ...], objects: tuple[StoredObject, ...]) -> Committed:
        mine, content = self._proposed(leaves, objects)
        while winner := self._put_segment(mine.sequence, content):
            self._meet(winner)
            mine, content = self._proposed(leaves, objects)
        # A crash from here on loses nothing: the segment IS the commit, and the next open writes what is missing.
        after = mine.after()
        checkpoint, self._keys = sealed(self._store, self._keys, mine, after, look=False)
        self._keys.advance_pin(Head(mine.sequence, after.size, after.root()))
        # Last, so that a caller who repeats a failed append proposes the same segment again and finds it stored.
        self._tree, self._sequence = after, mine.sequence
        segment = StoredObject(segment_key(mine.sequence), canonical.digest(content))
        return Committed(mine.sequence, mine.before.size, len(leaves), (*objects, segment, checkpoint))

    def _proposed(self, leaves: tuple[bytes, ...], objects: tuple[StoredObject, ...]) -> tuple[Segment, bytes]:
        """The next segment and its bytes: signed once for each place that is tried, which may cost a request."""
        segment = Segment(self.origin, self._sequence + 1, self._tree, leaves, objects)
        self._keys.after(changes_in(leaves), segment.sequence)  # refuses a change that may not be made
        return segment, segment.encode(self._keys.collector)

    def _put_object(self, key: str, content: bytes) -> StoredObject:
        if self._store.put_if_absent(key, content):
            return StoredObject(key, canonical.digest(content))
        there = self._fetch(key)
        # From an interrupted run, or another writer. A blob may have been compressed by another release of zstd.
        if there != content and (is_pack(key) or pack.expanded_digest(there) != digest_in(key)):
            raise TamperedError(f"{key} is in {self._store} already, and its bytes are not those its name promises")
        return StoredObject(key, canonical.digest(there))

    def _put_segment(self, sequence: int, content: bytes) -> Commit | None:
        """Try to take the place. None: it is taken by this very segment. Otherwise, what was faster."""
        key = segment_key(sequence)
        if self._store.put_if_absent(key, content):
            return None
        there = self._fetch(key)
        # The same bytes: an earlier try got through and only its reply was lost.
        return None if there == content else self._counted(sequence, there)

    def _meet(self, commit: Commit) -> None:
        """Take in a commit that this machine sees for the first time."""
        if commit.void:
            self._void_check.check(commit, self._keys.log.verifier_key)
            key = segment_key(commit.segment.sequence)
            self._voids.append(Fault(key, f"is void, somebody without the collector's key put it there: {commit.void}"))
        self._follow(commit.segment)

    def _follow(self, segment: Segment) -> None:
        """Take in a segment that is in the store, and see that it has its checkpoint."""
        if segment.before != self._tree:
            raise TamperedError(f"{segment_key(segment.sequence)} does not continue the commit before it")
        after = segment.after()
        _, self._keys = sealed(self._store, self._keys, segment, after, look=True)
        self._tree, self._sequence = after, segment.sequence

    def _range(self, pinned: Head | None) -> range:
        """The sequence numbers to catch up with; TamperedError names those that should be there and are not."""
        keys = list(self._store.list(LOG))
        segments = sequences(keys, "seg")
        if not keys and not pinned:
            raise ArchiveError(f"{self._store} holds no archive; see that the place is right, or create one there")
        first = pinned.sequence if pinned else 0
        last = max(first, *segments, *sequences(keys, "ckpt"))
        if missing := [segment_keys(gap) for gap in gaps(segments, first, last)]:
            raise TamperedError(
                f"{self._store} lacks {', '.join(missing)}: the log reached commit {last} before; "
                "bring the missing objects back from a copy, and find out who could remove them"
            )
        return range(first, last + 1)

    def _resumed(self, pinned: Head) -> Segment:
        """The pinned commit, with the tree before it made ready.

        That tree is the word of a header: the commit's own or, where voids stand, of the last segment before them. That
        the tree after it is the pinned one proves it.
        """
        start = pinned.sequence
        while (commit := self._read(start)).void:
            start -= 1
        for sequence in range(start + 1, pinned.sequence + 1):
            self._tree = commit.segment.after()
            commit = self._read(sequence)
        self._tree, self._sequence = commit.segment.before, pinned.sequence - 1
        after = commit.segment.after()
        if (after.size, after.root()) == (pinned.size, pinned.root):
            return commit.segment
        if commit.void:
            raise TamperedError(commit.problem)
        raise ForkError(
            f"{segment_key(pinned.sequence)} is not the commit that this machine pinned: two histories of one log; "
            "keep both, write nothing more, and compare with a copy of the archive"
        )

    def _read(self, sequence: int) -> Commit:
        return self._counted(sequence, self._fetch(segment_key(sequence)))

    def _counted(self, sequence: int, content: bytes) -> Commit:
        """What an object counts as in its place, which is the next one when it is void."""
        try:
            if sequence == 0 and (origin := decode(content).segment.origin) != self.origin:
                raise ArchiveError(
                    f"{self._store} holds the archive {origin}, but the keys in "
                    f"{self._keys.directory} are for {self.origin}; use the keys that belong to it"
                )
            return void.counted(content, sequence, self._tree, self.origin, self._keys.ring.key(COLLECTOR, sequence))
        except ValueError as error:
            raise TamperedError(f"{segment_key(sequence)} is not as the collector wrote it: {error}") from error

    def _fetch(self, key: str) -> bytes:
        content = self._store.get(key)
        if content is None:
            raise TamperedError(f"{key} was in {self._store} a moment ago and is gone")
        return content


def _encoded(position: int, leaf: dict[str, Any]) -> bytes:
    try:
        encoded = leaf_bytes(leaf)
    except ValueError as error:
        raise ArchiveError(f"leaf {position} of the commit cannot be written: {error}") from error
    if leaf["kind"] == genesis.KIND:
        raise ArchiveError(f"leaf {position} of the commit cannot be written: only a log's first commit has a genesis")
    if leaf["kind"] == keyring.KIND:
        raise ArchiveError(f"leaf {position} of the commit cannot be written: `collector keys` replaces keys, no run")
    if leaf["kind"] == void.KIND:
        raise ArchiveError(f"leaf {position} of the commit cannot be written: a void leaf follows from a rule alone")
    return encoded
