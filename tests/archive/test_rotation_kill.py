"""A process that is killed in the midst of replacing keys, again and again, and what the next one finds."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from collector.archive.archive import Archive
from collector.archive.keyring import ROLES
from collector.archive.reader import Reader
from collector.archive.verify import verify

from .conftest import AT, Place, commit
from .rotation import reloaded, reopened

SCRIPT = """
import sys
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore

archive = Archive.open(LocalStore(Path(sys.argv[1])), Keys.load(Path(sys.argv[2])))
print("open", flush=True)
for role in cycle(["collector", "log"]):
    archive.replace_key(role, datetime(2026, 11, 1, tzinfo=UTC))
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_process_leaves_keys_that_go_on(place: Place, seed: int) -> None:
    Archive.create(place.judge, place.keys, AT)
    moments = random.Random(seed)  # noqa: S311 - when to kill
    line = [sys.executable, "-c", SCRIPT, str(place.directory), str(place.keys.directory)]
    for number in range(3):
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == "open\n"
            time.sleep(moments.uniform(0, 0.05))
            process.kill()
            assert process.stderr.read() == ""
        commit(reopened(place), f"r{number}", str(number))
    ring = reloaded(place).ring
    replaced = [leaf.body["role"] for leaf in Reader(place.judge).leaves() if leaf.body["kind"] == "key"]
    assert {role: len(ring.terms(role)) - 1 for role in ROLES} == {role: replaced.count(role) for role in ROLES}
    for term in ring.log:
        assert verify(place.disk, str(term.key), place.keys.pin()).faults == []
