"""What was due of a control's evidence and not read: pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.ledger import Ledger, Rule
    from collector.slots import Series


class Holes:
    """The slots that no evidence answers which this control has judged, for each series; read off once."""

    def __init__(self, ledger: Ledger, judged: Iterable[int], end: datetime) -> None:
        """`judged` are the evidence leaves that any outcome of the control cites; slots up to `end` are looked at."""
        self._ledger = ledger
        self._judged = frozenset(judged)
        self._end = end
        self._known: dict[Series, list[tuple[datetime, str]]] = {}

    def between(self, series: Iterable[Series], after: datetime, upto: datetime) -> str:
        """What was missed of these series between two moments, in words; empty when nothing was."""
        told = [words for one in sorted(series) if (words := self._told(one, after, upto))]
        return "; ".join(told)

    def _told(self, series: Series, after: datetime, upto: datetime) -> str:
        if not self._in_force(series, after, upto):
            return f"{series.type}: no schedule had it collected"
        holes = self._of(series)
        inside = holes[bisect_right(holes, after, key=_at) : bisect_right(holes, upto, key=_at)]
        counted = Counter(why for _, why in inside)
        return ", ".join(f"{series.type}: {count} slots {why}" for why, count in sorted(counted.items()))

    def _in_force(self, series: Series, after: datetime, upto: datetime) -> bool:
        """Whether every schedule from one moment to the other names it, and there was one from the start."""
        rules = self._ledger.rules
        first = bisect_right(rules, after, key=_begun) - 1
        return first >= 0 and all(
            series in rule.entries for rule in rules[first : bisect_right(rules, upto, key=_begun)]
        )

    def _of(self, series: Series) -> list[tuple[datetime, str]]:
        if series not in self._known:
            slots = self._ledger.slots(series, self._ledger.rules[0].at, self._end)
            self._known[series] = [(slot, why) for slot in slots if (why := self._why(series, slot))]
        return self._known[series]

    def _why(self, series: Series, slot: datetime) -> str:
        answer = self._ledger.answer(series, slot)
        if answer is None:
            return "not served yet"
        if answer.missed is not None:
            told = ": ".join(part for part in (answer.missed.cause.value, answer.missed.because) if part)
            return f"missed ({told})"
        return "" if answer.leaf in self._judged else "collected and never judged"


def _at(hole: tuple[datetime, str]) -> datetime:
    return hole[0]


def _begun(rule: Rule) -> datetime:
    return rule.at
