"""An archive in a Google bucket and in an Azure container: what each says of its lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.worm import State
from collector.cli.verify import checked
from tests.doubles.gcs.server import running_gcs

from .clouds import azurite_missing, gcs_bucket, place_in, running_azurite
from .conftest import AT, ORIGIN, commit
from .test_faults import LARGE

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


def test_what_a_commit_put_is_read_back(store: Store, state: State, keys: Keys) -> None:
    committed = commit(Archive.create(store, keys, AT), "r1", "a", large=LARGE)
    lock = store.lock({one.key: one.digest for one in committed.objects})
    assert (lock.state, lock.facts["looked_at"], lock.findings) == (state, 4, ())
    report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
    assert (report.faults, lock.state) == ([], state)


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
