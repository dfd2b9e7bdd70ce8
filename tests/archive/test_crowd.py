"""Four writers that are killed at random, and an intruder, on every store: nothing acknowledged is lost or doubled.

The seed is printed; COLLECTOR_SEED repeats its choices (not the moments at which the machine runs whom).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key, sequences
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify

from .conftest import AT, ORIGIN, commit
from .test_standalone import findings

if TYPE_CHECKING:
    from collector.archive.store import Store

SCRIPT = Path(__file__).with_name("writer.py")
COMMITS = 200
WRITERS = 4
MOST_SECONDS = 600


@dataclass
class Crowd:
    """Writer processes, each under its own name, and what they had acknowledged."""

    place: str
    environment: dict[str, str]
    keys: Keys
    stack: ExitStack
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    started: int = 0

    def join(self) -> None:
        arguments = [self.place, str(self.keys.directory), f"w{self.started}", "100000", "-1", "", "10"]
        process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(SCRIPT), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | self.environment,
        )
        self.stack.callback(process.kill)
        self.running.append(process)
        self.started += 1

    def kill(self, number: int) -> None:
        process = self.running.pop(number)
        process.kill()
        out, err = process.communicate(timeout=60)
        assert err == ""
        assert process.returncode == -9, "it ended by itself"
        # A line that the kill cut short was never read as an acknowledgement.
        self.acknowledged += [line.strip() for line in out.splitlines(keepends=True) if line.endswith("\n")]


def intrude(store: Store, chance: random.Random) -> int | None:
    """Put at the head what somebody without keys can: garbage, or a copy. The number of the commit it took."""
    head = sequences(store.list("log/"), "seg")[-1]
    copied = chance.choice([segment_key, checkpoint_key])(chance.randint(0, head))
    content = chance.choice([chance.randbytes(40), b"", store.get(copied) or b"x"])
    return head + 1 if store.put_if_absent(segment_key(head + 1), content) else None


def copied_to(directory: Path, store: Store) -> Path:
    copy = LocalStore(directory)
    for key in store.list(""):
        copy.put_if_absent(key, store.get(key) or b"")
    return directory


@pytest.mark.slow
@pytest.mark.timeout(MOST_SECONDS + 60)
def test_200_commits_by_four_writers_that_are_killed_and_an_intruder(
    store: Store,
    url: str,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    seed = int(os.environ.get("COLLECTOR_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"COLLECTOR_SEED={seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)  # noqa: S311 - whom to kill, not a secret
    keys = Keys.create(tmp_path / "keys", ORIGIN)
    Archive.create(store, keys, AT)
    planted: set[int] = set()
    end = time.monotonic() + MOST_SECONDS
    with ExitStack() as stack:
        crowd = Crowd(url, environment, keys, stack)
        for _ in range(WRITERS):
            crowd.join()
        while (head := sequences(store.list("log/"), "seg")[-1]) - len(planted) < COMMITS:
            assert time.monotonic() < end, f"{head} commits in {MOST_SECONDS} s"
            time.sleep(chance.uniform(0, 0.4))
            if chance.random() < 0.4 and (taken := intrude(store, chance)):
                planted.add(taken)
            if chance.random() < 0.12:
                crowd.kill(chance.randrange(WRITERS))
                crowd.join()
        while crowd.running:
            crowd.kill(0)
    commit(Archive.open(store, keys), "after", "a")
    report = verify(store, str(keys.log.verifier_key), keys.pin())
    assert report.faults == []
    leaves = [leaf.body for leaf in Reader(store).leaves()]
    assert {leaf["sequence"] for leaf in leaves if leaf["kind"] == "void"} == planted
    assert report.voids == len(planted) > 0
    names = [leaf["name"] for leaf in leaves if leaf["kind"] == "note"]
    assert len(names) == len(set(names)), "a run is doubled"
    assert set(crowd.acknowledged) <= set(names), "an acknowledged run is lost"
    assert len({name.partition("-")[0] for name in names}) > 1, "they did not write side by side"
    assert crowd.started > WRITERS
    found = findings(copied_to(tmp_path / "copy", store), str(keys.log.verifier_key), keys.pin())
    assert (found.faults, found.commits, found.voids) == ([], report.segments, report.voids)
