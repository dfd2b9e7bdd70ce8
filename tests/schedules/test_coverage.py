"""What was due and what became of it, counted; every slot is in exactly one column."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.config import Override, ScheduleSettings
from collector.coverage import calendar, coverage
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Five days: all well; `toy.things` denied; nobody ran on the third; all well; and nobody came on the fifth."""
    made = World(
        tmp_path, START, schedule=ScheduleSettings(override=[Override(type="toy.events", cadence="weekly on friday")])
    )
    made.toy.units = ["one"]
    made.run()
    made.after(days=1)
    made.toy.denied = {"toy.things"}
    made.after(days=1)
    made.toy.denied = set()
    made.after(days=2)
    made.now += timedelta(days=1)
    return made


def counted(world: World, start: datetime, end: datetime) -> dict[str, dict[str, int]]:
    found = coverage(world.ledger, start, end)
    return {one.series.type: {state.value: number for state, number in one.counts.items()} for one in found}


def test_each_slot_is_in_one_column(world: World) -> None:
    assert counted(world, START, world.now) == {
        "toy.events": {"open": 1},
        "toy.things": {"done": 2, "failed": 1, "missed": 1, "open": 1},
        "toy.units": {"done": 3, "missed": 1, "open": 1},
    }


def test_a_period_has_the_slots_from_its_first_instant_up_to_its_last(world: World) -> None:
    second = datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert counted(world, second, second + timedelta(days=1))["toy.things"] == {"done": 1}
    assert counted(world, second, second + timedelta(days=1, microseconds=1))["toy.things"] == {"done": 1, "failed": 1}
    assert counted(world, START - timedelta(days=9), START) == {}


def test_the_calendar_says_the_same_day_by_day(world: World) -> None:
    found = {series.type: days for series, days in calendar(world.ledger, START, world.now).items()}
    assert {day: dict(counts) for day, counts in found["toy.things"].items()} == {
        date(2026, 3, 2): {"done": 1},
        date(2026, 3, 3): {"failed": 1},
        date(2026, 3, 4): {"missed": 1},
        date(2026, 3, 5): {"done": 1},
        date(2026, 3, 6): {"open": 1},
    }
    assert list(found["toy.events"]) == [date(2026, 3, 6)]


def shown(world: World, *arguments: str) -> tuple[int, str]:
    given = ["coverage", "--archive", str(world.folder / "evidence"), *arguments]
    result = CliRunner().invoke(cli, given)
    return result.exit_code, result.output if result.exit_code == 0 else str(result.exception)


def test_the_command_shows_a_table_and_csv(world: World) -> None:
    period = ("--from", "2026-03-01", "--to", "2026-03-05")
    code, text = shown(world, *period)
    assert code == 0
    head, *rows, total = [line.split("\t") for line in text.splitlines()]
    assert head[3:] == ["due", "done", "partial", "failed", "skipped", "missed", "open"]
    assert rows == [
        ["toy.things", "toy", "one", "4", "2", "0", "1", "0", "1", "0"],
        ["toy.units", "toy", "one", "4", "3", "0", "0", "0", "1", "0"],
    ]
    assert total == ["5 of 8 slots done from 2026-03-01 00:00 to 2026-03-06 00:00 UTC"]
    _, text = shown(world, *period, "--csv")
    assert list(csv.reader(text.splitlines())) == [head, *rows]


def test_what_cannot_be_counted_is_refused(world: World, tmp_path: Path) -> None:
    assert "is after the end" in shown(world, "--from", "2026-03-09", "--to", "2026-03-05")[1]
    assert shown(world, "--from", "nope")[0] == 2
    empty = World(tmp_path / "empty", START)
    (tmp_path / "empty" / "evidence").mkdir(parents=True)
    code, text = shown(empty)
    assert code != 0
    assert "no archive" in text
