"""Slots, held against an independent cron, and against clocks that are simply watched minute by minute."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, pairwise, takewhile, zip_longest
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.cadence import Cadence, following, longest_wait, parse, slot_of, slots

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
# With clocks that were set over midnight, by half an hour, in the other direction, and by a whole day.
ODD_ZONES = (*ZONES, "America/St_Johns", "Europe/Dublin", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca")
MINUTE = timedelta(minutes=1)


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def shown(cadence: str, start: datetime, end: datetime) -> list[str]:
    return [f"{slot:%m-%d %H:%M}" for slot in slots(parse(cadence), start, end)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "line", ["0 2 * * *", "30 2 * * *", "15 1,2,3 * * *", "0 9 * * 1", "0 0 29 2 *", "59 23 31 * *", "5 4 13 * 5"]
)
def test_twenty_years_are_those_of_an_independent_cron(line: str, zone: str) -> None:
    start, end = utc(2020, 1, 1), utc(2040, 1, 1)
    theirs = []
    for fires in CronSim(line, start.astimezone(ZoneInfo(zone)) - MINUTE):
        if (slot := fires.astimezone(UTC)) >= end:
            break
        if slot >= start:
            theirs.append(slot)
    ours = list(slots(parse(f"cron {line} {zone}"), start, end))
    # That cron fires once for each of two times that a clock change leaves out; they are one slot here.
    assert ours == sorted(set(theirs))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("daily at 02:30", "30 2 * * *"),
        ("weekly on monday at 00:00", "0 0 * * 1"),
        ("monthly on 1 at 02:00", "0 2 1 * *"),
        ("monthly on 31 at 23:59", "59 23 L * *"),
        ("quarterly at 03:15", "15 3 1 1,4,7,10 *"),
    ],
)
def test_twenty_years_of_a_cadence_in_words_are_those_of_its_line_in_that_cron(
    words: str, line: str, zone: str
) -> None:
    start, end = utc(2020, 1, 1), utc(2040, 1, 1)
    fired = (fires.astimezone(UTC) for fires in CronSim(line, start.astimezone(ZoneInfo(zone)) - MINUTE))
    theirs = takewhile(lambda slot: slot < end, dropwhile(lambda slot: slot < start, fired))
    assert list(slots(parse(f"{words} {zone}"), start, end)) == list(theirs)


@pytest.mark.parametrize(("words", "line"), [("hourly", "0 * * * *"), ("every 15 minutes", "*/15 * * * *")])
def test_years_of_hours_are_those_of_that_cron_in_utc(words: str, line: str) -> None:
    start, end = utc(2020, 1, 1), utc(2040, 1, 1) if words == "hourly" else utc(2021, 7, 1)
    theirs = takewhile(lambda slot: slot < end, CronSim(line, start - MINUTE))
    assert all(one == other for one, other in zip_longest(slots(parse(words), start, end), theirs))


@st.composite
def cron_lines(draw: st.DrawFn) -> str:
    def field(low: int, high: int) -> str:
        numbers = st.integers(low, high)
        spans = st.tuples(numbers, numbers).filter(lambda two: two[0] < two[1]).map(lambda two: f"{two[0]}-{two[1]}")
        stepped = st.tuples(st.one_of(st.just("*"), spans), st.integers(1, 12)).map(lambda two: f"{two[0]}/{two[1]}")
        part = st.one_of(numbers.map(str), spans)
        return draw(st.one_of(st.just("*"), stepped, st.lists(part, min_size=1, max_size=3).map(",".join)))

    return " ".join((field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)))


@settings(deadline=None, max_examples=150)
@given(cron_lines(), st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - made UTC below
def test_any_cron_line_is_read_as_an_independent_cron_reads_it(line: str, moment: datetime) -> None:
    """In UTC: around clock changes the two differ by intent for lines with `*`."""
    start = moment.replace(tzinfo=UTC, second=0, microsecond=0)
    theirs = CronSim(line, start)
    cadence, slot = parse(f"cron {line}"), start
    for _ in range(20):
        slot = following(cadence, slot)
        assert slot == next(theirs)


def watched(cadence: Cadence, start: datetime, end: datetime) -> list[datetime]:
    """Look at the clock each minute: whatever time it shows for the first time, or has passed over, is due."""
    zone = ZoneInfo(cadence.zone)
    found: list[datetime] = []
    furthest = (start - timedelta(days=3)).astimezone(zone).replace(tzinfo=None)
    now = start - timedelta(days=3)
    while now < end:
        clock = now.astimezone(zone).replace(tzinfo=None)
        passed = furthest
        while passed < clock:
            passed += MINUTE
            due = cadence.on(passed.date()) and (passed.hour, passed.minute) in cadence.times
            if due and now >= start and now not in found[-1:]:
                found.append(now)
        furthest = max(furthest, clock)
        now += MINUTE
    return found


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Europe/Berlin", utc(2026, 3, 29)),
        ("Europe/Berlin", utc(2026, 10, 25)),
        ("America/New_York", utc(2026, 11, 1)),
        ("Australia/Lord_Howe", utc(2026, 10, 4)),
        ("Australia/Lord_Howe", utc(2026, 4, 5)),
        ("America/St_Johns", utc(2010, 11, 7)),
        ("Pacific/Apia", utc(2011, 12, 30)),
        ("America/Sao_Paulo", utc(2018, 11, 4)),
        ("Asia/Kolkata", utc(2026, 3, 29)),
    ],
)
@pytest.mark.parametrize("line", ["30 2 * * *", "*/15 * * * *", "0 0 * * *", "7 0-3,23 * * 0,6"])
def test_around_a_clock_change_they_are_those_of_the_clock_on_the_wall(line: str, zone: str, around: datetime) -> None:
    cadence = parse(f"cron {line} {zone}")
    start, end = around - timedelta(days=1), around + timedelta(days=2)
    assert list(slots(cadence, start, end)) == watched(cadence, start, end)


CADENCES = st.builds(
    lambda text, zone: parse(text.replace("ZONE", zone)),
    st.sampled_from(
        [
            "hourly",
            "every 20 minutes",
            "daily at 02:30 ZONE",
            "weekly on sunday at 00:00 ZONE",
            "monthly on 31 at 23:59 ZONE",
            "quarterly at 01:00 ZONE",
            "cron */30 1-3 * * * ZONE",
            "cron 0 0 1 * 1 ZONE",
        ]
    ),
    st.sampled_from(ODD_ZONES),
)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2040, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001 - made UTC


@settings(deadline=None, max_examples=400)
@given(CADENCES, MOMENTS)
def test_every_instant_belongs_to_exactly_one_slot(cadence: Cadence, instant: datetime) -> None:
    mine, following_one = slot_of(cadence, instant), following(cadence, instant)
    assert mine <= instant < following_one
    assert list(slots(cadence, mine, following_one)) == [mine], "none lies between, and it is itself a slot"
    assert slot_of(cadence, mine) == mine
    assert slot_of(cadence, following_one) == following_one


@settings(deadline=None, max_examples=200)
@given(CADENCES, MOMENTS, st.lists(st.integers(0, 120 * 24 * 60), min_size=1, max_size=4))
def test_a_stretch_has_the_slots_of_its_parts(cadence: Cadence, start: datetime, cuts: list[int]) -> None:
    edges = [start, *(start + cut * MINUTE for cut in sorted(cuts))]
    whole = list(slots(cadence, start, edges[-1]))
    assert whole == [slot for one, two in pairwise(edges) for slot in slots(cadence, one, two)]
    assert all(one < two for one, two in pairwise(whole))


def test_a_time_that_is_left_out_is_due_where_the_clocks_go_on() -> None:
    assert shown("daily at 02:30 Europe/Berlin", utc(2026, 3, 28), utc(2026, 3, 31)) == [
        "03-28 01:30",
        "03-29 01:00",
        "03-30 00:30",
    ]


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    assert shown("daily at 02:30 Europe/Berlin", utc(2026, 10, 24), utc(2026, 10, 27)) == [
        "10-24 00:30",
        "10-25 00:30",
        "10-26 01:30",
    ]


def test_the_thirty_first_is_the_last_day_of_shorter_months() -> None:
    days = [slot.date() for slot in slots(parse("monthly on 31"), utc(2024, 1, 1), utc(2025, 1, 1))]
    assert [(day.month, day.day) for day in days] == [(month, monthrange(2024, month)[1]) for month in range(1, 13)]


def test_quarters_and_weeks() -> None:
    assert shown("quarterly", utc(2026, 1, 1), utc(2027, 1, 1)) == [
        "01-01 00:00",
        "04-01 00:00",
        "07-01 00:00",
        "10-01 00:00",
    ]
    assert {slot.weekday() for slot in slots(parse("weekly on friday at 03:00"), utc(2026, 1, 1), utc(2027, 1, 1))} == {
        4
    }


@pytest.mark.parametrize(("number", "day"), [("0", 6), ("7", 6), ("1", 0), ("6", 5), ("sun", 6), ("mon", 0)])
def test_weekdays_are_numbered_as_cron_does(number: str, day: int) -> None:
    (slot,) = slots(parse(f"cron 0 9 * * {number}"), utc(2026, 11, 2), utc(2026, 11, 9))
    assert slot.weekday() == day


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        ("hourly", 1 / 24),
        ("daily at 02:00 Europe/Berlin", 25 / 24),
        ("weekly on monday", 7),
        ("monthly on 1", 31),
        ("quarterly", 92),
        ("cron 0 0 29 2 *", 2921),
    ],
)
def test_the_longest_wait(cadence: str, days: float) -> None:
    assert longest_wait(parse(cadence)) == timedelta(days=days)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fortnightly", "'fortnightly' is no cadence; allowed are: hourly; every N minutes; daily"),
        ("", "is no cadence"),
        ("daily at 25:00", "'25:00' is no time of day"),
        ("daily 02:00", "not '02:00'"),
        ("daily at 02:00 Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("daily at 02:00 ../../etc/passwd", "no time zone"),
        ("weekly on moonday", "'moonday' is no day of the week"),
        ("monthly on 32", "'32' is no day of the month"),
        ("monthly on 0", "'0' is no day of the month"),
        ("every 7 minutes", "must divide 60"),
        ("every 0 minutes", "must divide 60"),
        ("cron 0 9 * *", "is no cadence"),
        ("cron 61 9 * * *", "'61' is no minute"),
        ("cron 0 9 * * 8", "'8' is no day of week"),
        ("cron 5/15 9 * * *", "a step follows"),
        ("cron */0 9 * * *", "a step follows"),
        ("cron 0 22-5 * * *", "runs backwards"),
        ("cron 0 0 31 2,4 *", "never comes"),
    ],
)
def test_what_is_no_cadence_is_refused_and_named(text: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its text is what follows
        parse(text)
    assert says in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_a_cadence_or_a_value_error(text: str) -> None:
    try:
        cadence = parse(text)
    except ValueError:
        return
    assert parse(str(cadence)) == cadence


@given(CADENCES)
def test_a_cadence_is_written_as_it_is_read(cadence: Cadence) -> None:
    assert parse(str(cadence)) == cadence
    assert parse(f"  {str(cadence).replace(' ', '   ')} ") == cadence
