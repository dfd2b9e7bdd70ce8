"""`collector serve` as a real process, its clock sixty times as fast: ended, killed, and two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.archive import pin
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.report import Report

ROOT = Path(__file__).parents[2]
CONFIG = '[schedule]\ndefault = "every 5 minutes"\nclaim_minutes = 20\n[serve]\nlisten = "none"\njitter_seconds = 0\n'
PATIENCE = 90

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "collector.toml").write_text(CONFIG)
    return tmp_path


@contextmanager
def served(folder: Path, anchor: float, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.schedules.fast", str(folder), "--anchor", str(anchor), *options]
    with subprocess.Popen(  # noqa: S603 - our own module
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def slots(folder: Path) -> Counter[tuple[str, str, str]]:
    """How often each slot of each series was served."""
    if not (folder / "evidence" / "log").is_dir():
        return Counter()
    bodies = (leaf.body for leaf in Reader(LocalStore(folder / "evidence")).leaves())
    return Counter(
        (one["type"], one["unit"], one["slot"]) for one in bodies if one["kind"] == "evidence" and one["slot"]
    )


def until_served(folder: Path, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while len({slot for _, _, slot in slots(folder)}) < count:
        assert time.monotonic() < end, f"{count} slots were not served in {PATIENCE} s"
        time.sleep(0.3)


def checked(folder: Path) -> Report:
    keys = folder / "evidence.keys"
    return verify(LocalStore(folder / "evidence"), (keys / "log.pub").read_text().strip(), pin.read(keys))


def ended(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


def test_it_serves_its_slots_and_ends_when_told(folder: Path) -> None:
    with served(folder, time.time()) as process:
        until_served(folder, 2)
        assert ended(process) == 0
    assert set(slots(folder).values()) == {1}
    assert checked(folder).faults == []


def test_what_it_was_reading_when_told_to_end_is_sealed_as_abandoned(folder: Path) -> None:
    (folder / "collector.toml").write_text(CONFIG + "grace_seconds = 1\n")
    with served(folder, time.time(), "--read", "8") as process:
        end = time.monotonic() + PATIENCE
        claims: list[str] = []
        while not claims:
            assert time.monotonic() < end
            time.sleep(0.2)
            if (folder / "evidence" / "log").is_dir():
                leaves = Reader(LocalStore(folder / "evidence")).leaves()
                claims = [leaf.body["run"] for leaf in leaves if leaf.body["kind"] == "claim"]
        ended(process)
    gaps = [leaf.body["gaps"] for leaf in Reader(LocalStore(folder / "evidence")).leaves() if "gaps" in leaf.body]
    assert {"timeout": 1} in gaps
    assert checked(folder).faults == []


def test_two_on_one_archive_serve_each_slot_once(folder: Path) -> None:
    anchor = time.time()
    with served(folder, anchor) as first:
        until_served(folder, 1)
        with served(folder, anchor) as second:
            until_served(folder, 4)
            ended(first)
            ended(second)
    assert set(slots(folder).values()) == {1}
    assert checked(folder).faults == []


def test_killed_again_and_again_it_loses_no_slot(folder: Path) -> None:
    """Every slot up to the last claim has an answer or a reason: that is step 12 of the verification."""
    anchor = time.time()
    for number in range(6):
        with served(folder, anchor) as process:
            time.sleep(2.0 + 0.7 * number)
            process.kill()
    with served(folder, anchor) as process:
        before = len({slot for _, _, slot in slots(folder)})
        until_served(folder, before + 1)
        assert ended(process) == 0
    assert set(slots(folder).values()) == {1}
    assert checked(folder).faults == []
