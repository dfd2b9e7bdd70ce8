"""Four writers that are killed at random, and an intruder, on every store: nothing acknowledged is lost or doubled.

The seed is printed; COLLECTOR_SEED repeats its choices (not the moments at which the machine runs whom). What is done
to them follows their own progress, so a slow machine sees as many kills as a fast one, and no clock runs out while any
of them gets on.
"""

from __future__ import annotations

import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key, sequences
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.errors import ArchiveError

from .conftest import AT, ORIGIN, commit
from .nursery import Nursery
from .stores import ONCE_A_SERVER
from .test_standalone import findings, stranger
from .writer import again

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from collector.archive.store import Store

pytestmark = pytest.mark.first

COMMITS = 200
WRITERS = 4
KILLS = 16
INTRUSIONS = 12
TRIES = 50
MOST_STILL_SECONDS = 300
"""So long at most may pass without a commit."""


@dataclass
class Crowd:
    """Writer processes, each under its own name, and what they have acknowledged."""

    nursery: Nursery
    place: str
    environment: Mapping[str, str]
    keys: Keys
    folder: Path
    running: list[int] = field(default_factory=list)
    started: int = 0

    def join(self) -> None:
        name = f"w{self.started}"
        arguments = [self.place, str(self.keys.directory), name, "100000", "-1", "", "10"]
        out, err = self.folder / f"{name}.out", self.folder / f"{name}.err"
        self.running.append(self.nursery.start(arguments, self.environment, out, err))
        self.started += 1

    def kill(self, number: int) -> None:
        code = self.nursery.end(self.running.pop(number))
        assert self.complaints() == ""
        assert code == -9, "it ended by itself"

    def complaints(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob("*.err"))

    def acknowledged(self) -> list[str]:
        """What was told to be committed. A line that a kill cut short was never told."""
        told = (line for file in self.folder.glob("*.out") for line in file.read_text().splitlines(keepends=True))
        return [line.strip() for line in told if line.endswith("\n")]

    def until(self, commits: int) -> None:
        """Wait for so many acknowledged commits in all, as long as they become more."""
        seen, since = -1, time.monotonic()
        while (now := len(self.acknowledged())) < commits:
            if now > seen:
                seen, since = now, time.monotonic()
            still = time.monotonic() - since
            assert still < MOST_STILL_SECONDS, f"{now} commits, and none for {still:.0f} s; {self.complaints()}"
            time.sleep(0.02)


@dataclass
class Intruder:
    """Somebody without keys, who puts garbage or copies where the next commit belongs."""

    store: Store
    chance: random.Random
    tried: set[tuple[int, str]] = field(default_factory=set)
    """Number and SHA-256 of all that it put, whatever became of it."""
    planted: set[tuple[int, str]] = field(default_factory=set)
    """What the store said that it took."""

    def intrude(self) -> None:
        """It is one against many: from the head on it tries each number until it is faster once, or gives up."""
        following = again(lambda: sequences(self.store.list("log/"), "seg")[-1]) + 1
        copied = self.chance.choice([segment_key, checkpoint_key])(self.chance.randrange(following))
        content = self.chance.choice([self.chance.randbytes(40), b"", again(lambda: self.store.get(copied)) or b"x"])
        for number in range(following, following + TRIES):
            put = number, canonical.digest(content)
            self.tried.add(put)
            try:
                if self.store.put_if_absent(segment_key(number), content):
                    self.planted.add(put)
                    return
            except ArchiveError:
                return  # nobody knows whether it got through


def copied_to(directory: Path, store: Store) -> LocalStore:
    """All objects, each asked for once; what then reads them waits for no server."""
    copy = LocalStore(directory)
    with ThreadPoolExecutor(WRITERS) as pool:
        keys = again(lambda: [*store.list("")])
        for key, content in zip(keys, pool.map(lambda key: again(lambda: store.get(key)), keys), strict=True):
            copy.put_if_absent(key, content or b"")
    return copy


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(1800)  # the crowd itself says when nobody gets on
@ONCE_A_SERVER
def test_200_commits_by_four_writers_that_are_killed_and_an_intruder(
    store: Store,
    url: str,
    environment: dict[str, str],
    nursery: Nursery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed = int(os.environ.get("COLLECTOR_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"COLLECTOR_SEED={seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)  # noqa: S311 - whom to kill, not a secret
    keys = Keys.create(tmp_path / "keys", ORIGIN)
    again(lambda: Archive.create(store, keys, AT))
    (tmp_path / "crowd").mkdir()
    crowd = Crowd(nursery, url, os.environ | environment, keys, tmp_path / "crowd")
    intruder = Intruder(store, chance)
    for _ in range(WRITERS):
        crowd.join()
    try:
        disturb(crowd, intruder, chance)
        crowd.until(COMMITS)
    finally:
        while crowd.running:
            crowd.kill(0)
    again(lambda: commit(Archive.open(store, keys), "after", "a"))
    check(crowd, intruder, copied_to(tmp_path / "copy", store), monkeypatch)


def disturb(crowd: Crowd, intruder: Intruder, chance: random.Random) -> None:
    """Kill and intrude at so many commits, chosen beforehand, at any moment between one of them and the next few."""
    kills = [(at, True) for at in chance.choices(range(1, COMMITS), k=KILLS)]
    intrusions = [(at, False) for at in chance.choices(range(1, COMMITS), k=INTRUSIONS)]
    start = time.monotonic()
    for at, deadly in sorted(kills + intrusions):
        crowd.until(at)
        pace = (time.monotonic() - start) / at
        time.sleep(chance.uniform(0, min(2.0, WRITERS * pace)))
        if deadly:
            crowd.kill(chance.randrange(WRITERS))
            crowd.join()
        else:
            intruder.intrude()


def check(crowd: Crowd, intruder: Intruder, copy: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """No fork, no run that is torn, doubled or lost; and both verifiers say so."""
    key, pin = str(crowd.keys.log.verifier_key), crowd.keys.pin()
    report = verify(copy, key, pin)
    assert report.faults == []
    leaves = [leaf.body for leaf in Reader(copy).leaves()]
    voids = {(leaf["sequence"], leaf["object"]) for leaf in leaves if leaf["kind"] == "void"}
    assert intruder.planted
    assert intruder.planted <= voids <= intruder.tried
    assert report.voids == len(voids)
    names = [leaf["name"] for leaf in leaves if leaf["kind"] == "note"]
    assert len(names) == len(set(names)), "a run is doubled"
    assert set(crowd.acknowledged()) <= set(names), "an acknowledged run is lost"
    assert len(set(names)) >= COMMITS
    assert len({name.partition("-")[0] for name in names}) > 1, "they did not write side by side"
    # A pack a commit would be a process a commit; test_standalone.py tries the program.
    monkeypatch.setattr(stranger, "zstd_here", lambda: stranger.Library(zstd))
    found = findings(copy._root, key, pin)
    assert (found.faults, found.commits, found.voids) == ([], report.segments, report.voids)
