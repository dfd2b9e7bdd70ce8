"""What was due and what became of it, counted; every slot is in exactly one column."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.config import Override, ScheduleSettings
from collector.coverage import coverage, spells
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

    from collector.coverage import Spell

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Five days: all well; `toy.things` denied; nobody ran on the third; all well; and nobody came on the fifth."""
    schedule = ScheduleSettings(override=[Override(type="toy.events", cadence="weekly on friday")])
    made = World(tmp_path_factory.mktemp("world"), START, schedule=schedule)
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


def test_slots_in_a_row_that_came_to_the_same_are_one_spell(world: World) -> None:
    found = [(one.state.value, one.cause, f"{one.first:%d}", f"{one.until:%d}", one.count) for one in _spells(world)]
    assert found == [
        ("done", "", "02", "03", 1),
        ("failed", "", "03", "04", 1),
        ("missed", "not_running", "04", "05", 1),
        ("done", "", "05", "06", 1),
        ("open", "", "06", "07", 1),
    ]


def _spells(world: World) -> list[Spell]:
    ledger = world.ledger
    things, *_ = (one for one in ledger.series if one.type == "toy.things")
    return spells(ledger, things, START, world.now)


def test_the_report_shows_the_calendar_of_any_period_with_each_hole_and_its_cause(world: World, tmp_path: Path) -> None:
    def reported(*period: str) -> str:
        to = tmp_path / f"report{len(period)}"
        given = ["report", "--archive", str(world.folder / "evidence"), "--to", str(to), *period]
        CliRunner().invoke(cli, given, catch_exceptions=False)
        return (to / "index.html").read_text()

    page = reported("--from", "2026-03-02", "--until", "2026-03-05")
    cover = page[page.index('id="run"') : page.index('id="totals"')]
    assert ">5 of 8 slots done, 62.5 %</a>" in cover
    section = page[page.index('id="coverage"') : page.index('id="integrity"')]
    assert "missed: 1 slot, 2026-03-04 02:00 UTC, not_running" in section
    holes = section[section.index('id="holes"') :]
    assert "not running: no run took it up before the next one was due" in holes
    assert holes.count("<code>toy.things</code>") == 2, "in the hole, and in the table of all"
    assert "of 8 slots" in reported(), "by default up to the end of the run, from the first schedule on"


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
