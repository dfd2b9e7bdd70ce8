"""When the service fires: every slot once, soon after it, and a pile of old ones as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from collector.cadence import parse, slots
from schedules.trigger import SlotTrigger

CADENCES = ["hourly", "every 5 minutes", "daily at 02:30 Europe/Berlin", "weekly on monday", "cron 7 */3 * * *"]
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis's
chosen = st.lists(st.sampled_from(CADENCES), min_size=1, unique=True)
jitters = st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds))


@settings(max_examples=30, deadline=None)
@given(chosen, STARTS, jitters)
def test_each_slot_is_fired_once_after_it_and_before_the_next_one(
    cadences: list[str], start: datetime, jitter: timedelta
) -> None:
    trigger = SlotTrigger(lambda: cadences, jitter, "here")
    end = start + timedelta(hours=9)
    due = sorted({slot for text in cadences for slot in slots(parse(text), start, end)})
    fired = []
    moment = trigger.get_next_fire_time(None, start)
    while moment and moment < end:
        fired.append(moment)
        moment = trigger.get_next_fire_time(moment, moment)
    answered = [trigger.newest(moment) for moment in fired]
    assert answered == sorted(set(answered)), "one slot twice"
    assert set(due[:-1]) <= set(answered) <= set(due) | {trigger.newest(start)}
    assert all(moment - slot <= jitter for slot, moment in zip(answered, fired, strict=True))


@settings(deadline=None)
@given(chosen, STARTS, jitters, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_what_went_by_is_one_firing_and_the_next_is_ahead(
    cadences: list[str], start: datetime, jitter: timedelta, asleep: timedelta
) -> None:
    trigger = SlotTrigger(lambda: cadences, jitter, "here")
    first = trigger.get_next_fire_time(None, start)
    assert first
    now = first + asleep
    count, moment = 0, first
    while moment <= now:
        count += 1
        found = trigger.get_next_fire_time(moment, now)
        assert found
        assert found > moment
        moment = found
    assert count <= 4, "no walk through every slot of a long sleep"


@given(STARTS)
def test_jitter_is_fixed_for_a_slot_and_an_instance(start: datetime) -> None:
    hour = timedelta(hours=1)
    one, same, other = (SlotTrigger(lambda: ["daily"], hour, name) for name in ("a", "a", "b"))
    slot = one.following(start)
    assert one.fire_time(slot) == same.fire_time(slot) != other.fire_time(slot)
    assert slot <= one.fire_time(slot) < slot + hour


@given(STARTS, st.timedeltas(timedelta(minutes=1), timedelta(days=30)))
def test_a_clock_that_is_set_back_fires_nothing_again(start: datetime, back: timedelta) -> None:
    trigger = SlotTrigger(lambda: ["hourly"], timedelta(seconds=30), "here")
    found = trigger.get_next_fire_time(start, start - back)
    assert found
    assert found > start
