"""Steps 1 to 6 of a verification: the log itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.archive import void
from collector.archive.checkpoint import Checkpoint
from collector.archive.genesis import Genesis
from collector.archive.layout import (
    LOG,
    checkpoint_key,
    gaps,
    is_log_object,
    segment_key,
    segment_keys,
    sequence_in,
    sequences,
)
from collector.archive.merkle import Tree
from collector.archive.pin import Head
from collector.archive.read_ahead import ReadAhead
from collector.archive.segment import decode
from collector.archive.verify_keys import KeyCheck
from collector.archive.verify_leaves import LeafCheck, LogReading
from collector.archive.verify_slots import SlotCheck
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.archive.ledger import Ledger
    from collector.archive.notes import VerifierKey
    from collector.archive.period import Period
    from collector.archive.report import Report
    from collector.archive.segment import Segment
    from collector.archive.store import Store

    Step = Callable[[str, int, int], None]
    """Is told what is read, how much of it is done, and how much there is."""

_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an archive is verified: by default all of it.

    `after`: a head from which on the log is read, nothing before it. `period`: of which commits the contents are read.
    `heads`: further heads that the log is held against.
    """

    after: Head | None = None
    period: Period | None = None
    heads: tuple[Head, ...] = ()


WHOLE = Scope()
"""Everything."""


def check_log(
    store: Store,
    log: VerifierKey,
    pinned: Head | None,
    report: Report,
    ledger: Ledger,
    *,
    scope: Scope = WHOLE,
    step: Step = lambda *_: None,
) -> LogReading:
    """Read the log in order, one commit at a time, and put what is wrong into the report."""
    keys = list(store.list(LOG))
    first = scope.after.sequence if scope.after else 0
    ahead = (key for key in _in_order(keys) if sequence_in(key) >= first or key == segment_key(0))
    with ReadAhead(store, ahead, _AHEAD) as objects:
        heads = [head for head in (pinned, scope.after, *scope.heads) if head]
        slots = None if scope.after else SlotCheck(store)
        reading = LogReading(ledger, chosen=set() if scope.period else None, slots=slots)
        check = _LogCheck(objects, log, heads, report, reading)
        present = check.names(keys)
        if scope.after:
            check.begin_at(first)
            present = [sequence for sequence in present if sequence >= first]
        for done, sequence in enumerate(present, 1):
            check.commit(sequence, newest=sequence == present[-1], period=scope.period)
            step("log", done, len(present))
        check.end()
    return reading


def _in_order(keys: list[str]) -> list[str]:
    """The segments and checkpoints as they are read: each segment before its checkpoint."""
    numbered = [(sequence, end) for end in ("seg", "ckpt") for sequence in sequences(keys, end)]
    key_of = {"seg": segment_key, "ckpt": checkpoint_key}
    return [key_of[end](sequence) for sequence, end in sorted(numbered, key=lambda one: (one[0], one[1] == "ckpt"))]


class _LogCheck:
    def __init__(
        self, store: ReadAhead, log: VerifierKey, heads: list[Head], report: Report, reading: LogReading
    ) -> None:
        self._store = store
        self._log = log
        self._heads = heads
        self._reached = max((head.sequence for head in heads), default=-1)
        self._report = report
        self._signed = reading.signed
        self._within = LeafCheck(reading, report)
        self._keys = KeyCheck(log, report)
        self._unplaced: list[int] = []
        self._next = 0
        self._tree: Tree | None = Tree()  # None: unknown, since the commit before could not be read
        self._first = 0

    def names(self, keys: list[str]) -> list[int]:
        """Step 1: the commits are numbered from 0 without a hole, up to the pinned head, and nothing else is there."""
        segments, checkpoints = sequences(keys, "seg"), sequences(keys, "ckpt")
        last = max(0, *segments, *checkpoints, self._reached)
        for gap in gaps(segments, 0, last):
            self._report.fault(segment_keys(gap), f"missing: {len(gap)} commit(s) of a log that reached commit {last}")
        for key in keys:
            if not is_log_object(key):
                self._report.fault(key, "has no place in a log")
        self._unplaced = sorted(set(checkpoints).difference(segments))
        return segments

    def begin_at(self, sequence: int) -> None:
        """Leave out what is before a head; only the genesis is read, which names the first keys."""
        self._first = sequence
        if sequence > 0:
            try:
                self._segment(0, self._store.get(segment_key(0)) or b"")
            except ValueError as error:
                self._report.fault(segment_key(0), str(error))
        self._next, self._tree = sequence, None

    def commit(self, sequence: int, *, newest: bool, period: Period | None = None) -> None:
        """Steps 2 to 6 for one commit; the citations are kept when it is of the period."""
        if sequence != self._next:
            self._tree = None
        self._next = sequence + 1
        segment, is_void = self._counted(sequence, newest=newest)
        after = self._chained(segment) if segment else None
        if segment:
            self._keys.read(segment)
        self._checkpoint(sequence, after, newest=newest)
        self._keys.advance()
        self._tree = after
        if segment and after:
            if is_void:
                self._report.voids += 1
            else:
                self._within.leaves(segment, period)
                self._within.brought(segment)
            self._report.segments += 1
            self._report.leaves += len(segment.leaves)
            self._head(Head(sequence, after.size, after.root()))

    def end(self) -> None:
        """Step 4 for checkpoints without a segment, when the keys are known; and the key given is one of them."""
        for sequence in self._unplaced:
            self._signed_head(sequence)
        self._keys.end()

    def _counted(self, sequence: int, *, newest: bool) -> tuple[Segment | None, bool]:
        """Step 2: the commit, and whether it is a void; no commit where it could not be read, or is at fault."""
        key = segment_key(sequence)
        try:
            content = self._store.get(key) or b""
        except ArchiveError as error:
            self._report.could_not_read(key, error)
            return None, False
        try:
            return self._segment(sequence, content), False
        except ValueError as error:
            return self._void(sequence, content, str(error), newest=newest), True

    def _segment(self, sequence: int, content: bytes) -> Segment:
        """The segment reads back, is of this log, in its own place, and signed by the collector's key."""
        if sequence == 0:
            self._keys.begin(Genesis.of(decode(content).segment))
        return void.segment_in(content, sequence, self._log.name, self._keys.collector(sequence))

    def _void(self, sequence: int, content: bytes, problem: str, *, newest: bool) -> Segment | None:
        """What is no segment and is confirmed to be void by its checkpoint counts as one leaf; all else is a fault."""
        key = segment_key(sequence)
        if sequence and self._tree is not None:
            segment = void.stand_in(content, sequence, self._tree, self._log.name)
            if self._confirmed(segment):
                self._report.notes.append(
                    f"Void: {key} is no segment of this log ({problem}); commit {sequence} counts as a void leaf."
                )
                return segment
            if newest and self._store.get(checkpoint_key(sequence)) is None:
                problem += "; no checkpoint vouches for it, and the next writer will declare it void"
        if sequence == self._first > 0:
            problem += "; if a key was replaced or it is a void, only reading the log from its beginning can tell"
        self._report.fault(key, problem)
        return None

    def _confirmed(self, segment: Segment) -> bool:
        after = segment.after()
        try:
            text = self._keys.open(segment.sequence, self._store.get(checkpoint_key(segment.sequence)) or b"")
            return Checkpoint.parse(text) == Checkpoint(self._log.name, after.size, after.root())
        except (ArchiveError, ValueError):
            return False  # step 4 says what is wrong with it

    def _chained(self, segment: Segment) -> Tree:
        """Step 3: the commit starts from the tree that the commits before it make."""
        if self._tree is not None and segment.before != self._tree:
            self._report.fault(segment_key(segment.sequence), "does not continue the commit before it")
        return segment.after()

    def _checkpoint(self, sequence: int, after: Tree | None, *, newest: bool) -> None:
        """Step 4: a checkpoint signed by the log's key is there, and is for the tree that the leaves make."""
        checkpoint = self._signed_head(sequence, pending=newest and self._reached < sequence)
        if checkpoint and after and (checkpoint.size, checkpoint.root) != (after.size, after.root()):
            self._report.fault(
                checkpoint_key(sequence),
                "is signed for another tree than the segments make: two histories, or changed leaves",
            )

    def _signed_head(self, sequence: int, *, pending: bool = False) -> Checkpoint | None:
        key = checkpoint_key(sequence)
        try:
            content = self._store.get(key)
        except ArchiveError as error:
            self._report.could_not_read(key, error)
            return None
        if content is None:
            if pending:
                self._report.notes.append(f"Pending: {key} is not written yet, so the last commit is not yet sealed.")
            else:
                self._report.fault(key, "missing")
            return None
        try:
            checkpoint = Checkpoint.parse(self._keys.open(sequence, content))
            if checkpoint.origin != self._log.name:
                raise ValueError(f"is of the log {checkpoint.origin!r}")  # noqa: TRY301 - one list
        except ValueError as error:
            self._report.fault(key, str(error))
            return None
        self._signed.add(sequence)
        return checkpoint

    def _head(self, head: Head) -> None:
        """Step 6: at the pinned commit the tree is the pinned one."""
        self._report.head = head
        if any(one.sequence == head.sequence and one != head for one in self._heads):
            self._report.fault(
                segment_key(head.sequence), "makes another tree than the head given: the past was rewritten"
            )
