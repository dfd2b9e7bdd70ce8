"""Whatever happens, in whatever order: no slot is lost, none is answered twice, and both verifiers find all well."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.config import Override, ScheduleSettings
from tests.schedules.test_verify_slots import both
from tests.schedules.toy import World

START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
SCHEDULES = [
    ScheduleSettings(override=[Override(type="toy.events", cadence="hourly")]),
    ScheduleSettings(default="daily at 02:30 Europe/Berlin", claim_minutes=30),
    ScheduleSettings(default="every 30 minutes", override=[Override(scope="one", cadence="daily")]),
]


class DiedError(BaseException):
    """The process ends here."""


class History:
    """What can happen to a world, by the name of the step."""

    def __init__(self, world: World) -> None:
        self.world = world

    def run(self) -> None:
        self.world.run()

    def die(self) -> None:
        def now() -> None:
            raise DiedError

        self.world.toy.interrupt = now
        with suppress(DiedError):
            self.world.run()
        self.world.toy.interrupt = None

    def overlap(self) -> None:
        """While one run is at it, another one starts; perhaps so late that the first one's claim has run out."""

        def meanwhile() -> None:
            self.world.now += timedelta(minutes=50)
            self.world.run()
            self.world.now += timedelta(minutes=100)

        self.world.toy.interrupt = meanwhile
        self.world.run()
        self.world.toy.interrupt = None

    def change_scopes(self) -> None:
        units = self.world.toy.units
        self.world.toy.units = ["one", "three"] if "two" in units else ["one", "two"]

    def change_schedule(self) -> None:
        self.world.schedule = SCHEDULES[(SCHEDULES.index(self.world.schedule) + 1) % len(SCHEDULES)]

    def deny(self) -> None:
        self.world.toy.denied ^= {"toy.things"}

    def set_clock_back(self) -> None:
        self.world.now -= timedelta(minutes=45)


STEPS = ["run", "run", "die", "overlap", "change_scopes", "change_schedule", "deny", "set_clock_back"]


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from([0, 0.3, 1, 5, 14, 60]), st.sampled_from(STEPS)), max_size=9))
def test_every_slot_is_answered_exactly_once(steps: list[tuple[float, str]]) -> None:
    with TemporaryDirectory(prefix="slots-") as folder:
        world = World(Path(folder), START, schedule=SCHEDULES[0])
        history = History(world)
        world.run()
        for hours, step in steps:
            world.now += timedelta(hours=hours)
            getattr(history, step)()
            assert both(world).sound, steps
        # Once nobody can be at it any more, one more run leaves nothing open.
        world.now += timedelta(hours=30)
        world.run()
        ledger = world.ledger
        assert ledger.again == []
        assert list(ledger.unanswered(world.now)) == []
        last = max(claim.at for claim in ledger.claims)
        for series in ledger.series:
            assert all(ledger.answer(series, slot) for slot in ledger.slots(series, START, last))
        assert both(world).sound
