"""Every put fails on every store: not stored, stored, or stored late; each time the archive is opened and verified.

The stores are those of the conformance suite, one kind of place of each server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.errors import ArchiveError

from .conftest import AT, ORIGIN, commit, run_leaves
from .saboteur import Saboteur, Straggler
from .stores import ONCE_A_SERVER
from .test_faults import APPEND_PUTS, CREATE_PUTS

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.store import Store

pytestmark = ONCE_A_SERVER
LARGE = b"large " * 200_000
FAULTS = ["not stored", "stored", "late, before opening", "late, before the next put", "late, after the next commit"]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


def broken(store: Store, position: int, fault: str) -> Saboteur:
    if fault.startswith("late"):
        return Straggler(store, position)
    return Saboteur(store, position, stored=fault == "stored")


def arrives(saboteur: Saboteur) -> None:
    if isinstance(saboteur, Straggler):
        saboteur.arrive()


def runs_in(store: Store) -> list[str]:
    return [leaf.body["run"] for leaf in Reader(store).leaves() if leaf.body["kind"] == "run"]


def assert_sound(store: Store, keys: Keys) -> None:
    assert verify(store, str(keys.log.verifier_key), keys.pin()).faults == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("position", range(len(CREATE_PUTS)), ids=CREATE_PUTS)
def test_creating(store: Store, keys: Keys, position: int, fault: str) -> None:
    saboteur = broken(store, position, fault)
    with pytest.raises(ArchiveError, match="pulled out"):
        Archive.create(saboteur, keys, AT)
    if fault != FAULTS[-1]:
        arrives(saboteur)
    if not any(store.list("log/")):
        Archive.create(store, keys, AT)
    commit(Archive.open(store, keys), "r1", "a")
    arrives(saboteur)
    assert_sound(store, keys)
    assert runs_in(store) == ["r1"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_a_commit_that_is_given_up(store: Store, keys: Keys, position: int, fault: str) -> None:
    Archive.create(store, keys, AT)
    saboteur = broken(store, position, fault)
    with pytest.raises(ArchiveError, match="pulled out"):
        commit(Archive.open(saboteur, keys), "r1", "a", large=LARGE)
    if fault == "late, before opening":
        arrives(saboteur)
    assert_sound(store, keys)
    again = Archive.open(store, keys)
    if fault == "late, before the next put":
        arrives(saboteur)
    commit(again, "r2", "a", "b", large=LARGE)
    arrives(saboteur)
    assert_sound(store, keys)
    kept = position == 3 or (position == 2 and fault in FAULTS[1:4])
    assert runs_in(store) == (["r1", "r2"] if kept else ["r2"])
    assert Archive.open(store, keys).head == again.head


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("position", range(len(APPEND_PUTS)), ids=APPEND_PUTS)
def test_a_commit_that_is_repeated(store: Store, keys: Keys, position: int, fault: str) -> None:
    Archive.create(store, keys, AT)
    saboteur = broken(store, position, fault)
    archive = Archive.open(saboteur, keys)
    documents, leaves = run_leaves("r1", "a")
    with archive.stage(AT) as staging:
        for document in (*documents, LARGE):
            staging.put(document)
        with pytest.raises(ArchiveError, match="pulled out"):
            archive.append(leaves, staging)
        if fault != FAULTS[-1]:
            arrives(saboteur)
        committed = archive.append(leaves, staging)
    arrives(saboteur)
    assert (committed.sequence, committed.indices) == (1, range(1, 3))
    assert_sound(store, keys)
    assert runs_in(store) == ["r1"]
    assert Archive.open(store, keys).head == archive.head
