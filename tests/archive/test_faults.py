"""Every put fails once, stored and not stored; every failure is followed by opening again and a full verification."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.errors import ArchiveError

from .conftest import AT, ORIGIN, Place, commit, run_leaves
from .saboteur import Crash, Saboteur

if TYPE_CHECKING:
    from collector.archive.store import Store

LARGE = b"large " * 400_000
CREATE_PUTS = ["log/000000000000.seg", "log/000000000000.ckpt"]
APPEND_PUTS = ["packs/", "blobs/", "log/000000000001.seg", "log/000000000001.ckpt"]
SIDES = pytest.mark.parametrize("stored", [False, True], ids=["not stored", "stored"])


def runs_in(store: Store) -> list[str]:
    return [leaf.body["run"] for leaf in Reader(store).leaves() if leaf.body["kind"] == "run"]


def test_these_are_all_the_puts_there_are(place: Place) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    commit(archive, "r1", "a", large=LARGE)
    created, appended = place.judge.puts[:2], place.judge.puts[2:]
    assert created == CREATE_PUTS
    assert len(appended) == len(APPEND_PUTS)
    assert all(put.startswith(start) for put, start in zip(appended, APPEND_PUTS, strict=True))


@SIDES
@pytest.mark.parametrize("position", range(len(CREATE_PUTS)), ids=CREATE_PUTS)
@pytest.mark.parametrize("error", [ArchiveError("disk gone"), Crash()], ids=["error", "crash"])
def test_creating_fails_and_is_made_good(place: Place, position: int, stored: bool, error: BaseException) -> None:  # noqa: FBT001 - pytest passes it
    with pytest.raises(type(error)):
        Archive.create(Saboteur(place.judge, position, stored=stored, error=error), place.keys, AT)
    if position == 0 and not stored:
        with pytest.raises(ArchiveError, match="holds no archive"):
            place.open()
        Archive.create(place.judge, place.keys, AT)
    archive = place.open()
    assert archive.head.size == 1
    commit(archive, "r1", "a")
    assert place.verify(place.keys.pin()).faults == []
    assert place.verify().head == archive.head == place.keys.pin()


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_the_program_dies_in_a_commit_and_opening_recovers(place: Place, position: int, stored: bool) -> None:  # noqa: FBT001 - pytest passes it
    Archive.create(place.judge, place.keys, AT)
    dying = Archive.open(Saboteur(place.judge, position, stored=stored, error=Crash()), place.keys)
    with pytest.raises(Crash):
        commit(dying, "r1", "a", large=LARGE)
    report = place.verify(place.keys.pin())
    assert report.faults == []
    in_the_log = position > 2 or (position == 2 and stored)
    pending = (position, stored) in {(2, True), (3, False)}
    assert any("Pending: log/000000000001.ckpt" in note for note in report.notes) == pending
    assert any("Left over: no commit names packs/" in note for note in report.notes) == (
        not in_the_log and (position, stored) != (0, False)
    )
    again = place.open()
    assert runs_in(place.judge) == (["r1"] if in_the_log else [])
    assert place.path("log/000000000001.ckpt").exists() == in_the_log
    commit(again, "r2", "a", "b", large=LARGE)
    assert runs_in(place.judge) == (["r1", "r2"] if in_the_log else ["r2"])
    assert place.verify(place.keys.pin()).faults == []


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_a_failed_append_can_be_repeated_and_commits_once(place: Place, position: int, stored: bool) -> None:  # noqa: FBT001 - pytest passes it
    Archive.create(place.judge, place.keys, AT)
    archive = Archive.open(Saboteur(place.judge, position, stored=stored), place.keys)
    documents, leaves = run_leaves("r1", "a")
    with archive.stage(AT) as staging:
        for document in (*documents, LARGE):
            staging.put(document)
        with pytest.raises(ArchiveError, match="pulled out"):
            archive.append(leaves, staging)
        assert place.verify(place.keys.pin()).faults == []
        committed = archive.append(leaves, staging)
    assert (committed.sequence, committed.indices) == (1, range(1, 3))
    assert runs_in(place.judge) == ["r1"]
    assert place.open().head == archive.head
    assert place.verify(place.keys.pin()).faults == []


@pytest.mark.parametrize("side", ["BEFORE", "AFTER"])
@pytest.mark.parametrize("position", range(len(CREATE_PUTS) + len(APPEND_PUTS)))
def test_the_process_is_gone_at_any_put(tmp_path: Path, position: int, side: str) -> None:
    keys = Keys.create(tmp_path / "keys", ORIGIN)
    store = LocalStore(tmp_path / "evidence")
    writer = [sys.executable, str(Path(__file__).with_name("writer.py")), str(store), str(keys.directory)]
    died = subprocess.run([*writer, "first", "1", str(position), side], check=False, capture_output=True, text=True)  # noqa: S603 - our own script
    assert (died.returncode, died.stderr) == (9, "")
    if any(store.list("log/")):
        assert verify(store, str(keys.log.verifier_key), keys.pin()).faults == []
    second = subprocess.run([*writer, "second", "1"], check=False, capture_output=True, text=True)  # noqa: S603 - our own script
    assert (second.stdout, second.stderr) == ("second-0\n", "")
    report = verify(store, str(keys.log.verifier_key), keys.pin())
    assert report.faults == []
    named = [leaf.body.get("name") for leaf in Reader(store).leaves()]
    assert named.count("second-0") == 1
    assert died.stdout.split() == [name for name in named if name in died.stdout.split()]
