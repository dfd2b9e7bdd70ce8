"""What the service does on its own: with clocks that jump, slots that pile up, a configuration that changes."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from collector.config import ArchiveSettings, CollectSettings, Override, ScheduleSettings
from tests.schedules.serving import Serving, own_clock
from tests.schedules.toy import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schedules.service import Wish

    Steps = Iterator[Wish | None]

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOURLY = ScheduleSettings(default="hourly")


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    made = Serving(World(tmp_path, START, schedule=HOURLY))
    with own_clock(made, monkeypatch):
        yield made
    for number, told in before.items():
        signal.signal(number, told)


def states(serving: Serving) -> list[str]:
    return serving.world.states("toy.things", "one", START)


def test_a_machine_that_slept_collects_at_once_and_seals_what_it_slept_through(serving: Serving) -> None:
    def script() -> Steps:
        yield from serving.after("schedule sealed")
        serving.deed()
        serving.world.now += (START.replace(hour=17, minute=20)) - START  # and the steady clock stood still
        yield from serving.after("run sealed")
        assert serving.metrics()["clock_jumps_total"] == 1

    assert serving.run(script)
    (jump,) = serving.events("clock jumped, or the machine slept")
    assert jump["seconds"] == 5 * 3600 + 20 * 60
    assert states(serving) == ["missed"] * 4 + ["done"]
    assert serving.world.verified().sound


def test_a_clock_that_is_set_back_is_noticed_and_no_slot_comes_twice(serving: Serving) -> None:
    def script() -> Steps:
        yield from serving.after("schedule sealed")
        serving.move(hours=1, minutes=1)
        yield from serving.after("run sealed")
        serving.deed()
        serving.world.now -= START.replace(minute=50) - START
        yield from serving.after("clock jumped, or the machine slept")
        yield from serving.after("nothing due")
        serving.move(minutes=51)
        yield from serving.until(lambda: serving.metrics()['passes_total{outcome="nothing"}'] >= 1)
        serving.move(hours=1)
        yield from serving.after("run sealed")

    assert serving.run(script)
    assert states(serving) == ["done", "done"]
    assert serving.world.ledger.again == []
    assert serving.world.verified().sound


def test_slots_that_came_during_a_long_run_are_one_more_run(serving: Serving) -> None:
    """Coalesced: the newest is served, the others are sealed as missed."""

    def script() -> Steps:
        yield from serving.after("schedule sealed")
        hold, held = threading.Event(), threading.Event()

        def slow() -> None:
            held.set()
            hold.wait(60)

        serving.world.toy.interrupt = slow
        serving.move(hours=1)
        yield from serving.until(held.is_set)
        for _ in range(3):
            serving.move(hours=1)
            yield None
            yield None
        hold.set()
        yield from serving.after("run sealed", 2)
        for _ in range(20):
            yield None

    serving.world.schedule = replace(HOURLY, claim_minutes=600)
    assert serving.run(script)
    assert len(serving.events("run sealed")) == 2
    assert states(serving) == ["done", "missed", "missed", "done"]
    assert serving.world.verified().sound


def test_no_more_runs_at_once_than_are_allowed(serving: Serving) -> None:
    inside, most, lock = 0, 0, threading.Lock()
    hold = threading.Event()

    def script() -> Steps:
        def slow() -> None:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            hold.wait(60)
            with lock:
                inside -= 1

        yield from serving.after("schedule sealed")
        for running in (1, 2):
            serving.world.toy.interrupt = slow
            serving.move(hours=1)
            yield from serving.until(lambda running=running: inside == running)  # type: ignore[misc]
        serving.world.toy.interrupt = slow
        serving.move(hours=1)
        for _ in range(30):
            yield None
        assert serving.world.toy.interrupt is slow, "the third run has not begun"
        hold.set()
        yield from serving.after("run sealed", 3)

    serving.settings = replace(serving.settings, runs_at_once=2)
    serving.changed["collect"] = CollectSettings(threads=4)
    serving.world.toy.units = ["one"]
    serving.world.schedule = replace(HOURLY, override=[Override(type="toy.[eu]*", cadence="daily")], claim_minutes=600)
    assert serving.run(script)
    assert most == 2
    assert states(serving) == ["done"] * 3
    assert serving.world.verified().sound


def test_who_starts_after_the_misfire_grace_is_told_of_as_late_and_runs_all_the_same(serving: Serving) -> None:
    def script() -> Steps:
        # The first pass is followed by another, as it has found out what there is to wait for.
        yield from serving.after("nothing due", 2)
        yield from [None] * 5
        serving.move(hours=1, minutes=6)
        yield from serving.after("run sealed")
        assert serving.metrics()["late_starts_total"] == 1
        serving.move(minutes=55)
        yield from serving.after("run sealed")
        assert serving.metrics()["late_starts_total"] == 1, "a minute is no misfire"

    assert serving.run(script)
    assert [one["due"] for one in serving.events("late")] == ["2026-03-01T13:00:00+00:00"]
    assert states(serving) == ["done", "done"]


def test_another_schedule_is_sealed_on_sighup_and_rules_from_then_on(serving: Serving) -> None:
    def script() -> Steps:
        yield from serving.after("schedule sealed")
        serving.move(minutes=10)
        serving.world.schedule = ScheduleSettings(default="every 15 minutes")
        os.kill(os.getpid(), signal.SIGHUP)
        yield from serving.after("schedule sealed")
        serving.move(minutes=5)
        yield from serving.after("run sealed")

    assert serving.run(script)
    assert [one["at"] for one in serving.world.bodies("schedule")] == ["2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z"]
    assert states(serving) == ["done"]
    assert serving.world.verified().sound


@pytest.mark.parametrize("mistake", ["schedule", "archive"])
def test_a_configuration_that_cannot_be_used_changes_nothing(serving: Serving, mistake: str) -> None:
    def script() -> Steps:
        yield from serving.after("schedule sealed")
        if mistake == "schedule":
            serving.world.schedule = ScheduleSettings(override=[Override(type="toy.thing", cadence="daily")])
        else:
            serving.changed["archive"] = ArchiveSettings(path="elsewhere")
        os.kill(os.getpid(), signal.SIGHUP)
        yield from serving.after("configuration refused; the old one stays in force")
        serving.move(hours=1)
        yield from serving.after("run sealed")
        assert serving.metrics()['reloads_total{outcome="refused"}'] == 1

    assert serving.run(script)
    (refused,) = serving.events("configuration refused; the old one stays in force")
    assert ("did you mean 'toy.things'?" if mistake == "schedule" else "takes a restart") in refused["reason"]
    assert len(serving.world.bodies("schedule")) == 1
    assert states(serving) == ["done"]


def test_a_pass_that_fails_is_told_and_the_next_one_finds_what_it_left(serving: Serving) -> None:
    keys = serving.world.folder / "evidence.keys"
    away = serving.world.folder / "away"

    def script() -> Steps:
        yield from serving.after("schedule sealed")
        keys.rename(away)
        serving.move(hours=1)
        yield from serving.after("pass failed")
        assert "evidence.keys" in serving.problem()
        assert serving.metrics()['passes_total{outcome="failed"}'] == 1
        away.rename(keys)
        serving.move(hours=1)
        yield from serving.after("run sealed")
        assert serving.problem() == ""

    assert serving.run(script)
    assert states(serving) == ["missed", "done"]
    assert serving.world.verified().sound
