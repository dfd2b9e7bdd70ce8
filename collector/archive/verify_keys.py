"""Whose signatures count at which commit of a log that is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.keyring import COLLECTOR, LOG, Keyring, changes_in
from collector.archive.layout import checkpoint_key, run_of, segment_key
from collector.archive.notes import open_note

if TYPE_CHECKING:
    from collector.archive.genesis import Genesis
    from collector.archive.keyring import KeyChange
    from collector.archive.notes import VerifierKey
    from collector.archive.report import Report
    from collector.archive.segment import Segment


class KeyCheck:
    """Follows the keys from commit to commit, and says what is wrong with them.

    Any key that the log ever had will do as the `given` one, if something here is signed by it.
    """

    def __init__(self, given: VerifierKey, report: Report) -> None:
        self._given = given
        self._report = report
        self._ring: Keyring | None = None  # None: the genesis could not be read
        self._after: Keyring | None = None
        self._shown = False

    def begin(self, first: Genesis) -> None:
        """The genesis names the first keys; ValueError when it is another log's."""
        if first.log.name != self._given.name:
            raise ValueError(f"the genesis names the log key {first.log}, not the one given")
        self._ring = self._after = Keyring.first(first.collector, first.log)

    def collector(self, sequence: int) -> VerifierKey | None:
        """The key that signs a segment; None when the genesis could not be read."""
        return self._ring.key(COLLECTOR, sequence) if self._ring else None

    def read(self, segment: Segment) -> None:
        """Step 5, of `key` leaves: each replaces the key in force by a new one, and says all it must."""
        if self._ring is None:
            return
        try:
            changes = changes_in(segment.leaves)
            self._after = self._ring.after(changes, segment.sequence)
        except ValueError as error:
            self._report.fault(segment_key(segment.sequence), str(error))
            return
        for change in changes:
            self._doubt(change, segment.sequence)

    def open(self, sequence: int, checkpoint: bytes) -> str:
        """Step 4: the text of a checkpoint, signed by the key in force and by the one that its commit brings."""
        rings = [ring for ring in (self._ring, self._after) if ring]
        needed = dict.fromkeys(ring.key(LOG, sequence + after) for after, ring in enumerate(rings))
        texts = [open_note(checkpoint, key) for key in needed or [self._given]]
        self._shown |= self._given in needed
        return texts[0]

    def advance(self) -> None:
        """On to the next commit, under the keys that this one leaves in force."""
        self._ring = self._after

    def end(self) -> None:
        """The key given is one of the log's, and has signed something."""
        if self._ring is None:
            return
        first, *later = self._ring.log
        if self._given == first.key:
            return
        named = [term for term in later if term.key == self._given]
        if not named:
            self._report.fault(
                segment_key(0), f"the genesis names the log key {first.key}, and no commit replaces it by the one given"
            )
        elif not self._shown:
            self._report.fault(
                segment_key(named[0].first - 1), "names the log key given, but nothing here that holds is signed by it"
            )

    def _doubt(self, change: KeyChange, sequence: int) -> None:
        """Step 2 and 4, of what a revoked key has signed."""
        if change.since is not None:
            doubtful = range(change.since, sequence + 1)
            key_of = segment_key if change.role == COLLECTOR else checkpoint_key
            self._report.fault(
                run_of(doubtful, key_of),
                f"signed by a key that was revoked as of commit {change.since}: {change.old}, revoked in commit "
                f"{sequence}; what it signed holds only where a time stamp or a witness saw it before",
            )
