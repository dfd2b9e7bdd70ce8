"""Several writers on one archive: who loses a race tries the next place, and no run is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.checkpoint import Checkpoint
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.merkle import Tree
from collector.archive.reader import Reader
from collector.archive.segment import Segment
from collector.archive.verify import verify
from collector.errors import ForkError, TamperedError

from .conftest import AT, Judge, Place, commit
from .saboteur import Interloper

SCRIPT = Path(__file__).with_name("writer.py")


def test_the_loser_of_a_race_takes_the_next_place(place: Place, archive: Archive) -> None:
    assert archive.head.sequence == 0
    rival = place.open()
    mine = Archive.open(Interloper(place.judge, segment_key(1), lambda: commit(rival, "rival", "b")), place.keys)
    committed = commit(mine, "mine", "a")
    assert committed.sequence == 2
    assert committed.first_index == 3
    assert [leaf.body["run"] for leaf in Reader(place.judge).leaves() if "run" in leaf.body] == ["rival"] * 2 + [
        "mine"
    ] * 2
    assert place.open().head == mine.head


def test_a_writer_that_was_away_catches_up(place: Place, archive: Archive) -> None:
    away = place.open()
    for number in range(5):
        commit(archive, f"r{number}", "a", str(number))
    assert commit(away, "late", "z").sequence == 6
    assert commit(archive, "next", "y").sequence == 7
    assert place.open().head == archive.head


def test_the_rival_dies_before_its_checkpoint_and_the_loser_writes_it(place: Place, archive: Archive) -> None:
    def rival_dies() -> None:
        segment = Segment(archive.origin, 1, Tree().append([first]), (b'{"kind":"rival"}',), ())
        place.judge.put_if_absent(segment_key(1), segment.encode(place.keys.collector))

    genesis = next(Reader(place.judge).leaves())
    first = canonical.encode(genesis.body)
    mine = Archive.open(Interloper(place.judge, segment_key(1), rival_dies), place.keys)
    assert commit(mine, "mine", "a").sequence == 2
    assert place.path(checkpoint_key(1)).exists()


def test_another_signed_head_in_its_place_is_a_fork(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    other = place.keys.log.sign(Checkpoint(archive.origin, 3, b"x" * 32).text())
    place.disk.put_if_absent(checkpoint_key(1), other)
    with pytest.raises(ForkError, match=r"log/000000000001\.ckpt is signed for another tree"):
        commit(archive, "r1", "a")
    with pytest.raises(ForkError, match=r"log/000000000001\.ckpt"):
        Archive.open(place.disk, place.keys)
    assert "two histories" in {fault.object: fault.problem for fault in place.verify().faults}[checkpoint_key(1)]


def test_something_unsigned_in_the_place_of_a_checkpoint_is_tampering(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    place.disk.put_if_absent(checkpoint_key(1), b"nothing of ours\n")
    with pytest.raises(TamperedError, match=r"log/000000000001\.ckpt is not the checkpoint"):
        commit(archive, "r1", "a")


def test_a_signed_segment_that_continues_another_tree_stops_the_writer(place: Place) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    astray = Segment(archive.origin, 1, Tree().append([b"another genesis"]), (b'{"kind":"x"}',), ())
    place.judge.put_if_absent(segment_key(1), astray.encode(place.keys.collector))
    with pytest.raises(TamperedError, match=r"log/000000000001\.seg does not continue the commit before it"):
        commit(archive, "r1", "a")


def test_two_archives_that_grew_apart_are_told_by_the_pin(place: Place, tmp_path: Path) -> None:
    """A copy is taken, both go on: the machine that pinned one refuses the other."""
    commit(Archive.create(place.judge, place.keys, AT), "r1", "a")
    copy = LocalStore(tmp_path / "copy")
    for key in place.objects():
        copy.put_if_absent(key, place.path(key).read_bytes())
    other = Archive.open(copy, place.keys)
    commit(place.open(), "here", "b")
    with pytest.raises(ForkError, match="commit 2 has two histories"):
        commit(other, "there", "c")
    with pytest.raises(ForkError, match=r"log/000000000002\.seg is not the commit that this machine pinned"):
        Archive.open(copy, place.keys)
    here = place.keys.pin()
    assert verify(copy, str(place.keys.log.verifier_key)).faults == []
    faults = verify(copy, str(place.keys.log.verifier_key), here).faults
    assert [fault.object for fault in faults] == [segment_key(2)]
    assert "the past was rewritten" in faults[0].problem


def writers(place: Place, runs: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(SCRIPT), str(place.directory), str(place.keys.directory), f"w{number}", str(runs)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]


def test_four_processes_write_side_by_side(place: Place) -> None:
    Archive.create(place.judge, place.keys, AT)
    acknowledged: list[str] = []
    for process in writers(place, 8):
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        acknowledged += out.split()
    named = [leaf.body["name"] for leaf in Reader(place.judge).leaves() if "name" in leaf.body]
    assert len(acknowledged) == 32
    assert sorted(named) == sorted(acknowledged)
    assert place.verify(place.keys.pin()).faults == []


def test_four_processes_are_killed_and_nothing_acknowledged_is_lost(place: Place) -> None:
    Archive.create(place.judge, place.keys, AT)
    pauses = random.Random(7)  # noqa: S311 - when to kill, not a secret
    acknowledged: list[str] = []
    for process in writers(place, 1000):
        assert process.stdout
        acknowledged.append(process.stdout.readline().strip())
        time.sleep(pauses.uniform(0, 0.2))
        process.kill()
        out, err = process.communicate(timeout=60)
        assert err == ""
        acknowledged += out.split()
    assert len(acknowledged) >= 4
    assert all(acknowledged)
    assert place.verify(place.keys.pin()).faults == []
    commit(Archive.open(Judge(LocalStore(place.directory)), Keys.load(place.keys.directory)), "after", "a")
    assert place.verify(place.keys.pin()).faults == []
    named = [leaf.body["name"] for leaf in Reader(place.judge).leaves() if "name" in leaf.body]
    assert set(acknowledged) <= set(named)
    assert len(named) == len(set(named))
