"""A due run reads what is open and what stands from the newest commits, however many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical, seal
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.traffic import CountedStore
from collector.archive.verify import verify
from collector.config import Override, ScheduleSettings
from collector.normalise import timestamp
from collector.recent import recent
from collector.slots import Entry, Series
from collector.turn import ledger_of, take
from tests.schedules.test_verify_slots import Forger, both
from tests.schedules.toy import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from collector.turn import Turn

pytestmark = pytest.mark.first

START = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
CADENCES = {"hourly": 3, "daily": 4, "weekly on monday": 2, "monthly on 1": 1, "quarterly": 1}
ENTRIES = sorted(
    Entry(Series(f"toy.{text.split()[0]}", "toy", str(unit)), "", text)
    for text, units in CADENCES.items()
    for unit in range(units)
)
NOTHING = {"count": 0, "sha256": canonical.digest(b"")}


class Life:
    """An archive that a due run comes to again and again, and what it asks of its place each time."""

    def __init__(self, folder: Path, entries: Sequence[Entry] = ENTRIES) -> None:
        self.entries = entries
        self.store = LocalStore(folder / "evidence")
        self.keys = folder / "keys"
        Archive.create(self.store, Keys.create(self.keys, "evidence/recent"), START)
        self.now = START
        self.runs = 0

    def start(self) -> tuple[Turn, int]:
        """What a run that starts now has for its own, and how many objects were read to know it."""
        counted = CountedStore(self.store)
        self.archive = Archive.open(counted, Keys.load(self.keys))
        self.runs += 1
        turn = take(
            self.archive, counted, self.entries, f"run {self.runs}", self.now, hold=timedelta(hours=2), broken={}
        )  # fmt: skip
        return turn, counted.traffic.gets

    def end(self, turn: Turn) -> None:
        """Answer all of it."""
        leaves: list[dict[str, Any]] = [evidence(turn.run, series, slot) for series, slot in turn.due.items()]
        with self.archive.stage(self.now) as staging:
            staging.put(b"")
            missed = list(turn.missed_leaf(staging, self.now))
            ending = {"kind": "run", "run": turn.run, "expected": len(leaves)}
            self.archive.append([*leaves, *missed, ending], staging)

    def known(self) -> tuple[Any, ...]:
        """What the newest commits say, to be held against what the whole log says."""
        ledger = recent(self.archive).ledger
        return state(ledger, self.now), state(ledger_of(self.store), self.now)


def state(ledger: Any, now: datetime) -> tuple[Any, ...]:
    settled = ledger.settled
    still_open = sorted(ledger.unanswered(now))
    holders = [[turn.leaf for turn in ledger.holders(slot)] for _, slot in still_open]
    return settled, still_open, holders, ledger.rules[-1]


def evidence(run: str, series: Series, slot: datetime) -> dict[str, Any]:
    cited = dict.fromkeys(("records", "exchanges", "completeness"), NOTHING)
    return {"kind": "evidence", "run": run, "complete": True, "slot": timestamp(slot)} | series._asdict() | cited


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_after_months_no_start_reads_more_than_the_first_ones(tmp_path: Path) -> None:
    """Eight times as many runs as a start looks back over, and over the turn of a quarter."""
    entries = [one._replace(cadence=one.cadence.replace("hourly", "cron 0 */6 * * *")) for one in ENTRIES]
    life, reads = Life(tmp_path, entries), []
    for number in range(400):
        turn, gets = life.start()
        reads.append(gets)
        if number:
            life.end(turn)
        life.now += timedelta(hours=6)
    assert max(reads[200:]) <= max(reads[20:200]) + 2, "a monthly and a quarterly slot have come meanwhile"
    life.end(life.start()[0])
    life.now += timedelta(minutes=20)
    turn, _ = life.start()
    stands = {(body["type"], body["unit"]) for _, body in turn.standing}
    assert stands == {(entry.series.type, entry.series.unit) for entry in ENTRIES}
    assert verify(life.store, str(Keys.load(life.keys).log.verifier_key)).sound


def test_a_death_an_outage_and_an_overlap_are_seen_from_near_as_from_afar(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start()
    for hours in (1, 1, 30):
        life.now += timedelta(hours=hours)
        life.end(life.start()[0])
    life.now += timedelta(hours=1)
    life.start()  # and dies
    near, far = life.known()
    assert near == far
    assert near[1], "what it took is open"
    for hours in (1, 1, 3):
        life.now += timedelta(hours=hours)
        life.end(life.start()[0])
        near, far = life.known()
        assert near == far
    assert verify(life.store, str(Keys.load(life.keys).log.verifier_key)).sound


def test_what_a_slow_run_lost_to_one_that_died_is_not_taken_for_settled(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.start()
    life.now += timedelta(hours=1)
    slow, _ = life.start()
    life.now += timedelta(hours=1)
    life.end(life.start()[0])
    life.now += timedelta(hours=1, minutes=30)
    life.start()  # takes over what the slow one has, and dies
    life.end(slow.confirmed(life.now))
    near, far = life.known()
    assert near == far
    assert near[0] == START, "the first hour is open"
    life.now += timedelta(hours=3)
    life.end(life.start()[0])
    assert not life.known()[0][1]
    assert verify(life.store, str(Keys.load(life.keys).log.verifier_key)).sound


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, START, schedule=ScheduleSettings(override=[Override(cadence="hourly")]))
    made.run()
    made.after(hours=1)
    made.after(hours=1)
    return made


def claim(world: World, **change: Any) -> None:
    forger = Forger(world)
    known = recent(forger.archive).basis
    leaf = seal.claim_leaf("forged", world.now, world.now, known)
    leaf["basis"] |= change
    forger.commit(leaf)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"settled": timestamp(START + timedelta(hours=9))}, "says that every slot up to"),
        ({"besides": []}, "leaves out commit 1, which open slots follow from"),
        ({"since": "7"}, "a basis names commits by their numbers"),
        ({"settled": "yesterday"}, "yesterday"),
    ],
)
def test_a_basis_that_is_not_true_is_a_fault(world: World, change: dict[str, Any], problem: str) -> None:
    claim(world)
    assert both(world).sound
    claim(world, **change)
    (fault,) = both(world).faults
    assert problem in fault.problem


def test_a_basis_that_hides_a_claim_is_a_fault(world: World) -> None:
    forger = Forger(world)
    forger.commit(forger.claim(world.now + timedelta(hours=2), "first"))
    claim(world, since=forger.archive.head.sequence + 1, besides=[1])
    (fault,) = both(world).faults
    assert f"leaves out commit {forger.archive.head.sequence}" in fault.problem


def test_a_slot_that_is_open_is_not_settled(world: World) -> None:
    forger = Forger(world)
    later = world.now + timedelta(hours=2)
    forger.commit(forger.claim(later, "first"))
    claim(world, settled=timestamp(later))
    (fault,) = both(world).faults
    assert "says that every slot up to" in fault.problem
