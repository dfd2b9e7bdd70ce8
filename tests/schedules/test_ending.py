"""A run that has to end early: what it had read is kept, what it had not is sealed as abandoned."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.cli.options import Providers
from collector.cli.run import due_pass
from collector.ending import Ending
from collector.engine.pool import Pool
from collector.errors import ArchiveError, UsageError
from tests.schedules.toy import NoSettings, World, connector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from schedules.passed import Passed

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@contextmanager
def unwatched(_: int) -> Iterator[Callable[..., None]]:
    yield lambda *_: None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, START)


def passed(world: World, until: Ending, pool: Pool) -> Passed:
    providers = Providers({"toy": connector(world.toy)}, {"toy": NoSettings()}, [])
    return due_pass(world.config, providers, lambda: world.now, pool, unwatched, until)


def test_what_is_not_read_when_reading_is_over_is_sealed_as_abandoned(world: World) -> None:
    world.run()
    world.now += timedelta(days=1)
    until, let_go = Ending(), threading.Event()

    def stuck() -> None:
        threading.Thread(target=until.abandon).start()
        let_go.wait(20)

    world.toy.interrupt = stuck
    with Pool(1) as pool:
        done = passed(world, until, pool)
        assert done.finished
        assert not done.finished.complete
        snapshots = [one for one in done.finished.snapshots if one.scope.provider == "toy"]
        assert {(gap.cause.value, gap.detail[:21]) for one in snapshots for gap in one.gaps} == {
            ("timeout", "abandoned at shutdown")
        }
        assert len(world.evidence()) == 5
        let_go.set()
    (run,) = world.bodies("run")
    assert (run["outcome"], run["collected"]) == ("partial", 1), "the account of the slots alone is complete"
    assert world.states("toy.things", "one", START) == ["failed"]
    report = world.verified()
    assert report.sound
    assert world.after(days=1)
    assert world.states("toy.things", "one", START) == ["failed", "done"]


def test_what_was_read_before_is_kept(world: World) -> None:
    world.run()
    world.now += timedelta(days=1)
    until, let_go = Ending(), threading.Event()
    asked = world.toy.asked

    def stuck() -> None:
        world.toy.interrupt = then

    def then() -> None:
        threading.Thread(target=until.abandon).start()
        let_go.wait(20)

    world.toy.interrupt = stuck
    with Pool(1) as pool:
        passed(world, until, pool)
        let_go.set()
    states = [world.states(evidence_type, unit, START) for evidence_type, unit in asked[:2]]
    assert states == [["done"], ["failed"]]
    assert world.verified().sound


def test_who_is_told_to_end_before_it_has_begun_takes_nothing_up(world: World) -> None:
    world.run()
    world.now += timedelta(days=1)
    until = Ending()
    until.ask()
    with Pool(1) as pool, pytest.raises(UsageError, match="nothing was done"):
        passed(world, until, pool)
    assert world.bodies("claim") == []


def test_nothing_is_kept_once_it_is_over() -> None:
    until, kept = Ending(), list[bytes]()

    def keep(content: bytes) -> str:
        kept.append(content)
        return "digest"

    gated = until.gated(keep)
    assert gated(b"one") == "digest"
    until.abandon()
    with pytest.raises(ArchiveError):
        gated(b"two")
    assert kept == [b"one"]
