"""Who follows a log sees what one who reads it from its beginning sees, and holds no more than the last weeks of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collector.archive.reader import Reader
from collector.config import ScheduleSettings
from schedules.overview import DAYS, RUNS, Follower
from tests.schedules.toy import World

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_log_that_grows_is_seen_as_by_one_who_reads_it_anew(tmp_path: Path) -> None:
    world = World(tmp_path, START, schedule=ScheduleSettings(default="every 30 minutes"))
    world.toy.units = ["one"]
    world.run()
    follower, reader, seen = Follower(world.store), Reader(world.store), 0
    for step in ({"minutes": 30}, {"hours": 2}, {"minutes": 1}, {"days": 40}, {"minutes": 30}):
        if step == {"hours": 2}:
            world.schedule = ScheduleSettings(default="hourly")
        world.after(**step)
        newer = list(reader.newer())
        assert newer == list(Reader(world.store).leaves())[seen:]
        assert list(reader.newer()) == []
        seen += len(newer)
        found = follower.overview(world.now)
        assert found == Follower(world.store).overview(world.now)
    assert found.leaves == seen
    assert len(found.runs) <= RUNS
    assert found.picture.start == world.now.replace(hour=0, minute=0, second=0) - timedelta(days=DAYS - 1)
    assert found.picture.due == found.picture.done + found.picture.counts.get("missed", 0)  # type: ignore[call-overload]
    assert min(slot for answers in follower._ledger.served.values() for slot in answers) >= found.picture.start
    assert len(follower._ledger.claims) == 1
