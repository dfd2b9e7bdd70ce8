"""Step 5 of a verification: each leaf is what it must be, and what it says about things outside the log is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import evidence_leaves, genesis, statements, void
from collector.archive.citations import citations
from collector.archive.layout import segment_key
from collector.archive.statements import SampleCheck
from collector.archive.time_leaves import TimeReading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.archive.citations import Cited
    from collector.archive.evidence_leaves import Served
    from collector.archive.ledger import Ledger
    from collector.archive.period import Period
    from collector.archive.report import Report
    from collector.archive.segment import Segment
    from collector.archive.verify_slots import SlotCheck

_ABOUT_RUNS = frozenset({"run", "evidence"})
_ABOUT_SLOTS = frozenset({"schedule", "claim", "missed"})
_Slots = list[tuple[int, "Served | dict[str, Any]"]]


@dataclass(slots=True)
class LogReading:
    """What the log says about everything outside it.

    `objects`: key of each pack and blob -> digest of its bytes, and the commit that brought it. `ledger`: what the
    leaves of the chosen commits cite. `chosen`: those commits, where not all were chosen. `time`: what it says about
    trusted time. `signed`: the commits whose checkpoint holds. `slots`: what follows it slot by slot, if anything does.
    `scheduled`: whether there is anything about schedules. `samples`: what is to be drawn once more.
    """

    ledger: Ledger
    objects: dict[str, tuple[str, int]] = field(default_factory=dict)
    chosen: set[int] | None = None
    time: TimeReading = field(default_factory=TimeReading)
    signed: set[int] = field(default_factory=set)
    slots: SlotCheck | None = None
    scheduled: bool = False
    samples: SampleCheck = field(default_factory=SampleCheck)


class LeafCheck:
    """Looks at the leaves of one commit after another, and at the objects that the commits brought."""

    def __init__(self, reading: LogReading, report: Report) -> None:
        self._reading = reading
        self._report = report

    def leaves(self, segment: Segment, period: Period | None) -> None:
        """Step 5: each leaf is canonical JSON with a kind; a run has all its evidence beside it in the same commit."""
        leaves = list(enumerate(segment.leaves, segment.before.size))
        many, others = _parted(leaves)
        read = None if period else evidence_leaves.read([leaf for _, leaf in many])
        cited: set[Cited] = set()
        evidence_of: Counter[str] = Counter()
        slots: _Slots = []
        if read:
            cited, evidence_of, served = read
            slots += [(index, one) for (index, _), one in zip(many, served, strict=True) if one]
            leaves = others
        alone = list(self._one_by_one(segment.sequence, leaves, cited, slots))
        if self._reading.slots:
            self._reading.slots.commit(segment, sorted(slots, key=_index))
        for problem in _run_problems((leaf for leaf in alone if leaf["kind"] in _ABOUT_RUNS), evidence_of):
            self._report.fault(segment_key(segment.sequence), problem)
        if period is None or period.holds(alone):
            self._reading.ledger.cite(segment.sequence, cited)
            if self._reading.chosen is not None:
                self._reading.chosen.add(segment.sequence)

    def brought(self, segment: Segment) -> None:
        """Step 7, as far as the headers go: no two of them give one object another SHA-256."""
        for stored in segment.objects:
            digest, sequence = self._reading.objects.setdefault(stored.key, (stored.digest, segment.sequence))
            if digest != stored.digest:
                problem = f"names {stored.key} with another SHA-256 than {segment_key(sequence)}"
                self._report.fault(segment_key(segment.sequence), problem)

    def _one_by_one(
        self, sequence: int, leaves: list[tuple[int, bytes]], cited: set[Cited], slots: _Slots
    ) -> Iterator[dict[str, Any]]:
        """The leaves that are as they must be; what they cite and say of slots is added to `cited` and `slots`."""
        for index, encoded in leaves:
            try:
                leaf = _leaf_in(encoded, index)
            except ValueError as error:
                self._report.fault(segment_key(sequence), f"leaf {index}: {error}")
                continue
            try:
                cited.update(citations(leaf))
                statements.check(leaf)
                self._reading.samples.take(sequence, index, leaf)
                self._reading.time.take(sequence, leaf)
                self._reading.scheduled |= leaf["kind"] in _ABOUT_SLOTS
            except ValueError as error:
                self._report.fault(segment_key(sequence), f"leaf {index}: {error}")
            if leaf["kind"] in _ABOUT_SLOTS or leaf["kind"] == "run" or leaf.get("slot") is not None:
                slots.append((index, leaf))
            yield leaf


def _parted(leaves: list[tuple[int, bytes]]) -> tuple[list[tuple[int, bytes]], list[tuple[int, bytes]]]:
    """Those that are evidence by the look of them, and the others; the genesis is never evidence."""
    many: list[tuple[int, bytes]] = []
    others: list[tuple[int, bytes]] = []
    for one in leaves:
        (many if one[0] and evidence_leaves.may_be_evidence(one[1]) else others).append(one)
    return many, others


def _leaf_in(encoded: bytes, index: int) -> dict[str, Any]:
    leaf = canonical.parse(encoded)
    if not isinstance(leaf, dict) or not isinstance(leaf.get("kind"), str):
        raise ValueError("has no kind")  # noqa: TRY004 - the archive's text is wrong, not a caller's type
    if (leaf["kind"] == genesis.KIND) != (index == 0):
        raise ValueError("a genesis is the first leaf of a log and no other")
    if leaf["kind"] == void.KIND:
        raise ValueError("a void leaf follows from a rule, and no segment holds one")
    return leaf


def _index(one: tuple[int, object]) -> int:
    return one[0]


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
