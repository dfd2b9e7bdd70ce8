"""Steps 1 to 6 of a verification: the log itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import evidence_leaves, genesis
from collector.archive.checkpoint import Checkpoint
from collector.archive.citations import citations
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
from collector.archive.notes import open_note
from collector.archive.pin import Head
from collector.archive.read_ahead import ReadAhead
from collector.archive.segment import decode
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from collector.archive.citations import Citation
    from collector.archive.ledger import Ledger
    from collector.archive.notes import VerifierKey
    from collector.archive.period import Period
    from collector.archive.report import Report
    from collector.archive.segment import Segment
    from collector.archive.store import Store

    Step = Callable[[str, int, int], None]
    """Is told what is read, how much of it is done, and how much there is."""

_AHEAD = 8
_ABOUT_RUNS = frozenset({"run", "evidence"})


@dataclass(slots=True)
class LogReading:
    """What the log says about everything outside it.

    `objects`: key of each pack and blob -> digest of its bytes, and the commit that brought it. `ledger`: what the
    leaves of the chosen commits cite. `chosen`: those commits, where not all were chosen.
    """

    ledger: Ledger
    objects: dict[str, tuple[str, int]] = field(default_factory=dict)
    chosen: set[int] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an archive is verified: by default all of it.

    `after`: a head from which on the log is read, nothing before it. `period`: of which commits the contents are read.
    """

    after: Head | None = None
    period: Period | None = None


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
    with ReadAhead(store, ahead, _AHEAD) as reading:
        heads = [head for head in (pinned, scope.after) if head]
        check = _LogCheck(reading, log, heads, report, LogReading(ledger, chosen=set() if scope.period else None))
        present = check.names(keys)
        if scope.after:
            check.begin_at(first)
            present = [sequence for sequence in present if sequence >= first]
        for done, sequence in enumerate(present, 1):
            check.commit(sequence, newest=sequence == present[-1], period=scope.period)
            step("log", done, len(present))
    return check.reading


def _in_order(keys: list[str]) -> list[str]:
    """The log's objects as they are read: each segment before its checkpoint."""
    return sorted(filter(is_log_object, keys), key=lambda key: (key.partition(".")[0], key.endswith(".ckpt")))


class _LogCheck:
    def __init__(
        self, store: ReadAhead, log: VerifierKey, heads: list[Head], report: Report, reading: LogReading
    ) -> None:
        self.reading = reading
        self._store = store
        self._log = log
        self._heads = heads
        self._reached = max((head.sequence for head in heads), default=-1)
        self._report = report
        self._collector: VerifierKey | None = None
        self._next = 0
        self._tree: Tree | None = Tree()  # None: unknown, since the commit before could not be read

    def names(self, keys: list[str]) -> list[int]:
        """Step 1: the commits are numbered from 0 without a hole, up to the pinned head, and nothing else is there."""
        segments, checkpoints = sequences(keys, "seg"), sequences(keys, "ckpt")
        last = max(0, *segments, *checkpoints, self._reached)
        for gap in gaps(segments, 0, last):
            self._report.fault(segment_keys(gap), f"missing: {len(gap)} commit(s) of a log that reached commit {last}")
        for key in keys:
            if not is_log_object(key):
                self._report.fault(key, "has no place in a log")
        for sequence in sorted(set(checkpoints).difference(segments)):
            self._signed_head(checkpoint_key(sequence))
        return segments

    def begin_at(self, sequence: int) -> None:
        """Leave out what is before a head; only the genesis is read, which names the key."""
        if sequence > 0:
            self._segment(0)
        self._next, self._tree = sequence, None

    def commit(self, sequence: int, *, newest: bool, period: Period | None = None) -> None:
        """Steps 2 to 6 for one commit; the citations are kept when it is of the period."""
        segment = self._segment(sequence)
        if sequence != self._next:
            self._tree = None
        self._next = sequence + 1
        after = self._chained(segment) if segment else None
        self._checkpoint(sequence, after, newest=newest)
        self._tree = after
        if segment and after:
            self._leaves(segment, period)
            self._brought(segment)
            self._head(Head(sequence, after.size, after.root()))

    def _segment(self, sequence: int) -> Segment | None:
        """Step 2: the segment reads back, is of this log, in its own place, and signed by the collector's key."""
        key = segment_key(sequence)
        try:
            signed = decode(self._store.get(key) or b"")
            segment = signed.segment
            if segment.origin != self._log.name:
                raise ValueError(f"is of the log {segment.origin!r}, not {self._log.name!r}")  # noqa: TRY301 - one list
            if segment.sequence != sequence:
                raise ValueError(f"holds commit {segment.sequence}: segments were swapped")  # noqa: TRY301 - one list
            if not segment.leaves:
                raise ValueError("has no leaf")  # noqa: TRY301 - one list
            if sequence == 0:
                self._collector = self._genesis(segment).collector
            if self._collector:
                signed.check(self._collector)
        except ValueError as error:
            self._report.fault(key, str(error))
            return None
        except ArchiveError as error:
            self._report.could_not_read(key, error)
            return None
        return segment

    def _genesis(self, segment: Segment) -> Genesis:
        first = Genesis.decode(segment.leaves[0])
        if first.log != self._log:
            raise ValueError(f"the genesis names the log key {first.log}, not the one given")
        if first.origin != self._log.name:
            raise ValueError(f"the genesis is of the log {first.origin!r}, not {self._log.name!r}")
        return first

    def _chained(self, segment: Segment) -> Tree:
        """Step 3: the commit starts from the tree that the commits before it make."""
        if self._tree is not None and segment.before != self._tree:
            self._report.fault(segment_key(segment.sequence), "does not continue the commit before it")
        return segment.after()

    def _checkpoint(self, sequence: int, after: Tree | None, *, newest: bool) -> None:
        """Step 4: a checkpoint signed by the log's key is there, and is for the tree that the leaves make."""
        key = checkpoint_key(sequence)
        checkpoint = self._signed_head(key, pending=newest and self._reached < sequence)
        if checkpoint and after and (checkpoint.size, checkpoint.root) != (after.size, after.root()):
            self._report.fault(
                key, "is signed for another tree than the segments make: two histories, or changed leaves"
            )

    def _signed_head(self, key: str, *, pending: bool = False) -> Checkpoint | None:
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
            checkpoint = Checkpoint.parse(open_note(content, self._log))
            if checkpoint.origin != self._log.name:
                raise ValueError(f"is of the log {checkpoint.origin!r}")  # noqa: TRY301 - one list
        except ValueError as error:
            self._report.fault(key, str(error))
            return None
        return checkpoint

    def _leaves(self, segment: Segment, period: Period | None) -> None:
        """Step 5: each leaf is canonical JSON with a kind; a run has all its evidence beside it in the same commit."""
        leaves = list(enumerate(segment.leaves, segment.before.size))
        evidence = [leaf for index, leaf in leaves if index and evidence_leaves.may_be_evidence(leaf)]
        read = None if period else evidence_leaves.read(evidence)
        cited: set[Citation] = set()
        evidence_of: Counter[str] = Counter()
        if read:
            cited, evidence_of = read
            leaves = [(index, leaf) for index, leaf in leaves if not (index and evidence_leaves.may_be_evidence(leaf))]
        alone = list(self._one_by_one(segment.sequence, leaves, cited))
        for problem in _run_problems((leaf for leaf in alone if leaf["kind"] in _ABOUT_RUNS), evidence_of):
            self._report.fault(segment_key(segment.sequence), problem)
        if period is None or period.holds(alone):
            self.reading.ledger.cite(segment.sequence, cited)
            if self.reading.chosen is not None:
                self.reading.chosen.add(segment.sequence)
        self._report.segments += 1
        self._report.leaves += len(segment.leaves)

    def _one_by_one(
        self, sequence: int, leaves: list[tuple[int, bytes]], cited: set[Citation]
    ) -> Iterator[dict[str, Any]]:
        """The leaves that are as they must be; what they cite is added to `cited`."""
        for index, encoded in leaves:
            try:
                leaf = _decoded(encoded)
                if (leaf["kind"] == genesis.KIND) != (index == 0):
                    raise ValueError("a genesis is the first leaf of a log and no other")  # noqa: TRY301 - one list
            except ValueError as error:
                self._report.fault(segment_key(sequence), f"leaf {index}: {error}")
                continue
            try:
                cited.update(citations(leaf))
            except ValueError as error:
                self._report.fault(segment_key(sequence), f"leaf {index}: {error}")
            yield leaf

    def _brought(self, segment: Segment) -> None:
        """Step 7, as far as the headers go: no two of them give one object another SHA-256."""
        for stored in segment.objects:
            digest, sequence = self.reading.objects.setdefault(stored.key, (stored.digest, segment.sequence))
            if digest != stored.digest:
                problem = f"names {stored.key} with another SHA-256 than {segment_key(sequence)}"
                self._report.fault(segment_key(segment.sequence), problem)

    def _head(self, head: Head) -> None:
        """Step 6: at the pinned commit the tree is the pinned one."""
        self._report.head = head
        if any(one.sequence == head.sequence and one != head for one in self._heads):
            self._report.fault(
                segment_key(head.sequence), "makes another tree than the head given: the past was rewritten"
            )


def _decoded(encoded: bytes) -> dict[str, Any]:
    leaf = canonical.parse(encoded)
    if not isinstance(leaf, dict) or not isinstance(leaf.get("kind"), str):
        raise ValueError("has no kind")  # noqa: TRY004 - the archive's text is wrong, not a caller's type
    return leaf


def _run_problems(leaves: Iterable[dict[str, Any]], evidence: Counter[str]) -> list[str]:
    """What is wrong between the run leaves and the evidence leaves of one commit.

    All `leaves` are of these two kinds; `evidence` counts the evidence leaves that are not among them, by run.
    """
    about = list(leaves)
    told = [leaf for leaf in about if isinstance(leaf.get("run"), str)]
    evidence = evidence + Counter(leaf["run"] for leaf in told if leaf["kind"] == "evidence")
    runs = Counter(leaf["run"] for leaf in told if leaf["kind"] == "run")
    problems = ["a run or evidence leaf has no run id"] * (len(told) < len(about))
    problems += [f"run {run!r} is told {times} times" for run, times in runs.items() if times > 1]
    problems += [
        f"{evidence[run]} evidence leaves of run {run!r} without its run leaf" for run in evidence.keys() - runs
    ]
    for leaf in told:
        expected, there = leaf.get("expected"), evidence[leaf["run"]]
        if leaf["kind"] == "run" and (type(expected) is not int or expected != there):
            problems.append(f"run {leaf['run']!r} expected {expected!r} evidence leaves and {there} are there")
    return problems
