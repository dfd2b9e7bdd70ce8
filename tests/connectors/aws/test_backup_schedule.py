from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aws.continuity.backup_schedule import frequency_hours


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("cron(0 5 * * ? *)", 24),
        ("cron(0 5 ? * * *)", 24),
        ("cron(15 * ? * * *)", 1),
        ("cron(*/10 * * * ? *)", 1),
        ("cron(0 */6 * * ? *)", 6),
        ("cron(0 0/12 * * ? *)", 12),
        ("cron(0 8-18 ? * * *)", 14),
        ("cron(0 1,4 * * ? *)", 21),
        ("cron(0 6 ? * SUN *)", 168),
        ("cron(0 6 ? * 1 *)", 168),
        ("cron(0 6 ? * MON-FRI *)", 72),
        ("cron(0 6 ? * TUE,FRI *)", 96),
        ("cron(0 6 1 * ? *)", 31 * 24),
        ("cron(0 6 1,15 * ? *)", 17 * 24),
        ("cron(0 6 1 JAN ? *)", 366 * 24),
        ("cron(0 6 1 */3 ? *)", 92 * 24),
        ("rate(1 day)", 24),
        ("rate(12 hours)", 12),
        ("rate(30 minutes)", 1),
        ("cron(0 6 L * ? *)", None),
        ("cron(0 6 ? * 2#1 *)", None),
        ("cron(0 6 15W * ? *)", None),
        ("cron(0 6 1 1 ? 2027)", None),
        ("cron(0 6 31 2 ? *)", None),
        ("cron(0 25 * * ? *)", None),
        ("cron(0 6 ? * FRI-MON *)", None),
        ("cron(0 5 * *)", None),
        ("rate(0 days)", None),
        ("at(2027-01-01T00:00:00)", None),
        ("", None),
    ],
)
def test_the_longest_time_between_two_runs(schedule: str, hours: int | None) -> None:
    assert frequency_hours(schedule) == hours


@given(st.sets(st.integers(0, 23), min_size=1))
def test_runs_of_a_day_leave_at_most_a_day_between_them(hours: set[int]) -> None:
    found = frequency_hours(f"cron(0 {','.join(map(str, hours))} * * ? *)")
    assert found is not None
    assert 24 / len(hours) <= found <= 24


@given(st.text(max_size=30))
def test_any_text_is_either_understood_or_unknown(schedule: str) -> None:
    assert (frequency_hours(schedule) or 1) >= 1
    assert (frequency_hours(f"cron({schedule})") or 1) >= 1
