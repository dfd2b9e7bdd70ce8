"""How often a request is repeated, and when that ends: on a clock that only sleeping moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.archive.patience import DEADLINE, TRIES, patiently, retry_after

START = datetime(2026, 11, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), st.floats(0, 200)), min_size=TRIES, max_size=TRIES), st.integers(0, TRIES))
def test_it_ends_in_time_with_the_answer_or_the_last_error(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float | None], failures: int
) -> None:
    clock, asked = Clock(), 0
    monkeypatch.setattr("time.sleep", clock.sleep)

    def ask() -> int:
        nonlocal asked
        asked += 1
        assert clock.at <= START + DEADLINE, "begun after the deadline"
        if asked <= failures:
            raise ConnectionError(asked)
        return asked

    try:
        assert patiently(ask, (ConnectionError,), lambda error: pauses[error.args[0] - 1], clock) == failures + 1
    except ConnectionError as error:
        final = pauses[asked - 1] is None
        late = clock.at + timedelta(seconds=(pauses[asked - 1] or 0) + 3.2) > START + DEADLINE
        assert (error.args[0], final or late or asked == TRIES) == (asked, True)  # noqa: PT017 - either end is right


def test_another_error_is_raised_at_once() -> None:
    def ask() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        patiently(ask, (ConnectionError,), lambda _: 0.0, Clock())


@given(st.text(max_size=12))
def test_any_header_is_a_number_of_seconds(text: str) -> None:
    assert retry_after({"Retry-After": text}) >= 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Sun, 01 Nov 2026 00:00:00 GMT"}, 0),
        ({"Retry-After": "-1"}, 0),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds
