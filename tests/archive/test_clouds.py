"""An archive in a Google bucket and in an Azure container: faults at every put, and what each says of its lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.worm import State
from collector.cli.verify import checked
from collector.errors import ArchiveError
from tests.doubles.gcs.server import running_gcs

from .clouds import azurite_missing, gcs_bucket, place_in, running_azurite
from .conftest import AT, ORIGIN, commit, run_leaves
from .saboteur import Crash, Saboteur
from .test_faults import APPEND_PUTS, CREATE_PUTS, LARGE, SIDES, runs_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from collector.archive.store import Store

AZURITE = pytest.param(
    "azurite", marks=[pytest.mark.azurite, pytest.mark.skipif(bool(azurite_missing()), reason=azurite_missing())]
)


@dataclass(frozen=True)
class Cloud:
    """Makes places for archives, opens them, and knows what their lock must be said to be."""

    made: Callable[[], str]
    environment: dict[str, str]
    state: State

    def opened(self, url: str) -> Store:
        return place_in(url, self.environment)


@pytest.fixture(scope="module", params=["gcs policy", "gcs object", AZURITE])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    if request.param == "azurite":
        with running_azurite() as azurite:
            yield Cloud(azurite.container, azurite.environment, State.NOT_LOCKED)
    else:
        with running_gcs() as gcs:
            yield Cloud(lambda: gcs_bucket(gcs, lock=request.param.split()[1]), {}, State.LOCKED)


@pytest.fixture
def url(cloud: Cloud) -> str:
    return cloud.made()


@pytest.fixture
def store(cloud: Cloud, url: str) -> Store:
    return cloud.opened(url)


@pytest.fixture
def state(cloud: Cloud) -> State:
    return cloud.state


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


@SIDES
@pytest.mark.parametrize("position", range(len(CREATE_PUTS)), ids=CREATE_PUTS)
def test_creating_fails_and_is_made_good(store: Store, state: State, keys: Keys, position: int, stored: bool) -> None:  # noqa: FBT001 - pytest passes it
    with pytest.raises(ArchiveError, match="pulled out"):
        Archive.create(Saboteur(store, position, stored=stored), keys, AT)
    archive = Archive.create(store, keys, AT) if (position, stored) == (0, False) else Archive.open(store, keys)
    commit(archive, "r1", "a")
    report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
    assert (report.faults, lock.state) == ([], state)


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_the_program_dies_in_a_commit_and_opening_recovers(
    store: Store,
    state: State,
    keys: Keys,
    position: int,
    stored: bool,  # noqa: FBT001 - pytest passes it
) -> None:
    Archive.create(store, keys, AT)
    with pytest.raises(Crash):
        commit(Archive.open(Saboteur(store, 1 + position, stored=stored, error=Crash()), keys), "r1", "a", large=LARGE)
    commit(Archive.open(store, keys), "r2", "a", "b", large=LARGE)
    in_the_log = position > 2 or (position == 2 and stored)
    assert runs_in(store) == (["r1", "r2"] if in_the_log else ["r2"])
    report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
    assert (report.faults, lock.state) == ([], state)


@SIDES
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_a_failed_append_can_be_repeated_and_commits_once(
    store: Store,
    state: State,
    keys: Keys,
    position: int,
    stored: bool,  # noqa: FBT001 - pytest passes it
) -> None:
    Archive.create(store, keys, AT)
    archive = Archive.open(Saboteur(store, 1 + position, stored=stored), keys)
    documents, leaves = run_leaves("r1", "a")
    with archive.stage(AT) as staging:
        for document in (*documents, LARGE):
            staging.put(document)
        with pytest.raises(ArchiveError, match="pulled out"):
            archive.append(leaves, staging)
        committed = archive.append(leaves, staging)
    assert runs_in(store) == ["r1"]
    lock = store.lock({one.key: one.digest for one in committed.objects})
    assert (lock.state, lock.facts["looked_at"], lock.findings) == (state, 4, ())
    assert checked(store, str(keys.log.verifier_key), keys.pin())[0].faults == []


def test_other_bytes_than_were_written_are_named(cloud: Cloud, url: str, keys: Keys) -> None:
    """By a store that has put nothing itself too: it hashes what is there."""
    store = cloud.opened(url)
    committed = commit(Archive.create(store, keys, AT), "r1", "a")
    objects = {one.key: one.digest for one in committed.objects}
    first, *_ = objects
    wrong = objects | {first: "0" * 64, "log/000000000009.seg": "0" * 64}
    for asked in (store, cloud.opened(url)):
        assert {(fault.object, fault.problem) for fault in asked.lock(wrong).findings} == {
            (first, "has other bytes than were written (SHA-256 differs)"),
            ("log/000000000009.seg", "is not there"),
        }
        assert asked.lock(objects).findings == ()
