"""LOG-11: the collector's own completeness, judged as every control is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector import trace
from collector.archive.reader import Reader
from collector.config import Override, ScheduleSettings
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def outcomes(world: World) -> dict[str, dict[str, Any]]:
    """What LOG-11 says of each item, last time, without the parts that nothing can judge yet."""
    leaf = [body for body in world.bodies("outcome") if body["control"] == "LOG-11"][-1]
    found = trace.lines(Reader(world.store), leaf["outcomes"])
    return {one["item"]: one for one in found if not one["item"].startswith("part: ")}


def test_what_was_collected_whole_passes_and_everything_else_does_not(tmp_path: Path) -> None:
    world = World(tmp_path, START, schedule=ScheduleSettings(override=[Override(type="toy.events", cadence="hourly")]))
    world.run()
    world.after(days=1)
    world.toy.units.remove("two")
    world.toy.denied = {"toy.things"}
    world.after(hours=14)
    found = outcomes(world)
    assert {item: one["outcome"] for item, one in found.items()} == {
        "toy.events in toy one": "deviation",
        "toy.events in toy two": "deviation",
        "toy.things in toy one": "deviation",
        "toy.things in toy two": "not_applicable",
        "toy.units in toy one": "pass",
    }
    assert found["toy.events in toy one"]["because"] == (
        "Slots: 13 missed (2026-03-02 13:00 to 2026-03-03 01:00 UTC, not_running: no run took it up before the next "
        "one was due); 1 done (2026-03-03 02:00 UTC)."
    )
    assert found["toy.things in toy one"]["because"] == "Slots: 1 failed (2026-03-03 02:00 UTC)."
    assert "removed: " in found["toy.things in toy two"]["because"]
    assert all(one["rows"] for one in found.values())
    assert world.verified().sound


def test_a_day_without_a_fault_passes(tmp_path: Path) -> None:
    world = World(tmp_path, START)
    world.run()
    world.after(days=1)
    assert {one["outcome"] for one in outcomes(world).values()} == {"pass"}
