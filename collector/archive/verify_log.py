"""Steps 1 to 6 of a verification: the log itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import genesis, void
from collector.archive.checkpoint import Checkpoint
from collector.archive.citations import EXCHANGES, citations
from collector.archive.genesis import Genesis
from collector.archive.layout import (
    LOG,
    checkpoint_key,
    gaps,
    is_log_object,
    segment_key,
    segment_keys,
    sequences,
)
from collector.archive.merkle import Tree
from collector.archive.pin import Head
from collector.archive.segment import decode
from collector.archive.time_leaves import TimeReading
from collector.archive.verify_keys import KeyCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.notes import VerifierKey
    from collector.archive.report import Report
    from collector.archive.segment import Segment
    from collector.archive.store import Store


@dataclass(frozen=True, slots=True)
class Cited:
    """By which leaf a content was first cited, and in which segment."""

    segment: str
    leaf: int


@dataclass(slots=True)
class LogReading:
    """What the log says about everything outside it.

    `objects`: key of each pack and blob -> digest of its bytes, and the segment that brought it. `cited`: digest of
    each content -> who cites it. `counted`: digest of each content -> the numbers of lines it is said to have.
    `exchanges`: digests of the contents that list exchanges. `time`: what it says about trusted time.
    """

    objects: dict[str, tuple[str, str]] = field(default_factory=dict)
    cited: dict[str, Cited] = field(default_factory=dict)
    counted: dict[str, set[int]] = field(default_factory=dict)
    exchanges: set[str] = field(default_factory=set)
    time: TimeReading = field(default_factory=TimeReading)


def check_log(store: Store, log: VerifierKey, pinned: Head | None, report: Report) -> LogReading:
    """Read the whole log in order, one commit at a time, and put what is wrong into the report."""
    check = _LogCheck(store, log, pinned, report)
    present = check.names(list(store.list(LOG)))
    for sequence in present:
        check.commit(sequence, newest=sequence == present[-1])
    check.end()
    return check.reading


class _LogCheck:
    def __init__(self, store: Store, log: VerifierKey, pinned: Head | None, report: Report) -> None:
        self.reading = LogReading()
        self._store = store
        self._log = log
        self._pinned = pinned
        self._report = report
        self._keys = KeyCheck(log, report)
        self._unplaced: list[int] = []
        self._next = 0
        self._tree: Tree | None = Tree()  # None: unknown, since the commit before could not be read

    def names(self, keys: list[str]) -> list[int]:
        """Step 1: the commits are numbered from 0 without a hole, up to the pinned head, and nothing else is there."""
        segments, checkpoints = sequences(keys, "seg"), sequences(keys, "ckpt")
        last = max([0, *segments, *checkpoints, *([self._pinned.sequence] if self._pinned else [])])
        for gap in gaps(segments, 0, last):
            self._report.fault(segment_keys(gap), f"missing: {len(gap)} commit(s) of a log that reached commit {last}")
        for key in keys:
            if not is_log_object(key):
                self._report.fault(key, "has no place in a log")
        self._unplaced = sorted(set(checkpoints).difference(segments))
        return segments

    def end(self) -> None:
        """Step 4 for checkpoints without a segment, when the keys are known; and the key given is one of them."""
        for sequence in self._unplaced:
            self._signed_head(sequence)
        self._keys.end()

    def commit(self, sequence: int, *, newest: bool) -> None:
        """Steps 2 to 6 for one commit."""
        if sequence != self._next:
            self._tree = None
        self._next = sequence + 1
        content = self._store.get(segment_key(sequence)) or b""
        problem, segment = "", None
        try:
            segment = self._segment(sequence, content)
        except ValueError as error:
            problem, segment = str(error), self._void(sequence, content, str(error), newest=newest)
        after = self._chained(segment) if segment else None
        if segment:
            self._keys.read(segment)
        self._checkpoint(sequence, after, newest=newest)
        self._keys.advance()
        self._tree = after
        if segment and after:
            if problem:
                self._report.voids += 1
            else:
                self._leaves(segment)
            self._report.segments += 1
            self._report.leaves += len(segment.leaves)
            self._head(Head(sequence, after.size, after.root()))

    def _segment(self, sequence: int, content: bytes) -> Segment:
        """Step 2: the segment reads back, is of this log, in its own place, and signed by the collector's key."""
        if sequence == 0:
            segment = decode(content).segment
            self._keys.begin(Genesis.decode(segment.leaves[0] if segment.leaves else b"null"))
        return void.segment_in(content, sequence, self._log.name, self._keys.collector(sequence))

    def _void(self, sequence: int, content: bytes, problem: str, *, newest: bool) -> Segment | None:
        """Step 2, when it is none: what its checkpoint confirms to be void counts as one leaf; all else is a fault."""
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
        self._report.fault(key, problem)
        return None

    def _confirmed(self, segment: Segment) -> bool:
        after = segment.after()
        try:
            text = self._keys.open(segment.sequence, self._store.get(checkpoint_key(segment.sequence)) or b"")
            return Checkpoint.parse(text) == Checkpoint(self._log.name, after.size, after.root())
        except ValueError:
            return False

    def _chained(self, segment: Segment) -> Tree:
        """Step 3: the commit starts from the tree that the commits before it make."""
        if self._tree is not None and segment.before != self._tree:
            self._report.fault(segment_key(segment.sequence), "does not continue the commit before it")
        return segment.after()

    def _checkpoint(self, sequence: int, after: Tree | None, *, newest: bool) -> None:
        """Step 4: a checkpoint signed by the log's key is there, and is for the tree that the leaves make."""
        key = checkpoint_key(sequence)
        pending = newest and not (self._pinned and self._pinned.sequence >= sequence)
        checkpoint = self._signed_head(sequence, pending=pending)
        if checkpoint and after and (checkpoint.size, checkpoint.root) != (after.size, after.root()):
            self._report.fault(
                key, "is signed for another tree than the segments make: two histories, or changed leaves"
            )

    def _signed_head(self, sequence: int, *, pending: bool = False) -> Checkpoint | None:
        key = checkpoint_key(sequence)
        content = self._store.get(key)
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
        return checkpoint

    def _leaves(self, segment: Segment) -> None:
        """Step 5: each leaf is canonical JSON with a kind; a run has all its evidence beside it in the same commit."""
        key = segment_key(segment.sequence)
        leaves = []
        for index, encoded in enumerate(segment.leaves, segment.before.size):
            try:
                leaves.append(leaf := _decoded(encoded))
                if (leaf["kind"] == genesis.KIND) != (index == 0):
                    raise ValueError("a genesis is the first leaf of a log and no other")  # noqa: TRY301 - one list
                if leaf["kind"] == void.KIND:
                    raise ValueError("a void leaf follows from a rule, and no segment holds one")  # noqa: TRY301 - one list
                self._cite(key, index, leaf)
                self.reading.time.take(segment.sequence, leaf)
            except ValueError as error:
                self._report.fault(key, f"leaf {index}: {error}")
        for problem in _run_problems(leaves):
            self._report.fault(key, problem)
        self.reading.objects.update((stored.key, (stored.digest, key)) for stored in segment.objects)

    def _cite(self, key: str, index: int, leaf: dict[str, Any]) -> None:
        for citation in citations(leaf):
            if citation.digest not in self.reading.cited:
                self.reading.cited[citation.digest] = Cited(key, index)
            if citation.lines is not None:
                self.reading.counted.setdefault(citation.digest, set()).add(citation.lines)
            if citation.member == EXCHANGES:
                self.reading.exchanges.add(citation.digest)

    def _head(self, head: Head) -> None:
        """Step 6: at the pinned commit the tree is the pinned one."""
        self._report.head = head
        if self._pinned and self._pinned.sequence == head.sequence and self._pinned != head:
            self._report.fault(
                segment_key(head.sequence), "makes another tree than the head given: the past was rewritten"
            )


def _decoded(encoded: bytes) -> dict[str, Any]:
    leaf = canonical.decode(encoded)
    if not isinstance(leaf, dict) or not isinstance(leaf.get("kind"), str):
        raise ValueError("has no kind")  # noqa: TRY004 - the archive's text is wrong, not a caller's type
    if canonical.encode(leaf) != encoded:
        raise ValueError("is not canonical JSON")
    return leaf


def _run_problems(leaves: Iterable[dict[str, Any]]) -> list[str]:
    """What is wrong between the run leaves and the evidence leaves of one commit."""
    about = [leaf for leaf in leaves if leaf["kind"] in {"run", "evidence"}]
    leaves = [leaf for leaf in about if isinstance(leaf.get("run"), str)]
    evidence = Counter(leaf["run"] for leaf in leaves if leaf["kind"] == "evidence")
    runs = Counter(leaf["run"] for leaf in leaves if leaf["kind"] == "run")
    problems = ["a run or evidence leaf has no run id"] * (len(leaves) < len(about))
    problems += [f"run {run!r} is told {times} times" for run, times in runs.items() if times > 1]
    problems += [
        f"{evidence[run]} evidence leaves of run {run!r} without its run leaf" for run in evidence.keys() - runs
    ]
    for leaf in leaves:
        expected, there = leaf.get("expected"), evidence[leaf["run"]]
        if leaf["kind"] == "run" and (type(expected) is not int or expected != there):
            problems.append(f"run {leaf['run']!r} expected {expected!r} evidence leaves and {there} are there")
    return problems
