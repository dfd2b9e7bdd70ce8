"""What was due of a control's evidence and not read: pure.

Two kinds of evidence answer no slot. What was uploaded by hand stands until the next of its kind, so nothing was due
between; what the collector makes of its own beside a run was due whenever a run was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from collector.slots import Cause

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from collector.ledger import Answer, Ledger, Rule
    from collector.slots import Series

OWN = "agent"
"""The provider of what the collector makes itself."""


class Holes:
    """The slots that no evidence answers which this control has judged, for each series; read off once."""

    def __init__(self, ledger: Ledger, judged: Iterable[int], standing: Collection[Series], end: datetime) -> None:
        """`judged` are the evidence leaves that any outcome of the control cites; slots up to `end` are looked at.

        `standing` are the series of which something was uploaded by hand.
        """
        self._ledger = ledger
        self._judged = frozenset(judged)
        self._standing = standing
        self._end = end
        self._known: dict[Series, list[tuple[datetime, str]]] = {}

    def between(self, series: Iterable[Series], after: datetime, upto: datetime) -> str:
        """What was missed of these series between two moments, in words; empty when nothing was."""
        told = [words for one in sorted(series) if (words := self._told(one, after, upto))]
        return "; ".join(told)

    def _told(self, series: Series, after: datetime, upto: datetime) -> str:
        if not self._in_force(series, after, upto):
            return "" if series in self._standing else f"{series.type}: no schedule had it collected"
        holes = self._of(series)
        inside = holes[bisect_right(holes, after, key=_at) : bisect_right(holes, upto, key=_at)]
        counted = Counter(why for _, why in inside)
        return ", ".join(f"{series.type}: {count} slots {why}" for why, count in sorted(counted.items()))

    def _in_force(self, series: Series, after: datetime, upto: datetime) -> bool:
        """Whether every schedule from one moment to the other names it, and there was one from the start."""
        rules = self._ledger.rules
        first = bisect_right(rules, after, key=_begun) - 1
        return first >= 0 and all(
            series in rule.entries or series.provider == OWN
            for rule in rules[first : bisect_right(rules, upto, key=_begun)]
        )

    def _of(self, series: Series) -> list[tuple[datetime, str]]:
        if series not in self._known:
            found = self._without_run() if series.provider == OWN else self._unserved(series)
            self._known[series] = sorted(found.items())
        return self._known[series]

    def _unserved(self, series: Series) -> dict[datetime, str]:
        answers = self._answers(series)
        return {slot: why for slot, answer in answers if (why := _why(answer) or self._unjudged(answer))}

    def _without_run(self) -> dict[datetime, str]:
        """Every moment at which anything was due and no run came, be it before the next one or after the last."""
        last = max((claim.at for claim in self._ledger.claims), default=self._ledger.rules[0].at)
        answers = (one for series in self._ledger.series for one in self._answers(series))
        return {slot: _why(answer) for slot, answer in answers if (_nobody_came(answer) if answer else slot > last)}

    def _answers(self, series: Series) -> Iterator[tuple[datetime, Answer | None]]:
        for slot in self._ledger.slots(series, self._ledger.rules[0].at, self._end):
            yield slot, self._ledger.answer(series, slot)

    def _unjudged(self, answer: Answer | None) -> str:
        return "" if answer is None or answer.leaf in self._judged else "collected and never judged"


def _why(answer: Answer | None) -> str:
    if answer is None:
        return "not served yet"
    if answer.missed is None:
        return ""
    told = ": ".join(part for part in (answer.missed.cause.value, answer.missed.because) if part)
    return f"missed ({told})"


def _nobody_came(answer: Answer) -> bool:
    return answer.missed is not None and answer.missed.cause is Cause.NOT_RUNNING


def _at(hole: tuple[datetime, str]) -> datetime:
    return hole[0]


def _begun(rule: Rule) -> datetime:
    return rule.at
