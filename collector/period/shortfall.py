"""Every slot that was not done, and why: what a coverage below 100 % is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from collector.coverage import Open
from collector.slots import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.ledger import Answer, Ledger
    from collector.slots import Series

_TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Slots of one series, one after another, that were not done for the same reason."""

    series: Series
    first: datetime
    last: datetime
    count: int
    state: State | Open
    cause: str
    """Of slots that were not served, why; of those that were, the causes of the gaps in their evidence."""
    because: str


def shortfalls(
    ledger: Ledger, gaps: Mapping[int, Mapping[str, int]], start: datetime, end: datetime
) -> Iterator[Shortfall]:
    """Those from `start` up to, but without, `end`, by series.

    `gaps` are those of each evidence leaf that is not whole, counted by cause, by the leaf's index.
    """
    for series in ledger.series:
        slots = ledger.slots(series, start - _TICK, end - _TICK)
        for why, group in groupby(slots, key=lambda slot: _why(ledger.answer(series, slot), gaps)):
            moments = list(group)
            if why is not None:
                yield Shortfall(series, moments[0], moments[-1], len(moments), *why)


def _why(answer: Answer | None, gaps: Mapping[int, Mapping[str, int]]) -> tuple[State | Open, str, str] | None:
    if answer is None:
        return Open.OPEN, "", "no run has come to it yet"
    if answer.state is State.DONE:
        return None
    if answer.missed is not None:
        told = ": ".join(part for part in (answer.missed.by, answer.missed.because) if part)
        return answer.state, answer.missed.cause.value, told
    causes = gaps[answer.leaf]
    if not causes:
        return answer.state, "truncated", "totals do not tie"
    return answer.state, " ".join(sorted(causes)), "what could not be read is named in its evidence"
