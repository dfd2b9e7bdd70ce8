"""Looks become intervals: every moment is covered, lengths are bounded by looks, and nothing is copied into a hole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from collector.period.intervals import Look, State, intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.period.intervals import Interval

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
P, D, U, A = State.PASS, State.DEVIATION, State.CANNOT_TELL, State.ABSENT


def day(number: float) -> datetime:
    return START + number * DAY


def look(number: float, state: State, leaf: int = 0) -> Look:
    """Begun at noon of a day, done an hour later."""
    begin = day(number) + 12 * HOUR
    return Look(
        begin, begin + HOUR, state, f"day {number}: {state}", (leaf or int(number * 10) + 1,), int(number) + 1000
    )


def made(*states: State | None, missed: frozenset[int] = frozenset(), end: float | None = None) -> list[Interval]:
    """A look a day; None: no look. The days in `missed` had a slot that was not served."""
    looks = [look(number, state) for number, state in enumerate(states) if state is not None]

    def why(after: datetime, upto: datetime) -> str:
        inside = [one for one in missed if after < day(one) + 12 * HOUR <= upto]
        return f"{len(inside)} missed" if inside else ""

    return intervals(looks, START, day(len(states) if end is None else end), why)


def shown(found: Sequence[Interval]) -> list[str]:
    return [one.state.value for one in found]


def test_a_failing_is_bounded_by_the_looks_around_it() -> None:
    first, failing, last = made(P, P, D, D, D, P, P)[1:]
    assert (first.state, failing.state, last.state) == (P, D, P)
    assert failing.least == 2 * DAY - HOUR, "from the end of the first look that shows it to the beginning of the last"
    assert failing.most == 4 * DAY + HOUR, "from the beginning of the look before to the end of the look after"
    edges = [failing.before, failing.first, failing.last, failing.after]
    assert [one.leaves for one in edges if one] == [(11,), (21,), (41,), (51,)]
    assert failing.looks == 3


def test_a_deviation_that_one_look_saw_lasted_no_time_at_least_and_is_there() -> None:
    failing = made(P, D, P)[2]
    assert failing.state is D
    assert failing.least == timedelta()
    assert failing.most == 2 * DAY + HOUR


def test_false_pass_11_a_missed_day_is_a_state_of_its_own() -> None:
    found = made(P, P, None, P, P, missed=frozenset({2}))
    assert shown(found) == ["not looked", "pass", "not looked", "pass"]
    hole = found[2]
    assert (hole.seen_from, hole.seen_to) == (day(1) + 13 * HOUR, day(3) + 12 * HOUR)
    assert hole.because == "1 missed"
    assert hole.looks == 0


def test_a_failing_before_and_after_a_hole_may_have_lasted_through_it() -> None:
    found = made(P, D, None, None, D, P, missed=frozenset({2, 3}))
    assert shown(found) == ["not looked", "pass", "deviation", "not looked", "deviation", "pass"]
    first, second = found[2], found[4]
    assert first.not_after == day(4) + 13 * HOUR, "up to the next look that tells"
    assert second.not_before == day(1) + 12 * HOUR


def test_what_could_not_be_told_bounds_no_failing() -> None:
    found = made(P, D, U, U, P)
    assert shown(found)[1:] == ["pass", "deviation", "cannot_tell", "pass"]
    assert found[2].not_after == day(4) + 13 * HOUR
    untold = found[3]
    assert (untold.not_before, untold.not_after) == (day(1) + 12 * HOUR, day(4) + 13 * HOUR)


def test_between_two_looks_that_agree_it_has_gone_on_if_nothing_more_was_due() -> None:
    """A weekly look: nobody promised more."""
    found = intervals([look(0, P), look(7, P)], START, day(8), lambda *_: "")
    assert shown(found) == ["not looked", "pass"]
    assert found[1].not_after == day(8)


def test_what_holds_at_the_beginning_is_known_from_before() -> None:
    found = intervals([look(-3, P), look(-2, D), look(1, P)], START, day(2), lambda *_: "")
    assert shown(found) == ["deviation", "pass"]
    assert found[0].before
    assert found[0].not_before == day(-3) + 12 * HOUR, "it began before the period, and that is said"


def test_an_item_that_was_not_there_is_no_item_that_was_not_looked_at() -> None:
    assert shown(made(A, A, P, A))[1:] == ["not there", "pass", "not there"]


def test_after_the_last_look_it_is_open_until_something_due_was_missed() -> None:
    assert made(P, D)[-1].not_after == day(2)
    assert made(P, D)[-1].after is None
    assert shown(made(P, D, None, missed=frozenset({2})))[-1] == "not looked"


def test_nobody_looked_at_all() -> None:
    (only,) = intervals([], START, day(9), lambda *_: "9 missed")
    assert (only.state, only.not_before, only.not_after, only.because) == (State.NOT_LOOKED, START, day(9), "9 missed")


HISTORY = st.lists(st.sampled_from([P, D, U, A, None]), min_size=1, max_size=30)


@given(HISTORY)
def test_every_moment_is_covered_and_every_look_counted_once(history: list[State | None]) -> None:
    holes = frozenset(number for number, one in enumerate(history) if one is None)
    end = day(len(history))
    found = made(*history, missed=holes)
    assert found[0].not_before <= START
    assert max(one.not_after for one in found) >= end
    for one, other in pairwise(found):
        assert one.seen_to <= other.seen_from
        assert one.not_after >= other.not_before, "no hole between two intervals"
        assert one.seen_to <= one.not_after
        assert one.state is not other.state
    assert sum(one.looks for one in found) == len(history) - len(holes)
    for one in found:
        assert timedelta() <= one.least <= one.most
    for number in holes:
        at = day(number) + 12 * HOUR
        assert any(one.state is State.NOT_LOOKED and one.seen_from <= at <= one.seen_to for one in found), number
    # A deviation that was seen is in an interval of that state, whatever became of it.
    for number, state in enumerate(history):
        at = day(number) + 12 * HOUR
        if state is not None:
            assert any(one.state is state and one.seen_from - HOUR <= at <= one.seen_to for one in found)


@given(HISTORY, st.data())
def test_the_true_length_lies_between_the_bounds(history: list[State | None], data: st.DataObject) -> None:
    """A state that changes at a moment between two looks that tell: the bounds hold for whatever moment it was."""
    found = made(*history, missed=frozenset(number for number, one in enumerate(history) if one is None))
    for one in found:
        if one.state is not D or not (one.before and one.first and one.last and one.after):
            continue
        began = data.draw(st.datetimes(_naive(one.before.begin), _naive(one.first.end)))
        ended = data.draw(st.datetimes(_naive(one.last.begin), _naive(one.after.end)))
        assert one.least <= max(ended - began, timedelta()) <= one.most


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
