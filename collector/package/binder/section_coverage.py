"""05-coverage: every slot of every evidence type and scope, each that was not done, and what whole runs lacked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.coverage import COLUMNS, coverage
from collector.normalise import timestamp
from collector.package.binder import cells
from collector.package.binder.render import page
from collector.period.gaps import gaps_in
from collector.period.span import Period
from collector.slots import State, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.package.binder.binder import Binder
    from collector.period.gaps import Gap, Stretch

_TICK = timedelta.resolution
_COVERAGE = ("evidence_type", "provider", "scope", "due", *(state.value for state in COLUMNS))
_GAPS = (
    "evidence_type", "provider", "scope", "first_slot", "last_slot", "slots", "state", "cause", "because", "recovery",
    "told_by",
)  # fmt: skip
_RUNS = ("run", "started", "leaf", "cause", "subject", "detail")
_SLOTS = ("evidence_type", "provider", "scope", "slot", "state", "cause", "leaf")


def put_coverage(binder: Binder) -> None:
    """Write the calendar's page, the counts, the gaps and the slots."""
    shelf, period, gaps = binder.shelf, binder.period, gaps_of(binder)
    counted = coverage(binder.ledger, period.start, period.end) if binder.ledger.rules else []
    shelf.put(
        "05-coverage/coverage.csv",
        cells.document(
            _COVERAGE, [(*one.series, one.due, *(one.counts.get(state, 0) for state in COLUMNS)) for one in counted]
        ),
    )
    rows = [
        (*one.slots.series, one.slots.first, one.slots.last, one.slots.count, one.slots.state.value, one.slots.cause,
         one.slots.because, one.recovery.value, "; ".join(map(told, one.stretches)))
        for one in gaps
    ]  # fmt: skip
    shelf.put("05-coverage/gaps.csv", cells.document(_GAPS, rows))
    shelf.put("05-coverage/slots.csv", lambda: cells.document(_SLOTS, _slots(binder)))
    of_runs = run_gaps(binder)
    shelf.put("05-coverage/runs.csv", cells.document(_RUNS, of_runs))
    place = "05-coverage/index.html"
    known = {"binder": binder, "gaps": gaps, "of_runs": of_runs, "counted": counted, "columns": COLUMNS, "told": told}
    shelf.put(place, lambda: page("binder/coverage.html.j2", place, **known))


def gaps_of(binder: Binder) -> list[Gap]:
    """Every gap of the period."""
    period = binder.period
    days = Period(period.start, period.end, period.zone, period.first, period.last)
    return gaps_in(binder.log.pairs, binder.log.reader.content, days) if binder.ledger.rules else []


def run_gaps(binder: Binder) -> list[tuple[object, ...]]:
    """What whole runs of the period lacked: a provider or connector with which none of them could even begin."""
    period = binder.period
    return [
        (leaf.body["run"], leaf.body["started"], leaf.index, gap["cause"], gap["subject"], gap["detail"])
        for leaf in binder.log.runs.values()
        if moment(leaf.body["started"]) < period.end and moment(leaf.body["ended"]) >= period.start
        for gap in leaf.body["gaps"]
    ]


def told(stretch: Stretch) -> str:
    """What became of a part of a gap's time, in words."""
    when = f"{timestamp(stretch.start)} to {timestamp(stretch.end)}: {stretch.recovery.value}"
    return f"{when} at {timestamp(stretch.collected)}, leaf {stretch.leaf}" if stretch.collected else when


def _slots(binder: Binder) -> Iterator[tuple[object, ...]]:
    ledger, period = binder.ledger, binder.period
    for series in ledger.series:
        for slot in ledger.slots(series, period.start - _TICK, period.end - _TICK):
            answer = ledger.answer(series, slot)
            if answer is None:
                yield *series, slot, "open", None, None
            else:
                cause = answer.missed.cause.value if answer.missed else None
                yield *series, slot, answer.state.value, cause, answer.leaf


def share_done(binder: Binder) -> tuple[int, int]:
    """How many slots are done, of how many."""
    counted = coverage(binder.ledger, binder.period.start, binder.period.end) if binder.ledger.rules else []
    return sum(one.counts.get(State.DONE, 0) for one in counted), sum(one.due for one in counted)
