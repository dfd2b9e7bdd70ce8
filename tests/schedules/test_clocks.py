from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schedules.clocks import ClockWatch, Times

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "steady", "jump"),
    [
        (60.0, 60.0, None),
        (60.0, 57.0, None),  # a clock that is kept right
        (3600.0, 1.0, 3599.0),  # suspended, or set forward
        (-600.0, 1.0, -601.0),  # set back
    ],
)
def test_a_clock_that_was_set_is_noticed_once(wall: float, steady: float, jump: float | None) -> None:
    passed = [(0.0, 0.0), (wall, steady), (wall + 1, steady + 1)]
    now = iter([START + timedelta(seconds=one) for one, _ in passed])
    monotonic = iter([one for _, one in passed])
    watch = ClockWatch(Times(lambda: next(now), lambda: next(monotonic)))
    assert watch.jump() == (None if jump is None else timedelta(seconds=jump))
    assert watch.jump() is None
