"""Step 12 of a verification: every slot that the sealed schedules have is answered, by the arithmetic of FORMAT.md."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

from collector.archive.layout import LOG, segment_key
from collector.archive.reader import Reader
from collector.errors import ArchiveError
from collector.ledger import read
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.ledger import Answer, Claim, Ledger, Missed, Series


def check_slots(store: Store, report: Report) -> None:
    """Step 12: compute the slots, hold each against its answer, and put what is wrong into the report.

    Left out, with a note, when the log itself has a fault: slots computed from half a log would be faults of nobody.
    """
    if any(fault.object.startswith(LOG) for fault in report.faults):
        report.notes.append("Slots not checked: the log they follow from has a fault.")
        return
    places = _Places()
    reader = Reader(store)
    try:
        ledger = read(places.of(reader), reader.content)
        check = _SlotCheck(ledger, places, report)
        for series in sorted({*ledger.series, *ledger.served, *ledger.missed}):
            check.series(series)
    except ArchiveError as error:
        report.notes.append(f"Slots not checked: {error}")
    except ValueError as error:
        report.fault(places.last, str(error))
    else:
        check.conclude()


class _Places:
    """Remembers which segment each leaf is in."""

    def __init__(self) -> None:
        self.last = segment_key(0)
        self._firsts: list[int] = []
        self._sequences: list[int] = []

    def of(self, reader: Reader) -> Iterator[tuple[int, dict[str, Any]]]:
        for leaf in reader.leaves():
            if self._sequences[-1:] != [leaf.sequence]:
                self._firsts.append(leaf.index)
                self._sequences.append(leaf.sequence)
                self.last = segment_key(leaf.sequence)
            yield leaf.index, leaf.body

    def segment(self, leaf: int) -> str:
        return segment_key(self._sequences[bisect_right(self._firsts, leaf) - 1])


class _SlotCheck:
    def __init__(self, ledger: Ledger, places: _Places, report: Report) -> None:
        self._ledger = ledger
        self._places = places
        self._report = report
        self._last: Claim | None = max(ledger.claims, key=lambda claim: claim.at, default=None)
        self._due = self._served = self._missed = 0

    def series(self, series: Series) -> None:
        """Each answer is for slots that there are, and each slot up to the last claim has one or is still held."""
        served = self._ledger.served.get(series, {})
        stretches = self._ledger.missed.get(series, [])
        ends = [*served, *(missed.last for missed, _ in stretches), *([self._last.at] if self._last else [])]
        first = self._ledger.rules[0].at if self._ledger.rules else max(ends)
        slots = list(self._ledger.slots(series, first, max(ends, default=first)))
        known = set(slots)
        for slot, answer in served.items():
            if slot not in known:
                self._fault(answer, f"answers {_named(series)} at {timestamp(slot)}, which no schedule has")
        for missed, answer in stretches:
            self._stretch(missed, answer, slots)
        if self._last:
            self._unanswered(series, slots[: bisect_right(slots, self._last.at)], self._last)

    def conclude(self) -> None:
        """What a reader should know of the slots: how many there were, and which answers came second."""
        for series, slot, leaf in self._ledger.again:
            where = f"{_named(series)} at {timestamp(slot)}"
            self._report.notes.append(f"Answered twice: {where}, again by leaf {leaf}; the first answer counts.")
        if self._last:
            self._report.notes.append(
                f"Slots: {self._due} due up to {timestamp(self._last.at)}, {self._served} of them served and "
                f"{self._missed} sealed as missed. Whoever ought to have collected since then has not said so."
            )

    def _stretch(self, missed: Missed, answer: Answer, slots: list[datetime]) -> None:
        within = slots[bisect_left(slots, missed.first) : bisect_right(slots, missed.last)]
        if not within or (within[0], within[-1], len(within)) != (missed.first, missed.last, missed.count):
            told = f"{missed.count} slots of {_named(missed.series)} from {timestamp(missed.first)}"
            self._fault(answer, f"misses {told} to {timestamp(missed.last)}; the schedule has {len(within)}")

    def _unanswered(self, series: Series, slots: list[datetime], last: Claim) -> None:
        lost = []
        for slot in slots:
            answer = self._ledger.answer(series, slot)
            self._due += 1
            self._served += answer is not None and answer.missed is None
            self._missed += answer is not None and answer.missed is not None
            if answer is None and not self._held(slot, last):
                lost.append(slot)
        if lost:
            self._report.fault(
                self._places.segment(last.leaf),
                f"claims every slot up to {timestamp(last.at)}, and {len(lost)} of {_named(series)} have no answer, "
                f"from {timestamp(lost[0])} to {timestamp(lost[-1])}",
            )

    def _held(self, slot: datetime, last: Claim) -> bool:
        """Whether somebody may still be at it."""
        turns = self._ledger.holders(slot)
        return bool(turns) and turns[-1].until > last.at and turns[-1].run not in self._ledger.ended

    def _fault(self, answer: Answer, problem: str) -> None:
        self._report.fault(self._places.segment(answer.leaf), f"leaf {answer.leaf} {problem}")


def _named(series: Series) -> str:
    return " ".join(series)
