"""What was missed: back-filled where a later window covers its time, lost by its dates where none can, open else."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.period.gaps import Gap, Recovery, gaps_in
from collector.period.span import Period
from tests.period.written import EVENTS, STATES, Log, at

PERIOD = Period.of(date(2026, 1, 1), date(2026, 1, 20))


def of(log: Log, kind: str, period: Period = PERIOD) -> list[Gap]:
    found = gaps_in(log.leaves, log.contents.__getitem__, period)
    return [one for one in found if one.slots.series.type == kind and one.slots.state != "open"]


def outage(continues: float, begin: float, *, complete: bool = True) -> Log:
    """Read up to noon of day 2, missed on days 3 to 7, read again at noon of day 8."""
    log = Log()
    log.window(0, 2.5, [], continues=None)
    log.missed(EVENTS, 3, 7)
    log.window(begin, 8.5, [], continues=continues, gap="" if complete else "page 2")
    return log


def test_a_later_window_that_covers_it_all_fills_it() -> None:
    (gap,) = of(outage(2.5, 2.4), EVENTS)
    assert (gap.recovery, gap.slots.count, gap.population) == (Recovery.BACK_FILLED, 5, True)
    assert (gap.start, gap.end) == (at(2.5), at(7.5))
    (part,) = gap.stretches
    assert part.collected == at(8.5), "later than its time, and it shows"


def test_what_the_source_forgot_is_lost_by_its_dates_and_the_rest_filled() -> None:
    (gap,) = of(outage(2.5, 5), EVENTS)
    assert gap.recovery is Recovery.PARTLY
    assert [(one.recovery, one.start, one.end) for one in gap.stretches] == [
        (Recovery.LOST, at(2.5), at(5)),
        (Recovery.BACK_FILLED, at(5), at(7.5)),
    ]


def test_what_nothing_has_read_whole_is_open() -> None:
    (gap,) = of(outage(2.5, 2.5, complete=False), EVENTS)
    assert gap.recovery is Recovery.OPEN


def test_a_state_that_nobody_looked_at_cannot_be_looked_at_later() -> None:
    log = Log()
    log.evidence(STATES, 2, "t")
    log.missed(STATES, 3, 7)
    log.evidence(STATES, 8, "t")
    gap = of(log, STATES)[-1]
    assert (gap.recovery, gap.population) == (Recovery.LOST, False)
    assert (gap.start, gap.end) == (at(2.5), at(8.5)), "nobody knows of it from one look to the next"
    assert gap.slots.cause == "not_running"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60), st.booleans()), max_size=6),
    st.integers(1, 6),
    st.integers(0, 3),
)
def test_each_moment_of_a_gap_is_in_one_stretch_of_it(
    windows: list[tuple[int, int, bool]], first: int, more: int
) -> None:
    log = Log()
    log.missed(EVENTS, first, first + more)
    for begin, length, whole in windows:
        log.window(begin / 24, (begin + length) / 24, [], continues=None, gap="" if whole else "x")
    (gap,) = (one for one in of(log, EVENTS) if one.slots.cause == "not_running")
    reached = gap.start
    for one in gap.stretches:
        assert one.start == reached
        reached = one.end
    assert reached == gap.end
    read = {hour for begin, length, whole in windows if whole for hour in range(begin, begin + length)}
    for hour in range(24 * (first - 1) + 12, 24 * (first + more) + 12):
        middle = at(hour / 24) + timedelta(minutes=30)
        (inside,) = (one for one in gap.stretches if one.start <= middle < one.end) if middle >= gap.start else (None,)
        assert inside is None or (inside.recovery is Recovery.BACK_FILLED) == (hour in read)
