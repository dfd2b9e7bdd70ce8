"""An archive in a bucket with Object Lock: faults at every put, forks behind its back, and what it says of its lock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.reader import Reader
from collector.archive.worm import State
from collector.cli.verify import checked
from collector.errors import ArchiveError

from .buckets import in_bucket, store_in
from .conftest import AT, ORIGIN, commit, run_leaves
from .saboteur import Crash, Saboteur
from .test_faults import APPEND_PUTS, CREATE_PUTS, LARGE, SIDES, runs_in

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.worm import Lock

    from .buckets import Server


@pytest.fixture
def server(moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return moto.use(monkeypatch)


@pytest.fixture
def place(server: Server) -> str:
    return server.bucket(locked=True)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


def verified(store: Store, keys: Keys) -> tuple[Report, Lock]:
    return checked(store, str(keys.log.verifier_key), keys.pin())


@SIDES
@pytest.mark.parametrize("position", range(len(CREATE_PUTS)), ids=CREATE_PUTS)
def test_creating_fails_and_is_made_good(place: str, keys: Keys, position: int, stored: bool) -> None:  # noqa: FBT001 - pytest passes it
    store = store_in(place)
    with pytest.raises(ArchiveError, match="pulled out"):
        Archive.create(Saboteur(store, position, stored=stored), keys, AT)
    archive = Archive.create(store, keys, AT) if (position, stored) == (0, False) else Archive.open(store, keys)
    commit(archive, "r1", "a")
    report, lock = verified(store, keys)
    assert (report.faults, lock.state) == ([], State.LOCKED)


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_the_program_dies_in_a_commit_and_opening_recovers(
    place: str,
    keys: Keys,
    position: int,
    stored: bool,  # noqa: FBT001 - pytest passes it
) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    with pytest.raises(Crash):
        commit(Archive.open(Saboteur(store, position, stored=stored, error=Crash()), keys), "r1", "a", large=LARGE)
    commit(Archive.open(store, keys), "r2", "a", "b", large=LARGE)
    in_the_log = position > 2 or (position == 2 and stored)
    assert runs_in(store) == (["r1", "r2"] if in_the_log else ["r2"])
    report, lock = verified(store, keys)
    assert (report.faults, lock.state) == ([], State.LOCKED)


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_a_failed_append_can_be_repeated_and_commits_once(
    place: str,
    keys: Keys,
    position: int,
    stored: bool,  # noqa: FBT001 - pytest passes it
) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    archive = Archive.open(Saboteur(store, position, stored=stored), keys)
    documents, leaves = run_leaves("r1", "a")
    with archive.stage(AT) as staging:
        for document in (*documents, LARGE):
            staging.put(document)
        with pytest.raises(ArchiveError, match="pulled out"):
            archive.append(leaves, staging)
        committed = archive.append(leaves, staging)
    assert runs_in(store) == ["r1"]
    lock = store.lock({one.key: one.digest for one in committed.objects})
    assert (lock.state, lock.facts["looked_at"], lock.findings) == (State.LOCKED, 4, ())
    assert verified(store, keys)[0].faults == []


def test_a_fork_by_deletion_is_named_though_the_log_verifies(server: Server, place: str, keys: Keys) -> None:
    """With every key of the collector, and its pin moved back, but without a way to remove what is locked."""
    store = store_in(place)
    commit(Archive.create(store, keys, AT), "truth", "a")
    for key in (segment_key(1), "log/000000000001.ckpt"):
        server.client.delete_object(**in_bucket(place, key))
    (keys.directory / "pin.json").unlink()
    commit(Archive.open(store, keys), "lie", "b")
    assert runs_in(store) == ["lie"]
    report, lock = verified(store, keys)
    assert lock.state is State.NOT_LOCKED
    named = {(fault.object, fault.problem.split(":")[0]) for fault in report.faults}
    for key in (segment_key(1), "log/000000000001.ckpt"):
        assert {(key, "has a delete marker"), (key, "has 2 versions")} <= named
    # The next run sees it too, whatever objects it asks about itself.
    assert [fault.object for fault in store.lock({segment_key(0): "0" * 64}).findings if "marker" in fault.problem] == [
        "log/000000000001.ckpt",
        segment_key(1),
    ]


def test_a_lock_that_was_shortened_is_named(server: Server, place: str, keys: Keys) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    soon = datetime.now(UTC) + timedelta(days=1)
    server.client.put_object_retention(
        **in_bucket(place, segment_key(0)), Retention={"Mode": "COMPLIANCE", "RetainUntilDate": soon}
    )
    report, lock = verified(store, keys)
    assert lock.state is State.NOT_LOCKED
    assert [(fault.object, "and was to be until" in fault.problem) for fault in report.faults] == [
        (segment_key(0), True)
    ]


def test_other_bytes_than_were_written_are_named(place: str, keys: Keys) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    lock = store.lock({segment_key(0): "0" * 64, segment_key(9): "0" * 64})
    assert {(fault.object, fault.problem) for fault in lock.findings} == {
        (segment_key(0), "has other bytes than were written (SHA-256 differs)"),
        (segment_key(9), "is not there"),
    }


def test_a_bucket_without_a_lock_is_said_to_have_none(server: Server, keys: Keys) -> None:
    store = store_in(server.bucket(locked=False))
    commit(Archive.create(store, keys, AT), "r1", "a")
    report, lock = verified(store, keys)
    assert report.faults == []
    assert str(lock) == ("not locked: the bucket has no Object Lock, so whoever may delete in it can remove evidence")


def test_an_archive_at_the_top_of_a_bucket_and_two_side_by_side(server: Server, tmp_path: Path) -> None:
    top = server.bucket(locked=True, prefix="")
    below = top.replace("/?", "/below?")
    for number, url in enumerate((below, top)):
        keys = Keys.create(tmp_path / str(number), ORIGIN)
        commit(Archive.create(store_in(url), keys, AT), f"r{number}", "a")
    assert [leaf.body["run"] for leaf in Reader(store_in(below)).leaves() if "run" in leaf.body] == ["r0"] * 2
    assert store_in(below).lock().state is State.LOCKED
