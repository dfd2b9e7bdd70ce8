"""What runs cost the place they are kept in: a handful of puts, and no more requests as the archive grows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.archive import held
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.traffic import CountedStore, Traffic
from collector.archive.verify import verify
from tests.doubles.many import HOUR, QUARTER, run_of

from .buckets import store_in
from .conftest import ORIGIN

if TYPE_CHECKING:
    from pathlib import Path

    from .buckets import Server

MANY = 5_000


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


@pytest.fixture
def disk(tmp_path: Path, keys: Keys) -> LocalStore:
    store = LocalStore(tmp_path / "evidence")
    Archive.create(store, keys, QUARTER)
    return store


@pytest.fixture
def server(moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return moto.use(monkeypatch)


def objects(store: LocalStore, kind: str) -> list[str]:
    return list(store.list(f"{kind}/"))


def test_five_thousand_snapshots_are_a_handful_of_puts(disk: LocalStore, keys: Keys) -> None:
    counted = CountedStore(disk)
    finished = run_of(MANY, counted, keys, QUARTER)
    assert len(finished.snapshots) == MANY
    assert finished.complete
    # One pack, five blobs, segment and checkpoint; then the judgement's pack, segment and checkpoint.
    assert Counter(key.split("/")[0] for key in disk.list("")) == {"log": 6, "packs": 2, "blobs": 5}
    assert (counted.traffic.puts, counted.traffic.refused) == (11, 0)
    evidence, judgement = finished.commits
    # For each scope records, exchanges and body; one completeness for all; the configuration. Then the empty findings.
    assert (evidence.brought, evidence.repeated) == (3 * MANY + 2, 0)
    assert (judgement.brought, judgement.repeated) == (1, 0)
    report = verify(disk, str(keys.log.verifier_key), keys.pin())
    assert (report.faults, report.contents) == ([], 3 * MANY + 3)


def test_the_same_again_is_stored_once_in_a_quarter_and_anew_in_the_next(disk: LocalStore, keys: Keys) -> None:
    sent = []
    for at in (QUARTER, QUARTER + HOUR, QUARTER + timedelta(days=92)):
        counted = CountedStore(disk)
        evidence, _ = run_of(1_001, counted, keys, at).commits
        sent.append((evidence.brought, evidence.repeated, counted.traffic.puts))
    # In between only the exchanges are new: when was asked, and under which request id.
    assert sent == [(3_005, 0, 8), (1_001, 2_004, 5), (3_005, 0, 8)]
    assert [key[:12] for key in objects(disk, "blobs")] == ["blobs/2026Q4"] * 2 + ["blobs/2027Q1"] * 2
    assert verify(disk, str(keys.log.verifier_key), keys.pin()).faults == []


def asked(traffic: Traffic) -> tuple[int, int, int]:
    return traffic.puts, traffic.gets, traffic.lists


def test_a_run_asks_no_more_of_an_old_archive_than_of_a_young_one(
    disk: LocalStore, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "COMMITS", 8)
    runs = []
    for number in range(14):
        counted = CountedStore(disk)
        run_of(2, counted, keys, QUARTER + number * HOUR)
        runs.append(asked(counted.traffic))
    # As many as after the first window, though now and then a run brings again what has gone out of sight.
    assert max(runs[5:10]) == max(runs[10:14]), runs
    assert runs[0][1] < runs[3][1] <= max(gets for _, gets, _ in runs) <= 2 * 8 + 2
    assert verify(disk, str(keys.log.verifier_key), keys.pin()).faults == []


def test_what_was_brought_before_the_newest_commits_is_brought_again_and_not_lost(
    disk: LocalStore, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "COMMITS", 4)
    brought = [run_of(2, disk, keys, QUARTER + number * HOUR).commits[0].brought for number in range(6)]
    # Two exchanges are new each time; records, bodies, completeness and configuration whenever they are out of sight.
    assert brought == [8, 2, 2, 8, 2, 2]
    assert verify(disk, str(keys.log.verifier_key), keys.pin()).faults == []


def test_the_count_is_what_goes_over_the_wire(server: Server, keys: Keys) -> None:
    store = store_in(server.bucket(locked=True))
    Archive.create(store, keys, datetime.now(UTC))
    wire: Counter[str] = Counter()
    store._calls.client.meta.events.register("before-call.s3", lambda model, **_: wire.update([model.name]))
    counted = CountedStore(store)
    finished = run_of(20, counted, keys, datetime.now(UTC))
    assert finished.complete
    lists = wire["ListObjectsV2"] + wire["ListObjectVersions"]
    assert (counted.traffic.puts, counted.traffic.lists) == (wire["PutObject"], lists)
    assert counted.traffic.gets == wire.total() - wire["PutObject"] - lists
