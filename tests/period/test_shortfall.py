"""A slot that was not done has its cause, whatever became of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from click.testing import CliRunner

from collector.cli.main import cli
from collector.config import ScheduleSettings
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def test_denied_cut_missed_and_open_are_told_apart_and_what_was_done_is_not_listed(tmp_path: Path) -> None:
    world = World(tmp_path, START, schedule=ScheduleSettings(default="daily at 02:00 UTC"))
    world.toy.units = ["one"]
    world.run()
    world.after(hours=2)
    world.toy.denied = {"toy.things"}
    world.after(days=1)
    world.toy.denied = set()
    world.toy.happened = {f"e-{number}": world.now for number in range(4)}
    world.toy.cut = True
    world.after(days=1)
    world.toy.cut = False
    world.after(days=4)
    asked = ["coverage", "--missing", "--csv", "--from", "2026-03-01", "--to", "2026-03-08"]
    shown = CliRunner().invoke(cli, [*asked, "--archive", str(tmp_path / "evidence")], catch_exceptions=False).stdout
    found = {
        (row["evidence type"], row["first slot"][8:10], row["last slot"][8:10]): (row["state"], row["cause"])
        for row in csv.DictReader(io.StringIO(shown))
    }
    assert found == {
        ("toy.events", "03", "03"): ("partial", "throttled"),
        ("toy.events", "04", "06"): ("missed", "not_running"),
        ("toy.events", "08", "08"): ("open", ""),
        ("toy.things", "02", "02"): ("failed", "denied"),
        ("toy.things", "04", "06"): ("missed", "not_running"),
        ("toy.things", "08", "08"): ("open", ""),
        ("toy.units", "04", "06"): ("missed", "not_running"),
        ("toy.units", "08", "08"): ("open", ""),
    }
