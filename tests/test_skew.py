"""The collector's clock held against a provider's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.model import Exchange, Window
from collector.skew import Clock, largest, seen_up_to, skew

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.floats(0, 3_000_000).map(lambda seconds: AT + timedelta(seconds=seconds))


def exchange(started: datetime, ended: datetime, server: datetime | None) -> Exchange:
    date = server and server.replace(microsecond=0)  # a Date header has no fraction
    return Exchange("r", 1, "List", "here", {}, "me", started, ended, 1, 200, None, None, date, None)


@given(MOMENTS, st.floats(0, 100), st.floats(0, 1), st.integers(-100_000, 100_000))
def test_it_is_never_more_than_the_clocks_differ_and_less_by_the_answer_at_most(
    started: datetime, took: float, share: float, ahead: int
) -> None:
    written = started + timedelta(seconds=took * share)
    ended = started + timedelta(seconds=took)
    found = skew(exchange(started, ended, written + timedelta(seconds=ahead)))
    assert found is not None
    assert abs(found) <= abs(ahead)
    assert found * ahead >= 0
    assert abs(ahead) - abs(found) <= took + 2


@given(MOMENTS, st.integers(1, 100_000))
def test_a_window_never_goes_beyond_the_providers_present(started: datetime, behind: int) -> None:
    provider = started - timedelta(seconds=behind)
    window = seen_up_to(Window(AT - timedelta(days=1), started), [exchange(started, started, provider)])
    assert window.start == AT - timedelta(days=1)
    assert window.end <= max(provider + timedelta(seconds=2), window.start)


def test_who_sends_no_time_says_nothing() -> None:
    assert skew(exchange(AT, AT, None)) is None
    assert largest([exchange(AT, AT, None)]) is None
    assert largest([]) is None
    window = Window(AT - timedelta(days=1), AT)
    assert seen_up_to(window, [exchange(AT, AT, None)]) == window


def test_the_largest_in_either_direction_counts_and_the_limit_itself_is_allowed() -> None:
    exchanges = [exchange(AT, AT, AT + timedelta(seconds=seconds)) for seconds in (0, 30, -301)]
    assert largest(exchanges) == -300
    assert Clock(300, {"aws": -300, "github": 301}).beyond == {"github": 301}
