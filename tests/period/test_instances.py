"""A control by the calendar: each instance that a period should have is there, missing, or cannot be told."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.normalise import timestamp
from collector.period.instances import MONTHS, Happened, Instance, calendar
from collector.period.span import Period
from tests.period.written import Log, at

REVIEWS = "records.access_reviews"
RULE = f"""/*
frequency = "quarterly"
evidence = ["{REVIEWS}"]
*/ SELECT 1""".encode()
YEAR = Period.of(date(2026, 1, 1), date(2026, 12, 31))
DAY = timedelta(days=1)


def review(number: int, day: float) -> dict[str, object]:
    return {"table": "access_review", "row_id": f"a{number}", "completed_at": timestamp(at(day)), "reviewer": "ann"}


def held(*reviews: dict[str, object], day: int = 364, complete: bool = True, rule: bytes = RULE, run: float = 0) -> Log:
    """A register of reviews that was uploaded on a day, and judged; the archive tells up to `run`."""
    log = Log()
    leaf = log.evidence(REVIEWS, day, *reviews, complete=complete)
    log.leaves[leaf][1].update(type_kind="record", window=None, slot=None)
    log.judged([leaf], ("thing", "pass", []), rule=rule)
    log.put({"kind": "run", "run": "x", "ended": timestamp(at(run or day + 1)), "configuration": log.cited(b"{}\n")})
    return log


def told(log: Log, period: Period = YEAR) -> list[tuple[str, str]]:
    return [(one.label, one.happened.value) for one in found(log, period)]


def found(log: Log, period: Period = YEAR) -> list[Instance]:
    return list(log.over(period).instances)


def test_a_missing_quarterly_review_is_a_gap_in_the_calendar() -> None:
    log = held(review(1, 40), review(2, 200), review(3, 340), day=366)
    assert told(log) == [("2026-Q1", "done"), ("2026-Q2", "missing"), ("2026-Q3", "done"), ("2026-Q4", "done")]
    done, missing, *_ = found(log)
    assert [(one.row_id, one.who, one.at) for one in done.performed] == [("a1", "ann", at(40))]
    assert (missing.first, missing.last) == (date(2026, 4, 1), date(2026, 6, 30))


def test_what_was_read_before_its_end_cannot_say_that_one_is_missing() -> None:
    """The register is of September: whether anyone reviewed in the last quarter nobody can know, though it is over."""
    log = held(review(1, 40), day=260, run=400)
    assert told(log) == [
        ("2026-Q1", "done"), ("2026-Q2", "missing"), ("2026-Q3", "cannot_tell"), ("2026-Q4", "cannot_tell"),
    ]  # fmt: skip


def test_one_whose_time_is_not_over_is_not_missing() -> None:
    assert told(held(review(1, 40), day=120))[1:] == [
        ("2026-Q2", "not over"),
        ("2026-Q3", "not over"),
        ("2026-Q4", "not over"),
    ]


def test_what_was_not_read_whole_cannot_say_that_one_is_missing() -> None:
    assert {state for _, state in told(held(review(1, 40), day=366, complete=False))} == {"done", "cannot_tell"}


def test_the_days_of_an_instance_are_those_of_the_zone() -> None:
    """The last hour of March in UTC is April in Berlin."""
    log = held(review(1, 90 - 1 / 24), day=366)
    assert told(log)[0] == ("2026-Q1", "done")
    berlin = Period.of(YEAR.first, YEAR.last, "Europe/Berlin")
    assert told(log, berlin)[:2] == [("2026-Q1", "missing"), ("2026-Q2", "done")]


def test_uploads_that_cover_a_quarter_together_can_say_that_it_has_none() -> None:
    log = Log()
    leaves = []
    for month in range(4):
        leaf = log.evidence(REVIEWS, 366 + month)
        window = {"from": timestamp(at(month * 31)), "to": timestamp(at((month + 1) * 31))}
        log.leaves[leaf][1].update(type_kind="record", window=window, slot=None)
        leaves.append(leaf)
        log.judged([*leaves], ("thing", "pass", []), rule=RULE)
    assert told(log)[0] == ("2026-Q1", "missing")
    assert told(log)[1] == ("2026-Q2", "cannot_tell")


@pytest.mark.parametrize("rule", [b"rule", b"/* frequency = */", RULE.replace(b"quarterly", b"continuous")])
def test_a_control_that_is_not_by_the_calendar_has_no_instances(rule: bytes) -> None:
    assert found(held(review(1, 40), rule=rule)) == []


def test_an_instance_at_the_edge_says_that_the_period_has_not_all_of_it() -> None:
    cut = found(held(review(1, 10), day=366), Period.of(date(2026, 2, 1), date(2026, 7, 31)))
    assert [(one.label, one.partial) for one in cut] == [("2026-Q1", True), ("2026-Q2", False), ("2026-Q3", True)]
    assert cut[0].happened is Happened.DONE, "done before the period began, in the quarter it touches"


@given(st.sampled_from([*MONTHS, "weekly"]), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 800))
def test_the_slots_of_a_calendar_follow_one_another_and_cover_the_period(
    frequency: str, first: date, days: int
) -> None:
    last = first + days * DAY
    slots = list(calendar(frequency, first, last))
    assert slots[0][1] <= first <= slots[0][2]
    assert slots[-1][1] <= last <= slots[-1][2]
    assert all(one[2] + DAY == other[1] for one, other in pairwise(slots))
    assert len({label for label, *_ in slots}) == len(slots)
