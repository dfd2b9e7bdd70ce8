"""`collector run --due` over days and months: what is collected, what is missed, and that the log tells both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.archive.reader import Reader
from collector.config import Override, ScheduleSettings, Skip
from collector.model import Cause as GapCause
from collector.model import Gap
from collector.slots import Cause, read_missed
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOURLY_EVENTS = ScheduleSettings(override=[Override(type="toy.events", cadence="hourly")])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, START)


def missed(world: World) -> list[tuple[str, str, int, str]]:
    """Type, unit, count and cause of every sealed stretch."""
    reader = Reader(world.store)
    found = [one for body in world.bodies("missed") for one in read_missed(reader.content(body["slots"]["sha256"]))]
    return [(one.series.type, one.series.unit, one.count, one.cause.value) for one in found]


def test_the_first_use_seals_the_schedule_and_collects_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run() is None
    assert world.toy.asked == []
    (leaf,) = world.bodies("schedule")
    assert leaf["at"] == "2026-03-01T12:00:00Z"
    assert leaf["entries"]["count"] == 5
    out = capsys.readouterr().out
    assert out == "sealed the schedule: 5 lines, in force from now on\nnothing is due; next: 2026-03-02 02:00 UTC\n"
    assert world.after(hours=1) is None
    assert len(world.bodies("schedule")) == 1, "the same schedule is not sealed again"
    assert world.bodies("claim") == []


def test_what_is_due_is_collected_once(world: World) -> None:
    world.run()
    finished = world.after(hours=14, minutes=3)
    assert finished
    assert finished.complete
    assert len(finished.snapshots) == 5 + 1
    assert {body["slot"] for body in world.evidence()} == {"2026-03-02T02:00:00Z"}
    (run,) = world.bodies("run")
    assert run["mode"] == "due"
    assert run["slots"] == {"at": "2026-03-02T02:03:00Z", "served": 5, "missed": {}}
    assert world.after(minutes=5) is None
    assert len(world.toy.asked) == 5
    assert world.verified().sound


def test_each_type_and_scope_has_its_own_cadence(world: World) -> None:
    world.schedule = ScheduleSettings(
        default="daily at 02:00 Europe/Berlin",
        override=[
            Override(type="toy.*", scope="two", cadence="every 30 minutes"),
            Override(type="toy.events", scope="name of two", cadence="hourly"),
        ],
    )
    world.run()
    world.after(minutes=30)
    assert world.toy.asked == [("toy.things", "two")]
    world.after(minutes=30)
    assert sorted(world.toy.asked[1:]) == [("toy.events", "two"), ("toy.things", "two")]


def test_slots_that_went_by_are_sealed_as_missed(world: World) -> None:
    world.schedule = HOURLY_EVENTS
    world.run()
    world.after(hours=1)
    finished = world.after(days=40)
    assert finished
    assert not finished.complete, "the exit code tells that something is missing"
    assert len(finished.snapshots) == 5 + 1, "what is due now is collected all the same"
    slots = 40 * 24 - 1
    assert missed(world) == [
        ("toy.events", "one", slots, "not_running"),
        ("toy.events", "two", slots, "not_running"),
        ("toy.things", "one", 39, "not_running"),
        ("toy.things", "two", 39, "not_running"),
        ("toy.units", "one", 39, "not_running"),
    ]
    (leaf,) = world.bodies("missed")
    assert leaf["slots"]["count"] == 5, "stretches, not thousands of lines"
    assert leaf["causes"] == {"not_running": 2 * slots + 3 * 39}
    assert world.states("toy.events", "one", START) == ["done", *["missed"] * slots, "done"]
    assert world.verified().sound


def test_a_denied_source_is_a_failed_slot_and_the_others_are_served(world: World) -> None:
    world.run()
    world.toy.denied = {"toy.things"}
    finished = world.after(days=1)
    assert finished
    assert not finished.complete
    world.toy.denied = set()
    world.after(days=1)
    assert world.states("toy.things", "one", START) == ["failed", "done"]
    assert world.states("toy.events", "one", START) == ["done", "done"]
    assert world.verified().sound


def test_a_run_that_died_keeps_its_slots_until_its_claim_runs_out(world: World) -> None:
    world.schedule = HOURLY_EVENTS
    world.run()

    def die() -> None:
        raise KeyboardInterrupt

    world.toy.interrupt = die
    with pytest.raises(KeyboardInterrupt):
        world.after(hours=1)
    dead = world.bodies("claim")[0]["run"]
    assert world.after(minutes=30) is None, "the claim of one o'clock still holds"
    finished = world.after(minutes=30)
    assert finished, "two o'clock is nobody's"
    assert missed(world) == []
    finished = world.after(hours=1, minutes=30)
    assert finished
    assert missed(world) == [("toy.events", "one", 1, "failed"), ("toy.events", "two", 1, "failed")]
    assert world.states("toy.events", "two", START) == ["failed", "done", "done"]
    ledger = world.ledger
    answer = ledger.answer(ledger.series[0], START + timedelta(hours=1))
    assert answer
    assert answer.missed
    assert answer.missed.by == dead
    assert answer.missed.cause is Cause.FAILED
    assert world.verified().sound


def test_a_daily_slot_of_a_dead_run_is_still_served_when_its_claim_has_run_out(world: World) -> None:
    world.run()

    def die() -> None:
        raise KeyboardInterrupt

    world.toy.interrupt = die
    with pytest.raises(KeyboardInterrupt):
        world.after(hours=14)
    assert world.after(minutes=119) is None
    assert world.after(minutes=1)
    assert world.states("toy.things", "one", START) == ["done"]
    assert missed(world) == []
    assert world.verified().sound


def test_of_two_runs_at_once_each_slot_is_served_by_one(world: World) -> None:
    world.schedule = HOURLY_EVENTS
    world.run()
    inner: list[object] = []

    def meanwhile() -> None:
        inner.append(world.run())
        world.now += timedelta(hours=1)
        inner.append(world.run())

    world.toy.interrupt = meanwhile
    finished = world.after(hours=1)
    assert finished
    assert inner[0] is None, "everything was claimed already"
    assert inner[1], "and what came due since was not"
    served = [(body["type"], body["unit"], body["slot"]) for body in world.evidence()]
    assert len(set(served)) == len(served) == 4
    assert world.ledger.again == []
    assert world.verified().sound


def test_a_run_that_was_slower_than_its_claim_and_overtaken_answers_nothing_twice(world: World) -> None:
    world.run()
    inner: list[object] = []

    def meanwhile() -> None:
        world.now += timedelta(hours=3)
        inner.append(world.run())

    world.toy.interrupt = meanwhile
    finished = world.after(hours=14)
    assert inner[0], "the claim had run out"
    assert finished
    slots = [body["slot"] for body in world.evidence()]
    assert slots == ["2026-03-02T02:00:00Z"] * 5 + [None] * 5, "kept as evidence, out of schedule"
    assert world.ledger.again == []
    assert world.verified().sound


def test_a_slow_run_that_nobody_overtook_answers_its_slots(world: World) -> None:
    world.run()

    def meanwhile() -> None:
        world.now += timedelta(hours=3)

    world.toy.interrupt = meanwhile
    world.after(hours=14)
    assert world.states("toy.things", "one", START) == ["done"]


def test_a_new_scope_is_a_new_schedule_that_rules_from_then_on(world: World) -> None:
    world.run()
    world.after(days=1)
    world.toy.units.append("three")
    world.after(days=1)
    assert len(world.bodies("schedule")) == 2
    assert ("toy.things", "three") not in world.toy.asked, "its first slot is still to come"
    world.after(days=1)
    assert world.states("toy.things", "three", START) == ["done"]
    assert world.states("toy.things", "one", START) == ["done"] * 3
    assert world.verified().sound


def test_a_scope_that_is_gone_has_its_last_slot_sealed_as_removed(world: World) -> None:
    world.run()
    world.toy.units.remove("two")
    world.after(days=1)
    assert missed(world) == [("toy.events", "two", 1, "removed"), ("toy.things", "two", 1, "removed")]
    world.after(days=1)
    assert world.states("toy.things", "two", START) == ["missed"], "and none after that"
    assert world.verified().sound


def test_a_connector_that_cannot_be_started_stays_in_the_schedule(world: World) -> None:
    world.run()
    world.after(days=1)
    world.now += timedelta(days=1)
    finished = world.run(("toy", Gap(GapCause.DEFECT, "connector toy", "a bug in the connector")))
    assert finished
    assert not finished.complete
    assert len(world.bodies("schedule")) == 1
    assert {one[3] for one in missed(world)} == {"failed"}
    assert world.states("toy.things", "one", START) == ["done", "failed"]
    world.after(days=1)
    assert world.states("toy.things", "one", START) == ["done", "failed", "done"]
    assert world.verified().sound


def test_a_cadence_that_changes_holds_from_the_change_on(world: World) -> None:
    world.run()
    world.after(days=1)
    world.schedule = HOURLY_EVENTS
    world.after(minutes=90)
    world.after(minutes=60)
    (series,) = (one for one in world.ledger.series if one[::2] == ("toy.events", "one"))
    slots = [f"{slot:%d %H:%M}" for slot in world.ledger.slots(series, START, world.now)]
    assert slots == ["02 02:00", "02 14:00"]
    assert world.verified().sound


def test_slots_that_somebody_decided_against_say_who_and_why(world: World) -> None:
    world.run()
    decision = Skip(first="2026-03-03", last="2026-03-04", scope="name of two", by="A. Auditor", because="migration")
    world.schedule = ScheduleSettings(skip=[decision])
    for _ in range(4):
        world.after(days=1)
    assert world.states("toy.things", "two", START) == ["done", "skipped", "skipped", "done"]
    assert world.states("toy.things", "one", START) == ["done"] * 4
    assert len(world.bodies("schedule")) == 1, "what is due is as it was; what is done about it is not"
    reader = Reader(world.store)
    found = [one for body in world.bodies("missed") for one in read_missed(reader.content(body["slots"]["sha256"]))]
    assert {(one.series.unit, one.cause, one.by, one.because) for one in found} == {
        ("two", Cause.SKIPPED, "A. Auditor", "migration")
    }
    assert world.verified().sound


def test_clocks_that_are_set_back_neither_repeat_nor_lose_a_slot(world: World) -> None:
    world.schedule = HOURLY_EVENTS
    world.run()
    world.after(hours=1)
    world.toy.units.append("three")
    world.after(minutes=-30)
    world.after(hours=2)
    assert world.states("toy.events", "one", START) == ["done", "done"]
    assert world.ledger.again == []
    assert world.verified().sound
