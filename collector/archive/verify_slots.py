"""Step 12 of a verification: every slot that the sealed schedules have is answered, by the arithmetic of FORMAT.md.

The leaves come as the one pass over the log meets them, and are settled at once. What is kept is for each series what a
`Timeline` keeps, and the claims on slots that are still open: it grows with what is left open, not with time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from collector import cadence
from collector.archive.evidence_leaves import Served
from collector.archive.layout import LOG, segment_key
from collector.archive.reader import Reader
from collector.archive.report import Fault
from collector.archive.timeline import Timeline
from collector.basis import read_basis
from collector.errors import ArchiveError
from collector.normalise import timestamp
from collector.slots import Series, moment, read_entries, read_missed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collector.archive.report import Report
    from collector.archive.segment import Segment
    from collector.archive.store import Store
    from collector.slots import Missed

_TICK = timedelta.resolution


class SlotCheck:
    """Is given each commit's leaves about slots, in the order of the log; `conclude` puts the verdict into a report."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._where: dict[str, str] = {}
        """Digest of a document that was read -> the object that holds it."""
        self._lines: dict[Series, Timeline] = {}
        self._schedules: list[tuple[datetime, int]] = []
        """From when on each holds, and its commit."""
        self._turns: list[_Turn] = []
        self._worth_a_look = 16
        self._last: _Turn | None = None
        """The claim with the latest `at`."""
        self._waiting: dict[Series, deque[_Answer]] = {}
        """Answers to slots which a later schedule could still undo, and whatever came behind them."""
        self._strays: set[tuple[Series, datetime]] = set()
        self._served = self._missed = 0
        self._faults: list[Fault] = []
        self._again: list[str] = []
        self._stopped: Fault | ArchiveError | None = None

    def commit(self, segment: Segment, leaves: Iterable[tuple[int, Served | Mapping[str, Any]]]) -> None:
        """The leaves of one commit that say something of schedules and slots, each with its index, in order."""
        for index, leaf in leaves:
            if self._stopped is not None:
                return
            try:
                self._take(segment, index, leaf)
            except ArchiveError as error:
                self._stopped = error
            except (KeyError, TypeError, AttributeError) as error:
                self._stop(segment, f"leaf {index} is not as its kind has to be: {error!r}")
            except ValueError as error:
                self._stop(segment, f"leaf {index}: {error}")

    def conclude(self, report: Report) -> None:
        """Step 12: put what is wrong into the report, and what a reader should know of the slots.

        Left out, with a note, when the log itself has a fault: slots from half a log would be faults of nobody.
        """
        if any(fault.object.startswith(LOG) for fault in report.faults):
            report.notes.append("Slots not checked: the log they follow from has a fault.")
        elif isinstance(self._stopped, ArchiveError):
            report.notes.append(f"Slots not checked: {self._stopped}")
        elif self._stopped is not None:
            report.faults.append(self._stopped)
        else:
            for series, waiting in self._waiting.items():
                for one in waiting:
                    self._settle(series, one)
            open_slots = self._unanswered(self._last) if self._last else 0
            report.faults += self._faults
            report.notes += self._again
            if self._last:
                report.notes.append(
                    f"Slots: {self._served + self._missed + open_slots} due up to {timestamp(self._last.at)}, "
                    f"{self._served} of them served and {self._missed} sealed as missed. Whoever ought to have "
                    "collected since then has not said so."
                )

    def _take(self, segment: Segment, index: int, leaf: Served | Mapping[str, Any]) -> None:
        if isinstance(leaf, Served):
            slot = _moment(leaf.slot)
            return self._answer(Series(*leaf.series), _Answer(segment.sequence, index, slot, slot))
        match leaf["kind"]:
            case "schedule":
                self._basis(segment, index, leaf)
                self._schedule(segment, leaf)
            case "claim":
                self._basis(segment, index, leaf)
                self._claim(_Turn(segment.sequence, index, leaf["run"], moment(leaf["at"]), moment(leaf["until"])))
            case "run":
                for turn in self._turns:
                    if turn.run == leaf["run"] and turn.ended is None:
                        turn.ended = index
            case "evidence":
                slot = moment(leaf["slot"])
                series = Series(leaf["type"], leaf["provider"], leaf["unit"])
                self._answer(series, _Answer(segment.sequence, index, slot, slot))
            case "missed":
                for one in read_missed(self._document(segment, leaf["slots"]["sha256"])):
                    self._answer(one.series, _Answer(segment.sequence, index, one.first, one.last, one))
        return None

    def _schedule(self, segment: Segment, leaf: Mapping[str, Any]) -> None:
        entries = {one.series: one for one in read_entries(self._document(segment, leaf["entries"]["sha256"]))}
        for text in {entry.cadence for entry in entries.values()}:
            cadence.parse(text)
        # Clocks can be set back; what was settled under one schedule is not reopened by the next.
        at = max([moment(leaf["at"]), *self._latest()])
        self._schedules.append((at, segment.sequence))
        for series in entries.keys() | self._lines.keys():
            self._line(series).rule(at, entries[series].cadence if series in entries else None)

    def _claim(self, turn: _Turn) -> None:
        self._turns.append(turn)
        if self._last is None or turn.at > self._last.at:
            self._last = turn
            for series in list(self._waiting):
                waiting = self._waiting[series]
                while waiting and waiting[0].end <= turn.at:
                    self._settle(series, waiting.popleft())
                if not waiting:
                    del self._waiting[series]
        if len(self._turns) > self._worth_a_look:
            oldest = self._oldest_open()
            self._turns = [one for one in self._turns if oldest is not None and one.at >= oldest]
            self._worth_a_look = 2 * len(self._turns) + 16

    def _oldest_open(self) -> datetime | None:
        """The earliest slot up to the last claim that nothing answers yet."""
        found = (line.first_open() for line in self._lines.values())
        return min((slot for slot in found if slot and self._last and slot <= self._last.at), default=None)

    def _basis(self, segment: Segment, index: int, leaf: Mapping[str, Any]) -> None:
        """What the leaf says a reader need not read holds nothing that such a reader would miss."""
        basis = read_basis(leaf)
        if basis is None:
            return
        oldest = self._oldest_open()
        if basis.settled and ((oldest and oldest <= basis.settled) or not self._known(basis.settled)):
            self._fault(segment.sequence, index, f"says that every slot up to {timestamp(basis.settled)} is answered")
        ruling = sum(basis.settled is not None and at <= basis.settled for at, _ in self._schedules)
        needed = {commit for _, commit in self._schedules[max(0, ruling - 1) :]}
        needed |= {turn.sequence for turn in self._turns if oldest and turn.at >= oldest}
        if unread := sorted(one for one in needed if one < basis.since and one not in basis.besides):
            self._fault(segment.sequence, index, f"leaves out commit {unread[0]}, which open slots follow from")

    def _known(self, instant: datetime) -> bool:
        """Whether nothing that comes can add a slot so early."""
        begun = bool(self._schedules) and instant <= self._schedules[0][0]
        return begun or (self._last is not None and instant <= self._last.at)

    def _latest(self) -> list[datetime]:
        return [*(at for at, _ in self._schedules[-1:]), *([self._last.at] if self._last else [])]

    def _answer(self, series: Series, one: _Answer) -> None:
        if series in self._waiting or self._last is None or one.end > self._last.at:
            self._waiting.setdefault(series, deque()).append(one)
        else:
            self._settle(series, one)

    def _settle(self, series: Series, one: _Answer) -> None:
        line = self._line(series)
        if one.missed:
            self._stretch(line, one, one.missed)
        elif not line.has(one.first) and (series, one.first) not in self._strays:
            self._strays.add((series, one.first))
            problem = f"answers {_named(series)} at {timestamp(one.first)}, which no schedule has"
            self._fault(one.sequence, one.leaf, problem)
        elif (series, one.first) in self._strays or line.answer((one.first,)):
            where = f"{_named(series)} at {timestamp(one.first)}"
            self._again.append(f"Answered twice: {where}, again by leaf {one.leaf}; the first answer counts.")
        else:
            self._served += self._counts(one.first)

    def _stretch(self, line: Timeline, one: _Answer, missed: Missed) -> None:
        within = list(line.slots(missed.first - _TICK, missed.last))
        if not within or (within[0], within[-1], len(within)) != (missed.first, missed.last, missed.count):
            told = f"{missed.count} slots of {_named(missed.series)} from {timestamp(missed.first)}"
            problem = f"misses {told} to {timestamp(missed.last)}; the schedule has {len(within)}"
            self._fault(one.sequence, one.leaf, problem)
        counted = [slot for slot in within if self._counts(slot)]
        if counted:
            self._missed += len(counted) - line.answer(counted)
        if later := within[len(counted) :]:
            line.answer(later)

    def _counts(self, slot: datetime) -> bool:
        return self._last is not None and slot <= self._last.at

    def _unanswered(self, last: _Turn) -> int:
        """Name what has no answer and is nobody's any more; how many slots have none."""
        number = 0
        for series in sorted(self._lines):
            found = list(self._lines[series].open(last.at))
            number += len(found)
            if lost := [slot for slot in found if not self._held(slot, last)]:
                problem = f"claims every slot up to {timestamp(last.at)}, and {len(lost)} of {_named(series)} have no "
                problem += f"answer, from {timestamp(lost[0])} to {timestamp(lost[-1])}"
                self._faults.append(Fault(segment_key(last.sequence), problem))
        return number

    def _held(self, slot: datetime, last: _Turn) -> bool:
        """Whether somebody may still be at it."""
        holder: _Turn | None = None
        for turn in self._turns:
            if slot <= turn.at and (holder is None or holder.over(turn)):
                holder = turn
        return holder is not None and holder.until > last.at and holder.ended is None

    def _line(self, series: Series) -> Timeline:
        if series not in self._lines:
            self._lines[series] = Timeline()
        return self._lines[series]

    def _document(self, segment: Segment, sha256: str) -> bytes:
        """A content, looked for where its commit put it: only what an earlier commit brought is searched for."""
        reader = Reader(self._store)
        near = [self._where[sha256]] if sha256 in self._where else [one.key for one in segment.objects]
        content = reader.content(sha256, near)
        self._where[sha256] = reader.locate(sha256)
        return content

    def _fault(self, sequence: int, leaf: int, problem: str) -> None:
        self._faults.append(Fault(segment_key(sequence), f"leaf {leaf} {problem}"))

    def _stop(self, segment: Segment, problem: str) -> None:
        self._stopped = Fault(segment_key(segment.sequence), problem)


@dataclass(slots=True)
class _Turn:
    """A claim; `ended` is the index of its run's leaf."""

    sequence: int
    leaf: int
    run: str
    at: datetime
    until: datetime
    ended: int | None = None

    def over(self, then: _Turn) -> bool:
        """Whether a later claim gets what this one has."""
        return self.until <= then.at or (self.ended is not None and self.ended < then.leaf)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A leaf that answers the slots from `first` to `last`: evidence for one, or a stretch that was missed."""

    sequence: int
    leaf: int
    first: datetime
    last: datetime
    missed: Missed | None = None

    @property
    def end(self) -> datetime:
        """Its latest slot, also where it is the wrong way round."""
        return max(self.first, self.last)


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    """All leaves of a run say the same few times."""
    return moment(text)


def _named(series: Series) -> str:
    return " ".join(series)
