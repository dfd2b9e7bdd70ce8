"""Step 12, settled as the log goes on, says what one says who holds all slots of all time side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import seal
from collector.archive.local import LocalStore
from collector.config import Override, ScheduleSettings
from collector.normalise import timestamp
from collector.slots import Cause, Entry, Missed, Series, entries_document
from tests.schedules import slot_oracle
from tests.schedules.test_verify_slots import Forger, both, content
from tests.schedules.toy import World

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KNOWN = [Series(f"toy.{name}", "toy", "one") for name in ("things", "events", "nothing")]
HOURS = st.sampled_from([0, 0.5, 1, 2, 3, 4, 5, 6, 8])
RUNS = st.sampled_from(["a", "b", "c"])
STEPS = st.one_of(
    st.tuples(st.just("claim"), HOURS, st.sampled_from([0.5, 2, 9])),
    st.tuples(st.just("ends"), st.integers(0, 4)),
    st.tuples(st.just("serve"), st.sampled_from(KNOWN), HOURS),
    st.tuples(st.just("miss"), st.sampled_from(KNOWN), HOURS, HOURS, st.integers(0, 4)),
    st.tuples(
        st.just("schedule"),
        HOURS,
        st.dictionaries(st.sampled_from(KNOWN), st.sampled_from(["hourly", "every 30 minutes", "daily"])),
    ),
)


class Steps:
    """What whoever holds the keys may put into the log, by the name of the step."""

    def __init__(self, world: World) -> None:
        self.forger = Forger(world)
        self.run = world.bodies("run")[-1]
        self.leaf = world.evidence()[-1]
        self.claimed = 0

    def claim(self, hours: float, hold: float) -> None:
        self.claimed += 1
        self.forger.commit(self.forger.claim(START + hours * HOUR, f"run {self.claimed}", hold))

    def ends(self, back: int) -> None:
        if self.claimed > back:
            self.forger.commit(self.run | {"run": f"run {self.claimed - back}", "expected": 0})

    def serve(self, series: Series, hours: float) -> None:
        slot = timestamp(START + hours * HOUR)
        body: dict[str, Any] = self.leaf | series._asdict() | {"run": "served", "slot": slot}
        self.forger.commit(body, self.run | {"run": "served", "expected": 1})

    def miss(self, series: Series, first: float, last: float, count: int) -> None:
        moments = START + first * HOUR, START + last * HOUR
        # Most often as the schedule has it while it is hourly.
        right = int(last - first) + 1 if count and last >= first else count
        self.forger.missed(Missed(series, *moments, right, Cause.NOT_RUNNING))

    def schedule(self, hours: float, entries: dict[Series, str]) -> None:
        document = entries_document([Entry(series, "", text) for series, text in entries.items()])
        self.forger.commit(seal.schedule_leaf(START + hours * HOUR, content(document)), documents=(document,))


def begun(folder: Path) -> World:
    world = World(folder, START, schedule=ScheduleSettings(override=[Override(cadence="hourly")]))
    world.toy.units = ["one"]
    return world


@pytest.fixture(scope="module")
def first_hour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every history begins with."""
    world = begun(tmp_path_factory.mktemp("first"))
    world.run()
    world.after(hours=1)
    return world.folder


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(STEPS, max_size=14))
def test_the_verdict_is_the_same(first_hour: Path, steps: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory(prefix="slots2-") as folder:
        copytree(first_hour, folder, dirs_exist_ok=True)
        world = begun(Path(folder))
        world.now += HOUR
        made = Steps(world)
        for name, *given_with in steps:
            getattr(made, name)(*given_with)
        report = both(world)
        faults, notes = slot_oracle.verdict(LocalStore(world.folder / "evidence"))
        assert {(one.object, one.problem) for one in report.faults} == faults
        assert sorted(note for note in report.notes if note.startswith(("Slots", "Answered"))) == notes
