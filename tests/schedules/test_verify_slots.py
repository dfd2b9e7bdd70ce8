"""Step 9: whoever holds the keys cannot leave a slot out in silence, and both verifiers say so of the same segment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from collector import canonical, seal
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.cadence import Cadence
from collector.cadence import slots as our_slots
from collector.config import Override, ScheduleSettings
from collector.model import Content
from collector.normalise import timestamp
from collector.slots import Cause, Entry, Missed, Series, entries_document, missed_document
from tests.archive.test_standalone import objects, stranger
from tests.schedules.toy import World
from tests.test_cadence import CADENCES, MOMENTS

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.report import Report

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
THINGS = Series("toy.things", "toy", "one")
HOUR = timedelta(hours=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An archive whose schedule is hourly, with one run of all."""
    made = World(tmp_path, START, schedule=ScheduleSettings(override=[Override(cadence="hourly")]))
    made.toy.units = ["one"]
    made.run()
    made.after(hours=1)
    assert both(made).sound
    return made


def both(world: World) -> Report:
    """The built-in verdict, held against the stranger's."""
    report = world.verified()
    key = (world.folder / "evidence.keys" / "log.pub").read_text().strip()
    found = stranger.verify(world.folder / "evidence", key, None)
    assert found.unchecked == []
    assert objects(found) == {fault.object for fault in report.faults}, (found.faults, report.faults)
    return report


class Forger:
    """Whoever holds the keys, and commits what he likes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.archive = Archive.open(world.store, Keys.load(world.folder / "evidence.keys"))

    def commit(self, *leaves: dict[str, Any], documents: tuple[bytes, ...] = ()) -> None:
        with self.archive.stage(self.world.now) as staging:
            for document in documents:
                staging.put(document)
            self.archive.append(leaves, staging)

    def evidence(self, slot: datetime | str) -> list[dict[str, Any]]:
        """A run that answers one slot, copied from one that was made."""
        body = self.world.evidence()[-1] | {"run": "forged"}
        text = slot if isinstance(slot, str) else timestamp(slot)
        return [body | {"slot": text}, self.world.bodies("run")[-1] | {"run": "forged", "expected": 1}]

    def claim(self, at: datetime, run: str = "forged", hours: float = 2) -> dict[str, Any]:
        return seal.claim_leaf(run, at, at + hours * HOUR)

    def missed(self, *stretches: Missed) -> None:
        document = missed_document(stretches)
        cited = content(document)
        self.commit(seal.missed_leaf("forged", self.world.now, cited, {}), documents=(document,))


def content(document: bytes) -> Content:
    return Content(canonical.digest(document), document.count(b"\n"))


def problem(world: World) -> str:
    """The one fault there is."""
    (fault,) = both(world).faults
    return fault.problem


def test_a_slot_left_out_is_named_once_somebody_else_claims(world: World) -> None:
    forger = Forger(world)
    forger.commit(forger.claim(START + 2 * HOUR))
    assert both(world).sound, "its run may still be at it"
    forger.commit(forger.claim(START + 5 * HOUR, "another"))
    assert both(world).sound, "and the second one now holds everything"
    forger.commit(world.bodies("run")[-1] | {"run": "another", "expected": 0})
    faults = both(world).faults
    assert len(faults) == 3, "one for each series"
    assert "4 of toy.events toy one have no answer, from 2026-03-01T14:00:00Z to 2026-03-01T17:00:00Z" in str(faults)


def test_an_answer_for_a_slot_that_there_is_not(world: World) -> None:
    forger = Forger(world)
    forger.commit(*forger.evidence(START + 1.5 * HOUR))
    assert "at 2026-03-01T13:30:00Z, which no schedule has" in problem(world)


def test_an_answer_for_a_time_before_any_schedule(world: World) -> None:
    forger = Forger(world)
    forger.commit(*forger.evidence(START - 3 * HOUR))
    assert "which no schedule has" in problem(world)


def test_a_second_answer_is_noted_and_changes_nothing(world: World) -> None:
    forger = Forger(world)
    forger.commit(*forger.evidence(START + HOUR))
    report = both(world)
    assert report.sound
    assert any(note.startswith("Answered twice: ") for note in report.notes)


@pytest.mark.parametrize(
    ("first", "last", "count"), [(1, 3, 2), (1, 3, 4), (0, 3, 4), (1.5, 3, 2), (2, 3.5, 2), (3, 2, 0), (-5, -4, 2)]
)
def test_a_stretch_that_is_not_what_the_schedule_has(world: World, first: float, last: float, count: int) -> None:
    Forger(world).missed(Missed(THINGS, START + first * HOUR, START + last * HOUR, count, Cause.NOT_RUNNING))
    assert f"misses {count} slots of toy.things toy one" in problem(world)


def test_a_stretch_as_the_schedule_has_it(world: World) -> None:
    Forger(world).missed(Missed(THINGS, START + 2 * HOUR, START + 3 * HOUR, 2, Cause.SKIPPED, "mara", "maintenance"))
    assert both(world).sound


def test_a_stretch_of_a_series_that_no_schedule_has(world: World) -> None:
    stranger_to_all = Series("toy.nothing", "toy", "one")
    Forger(world).missed(Missed(stranger_to_all, START + HOUR, START + HOUR, 1, Cause.FAILED))
    assert "misses 1 slots of toy.nothing toy one" in problem(world)


def test_a_back_dated_schedule_reopens_nothing(world: World) -> None:
    """A denser schedule from before would make holes, a thinner one would make strays of what was answered."""
    world.after(hours=1)
    document = entries_document([Entry(THINGS, "", "daily")])
    Forger(world).commit(seal.schedule_leaf(START - 9 * HOUR, content(document)), documents=(document,))
    assert both(world).sound


@pytest.mark.parametrize("cadence", ["sometimes", "cron 0 0 31 2", "daily at 24:00", "every 0 minutes", "weekly"])
def test_a_schedule_with_a_cadence_that_is_none(world: World, cadence: str) -> None:
    document = entries_document([Entry(THINGS, "", cadence)])
    Forger(world).commit(seal.schedule_leaf(START, content(document)), documents=(document,))
    assert "is not as its kind has to be" in problem(world) or cadence in problem(world)


@pytest.mark.parametrize("slot", ["2026-03-01T13:00:00", "yesterday", "2026-13-01T13:00:00Z"])
def test_a_slot_that_is_no_time(world: World, slot: str) -> None:
    forger = Forger(world)
    forger.commit(*forger.evidence(slot))
    assert problem(world)


def test_a_year_of_missed_slots_is_counted_by_both(world: World) -> None:
    world.schedule = ScheduleSettings(
        default="daily at 02:30 Europe/Berlin", override=[Override(type="toy.events", cadence="every 20 minutes")]
    )
    world.after(hours=1)
    world.after(days=365)
    assert both(world).sound
    note = next(note for note in both(world).notes if note.startswith("Slots: "))
    assert note.startswith(f"Slots: {6 + 72 * 365 + 2 * 365} due up to "), note


@settings(deadline=None, max_examples=300)
@given(CADENCES, MOMENTS)
def test_the_stranger_has_the_same_slots(cadence: Cadence, moment: datetime) -> None:
    end = moment + timedelta(days=3 if len(cadence.times) > 1 else 200)
    ours = [slot for slot in our_slots(cadence, moment, end + timedelta.resolution) if slot > moment]
    assert stranger.moments(str(cadence), moment, end) == ours
    assert all(one < two for one, two in pairwise(ours))
