"""What the package says of each object's lock: what sealed leaves tell, and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import seal
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.worm import State
from collector.model import Content
from collector.package.binder.locks import Locks, locks
from collector.package.binder.log import Log

from .buckets import in_bucket, store_in
from .conftest import AT, ORIGIN
from .test_storage import ran

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.store import Store

    from .buckets import Server


@pytest.fixture
def server(moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    return moto.use(monkeypatch)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


def told(store: Store) -> Locks:
    return locks(Log(Reader(store), store))


def states(found: Locks) -> dict[str, State]:
    return {one.object: one.state for one in found.held}


def test_in_a_locked_bucket_the_objects_of_the_run_are_locked_and_of_the_others_nothing_is_told(
    server: Server, keys: Keys
) -> None:
    store = store_in(server.bucket(locked=True))
    Archive.create(store, keys, AT)
    ran(store, keys)
    found = told(store)
    assert {one.object for one in found.held} == set(store.list("")), "every object of the archive is in the list"
    locked = {name for name, state in states(found).items() if state is State.LOCKED}
    assert {segment_key(1), checkpoint_key(1)} < locked
    assert {one.commit for one in found.held if one.state is State.LOCKED} == {1}
    assert {one.state for one in found.untold} == {State.UNKNOWN}
    assert {segment_key(0), segment_key(2)} <= {one.object for one in found.untold}
    assert found.earliest
    assert datetime.fromisoformat(found.earliest) > datetime.now(UTC) + timedelta(days=29)
    assert {one.mode for one in found.held if one.state is State.LOCKED} == {"COMPLIANCE"}
    assert all(one.sha256 for one in found.held if one.kind == "pack")


def test_a_deletion_is_said_of_its_object_and_of_no_other(server: Server, keys: Keys) -> None:
    url = server.bucket(locked=True)
    store = store_in(url)
    Archive.create(store, keys, AT)
    ran(store, keys)
    server.client.delete_object(**in_bucket(url, checkpoint_key(1)))
    ran(store, keys, "r2")
    found = told(store)
    assert [(one.object, "delete marker" in one.problem) for one in found.findings] == [(checkpoint_key(1), True)]
    said = states(found)
    assert said[segment_key(1)] is State.LOCKED
    assert said[segment_key(3)] is State.LOCKED, "of the second run's own objects nothing was found wrong"
    assert said[checkpoint_key(1)] is State.NOT_LOCKED, "once it was locked, and it is gone from the list of the log"


def test_a_directory_locks_nothing(tmp_path: Path, keys: Keys) -> None:
    store = LocalStore(tmp_path / "evidence")
    Archive.create(store, keys, AT)
    ran(store, keys)
    found = told(store)
    assert states(found)[segment_key(1)] is State.NOT_LOCKED
    assert found.earliest is None
    assert State.LOCKED not in states(found).values()


READ: dict[str, Any] = {"looked_at": 2, "earliest": "2027-01-01T00:00:00Z", "expired": 0, "unread": []}
S3 = READ | {"versioning": True, "object_lock": True, "default_retention": ""}
GOOGLE = READ | {"versioning": False, "retention_locked": False, "retention_seconds": 0, "object_retention": True,
                 "soft_delete_seconds": 0, "event_based_hold": False}  # fmt: skip
AZURE = READ | {
    "policy": True,
    "policy_state": "Locked",
    "policy_days": 400,
    "version_level": False,
    "legal_hold": False,
}
ITS = f"{segment_key(0)}"
WHOLE = "gs://bucket"


@pytest.mark.parametrize(
    ("state", "facts", "finding", "expected"),
    [
        ("locked", S3, None, ("locked", "locked")),
        ("locked", S3 | {"looked_at": 1}, None, ("could not tell", "could not tell")),
        ("could not tell", S3 | {"unread": ["HeadObject failed"]}, None, ("could not tell", "could not tell")),
        ("could not tell", S3 | {"object_lock": None}, None, ("could not tell", "could not tell")),
        ("not locked", S3 | {"object_lock": False}, None, ("not locked", "not locked")),
        ("not locked", S3, ITS, ("not locked", "locked")),
        ("not locked", S3 | {"unread": ["x"]}, ITS, ("not locked", "could not tell")),
        ("not locked", S3 | {"versioning": None}, ITS, ("not locked", "could not tell")),
        ("not locked", GOOGLE, ITS, ("not locked", "locked")),
        ("not locked", GOOGLE, WHOLE, ("not locked", "not locked")),
        ("not locked", GOOGLE | {"object_retention": False}, None, ("not locked", "not locked")),
        ("not locked", GOOGLE | {"object_retention": None}, ITS, ("not locked", "could not tell")),
        ("not locked", AZURE, ITS, ("not locked", "locked")),
        ("not locked", AZURE | {"policy_state": None}, ITS, ("not locked", "could not tell")),
        ("not locked", AZURE | {"policy_state": "Unlocked"}, ITS, ("not locked", "not locked")),
        ("not locked", {}, None, ("not locked", "not locked")),
    ],
)
def test_an_object_is_locked_only_where_the_leaf_leaves_no_other_reading(
    tmp_path: Path, keys: Keys, state: str, facts: dict[str, Any], finding: str | None, expected: tuple[str, str]
) -> None:
    """Of the two objects of the first commit: its segment, which the finding names, and its checkpoint."""
    store = LocalStore(tmp_path / "evidence")
    archive = Archive.create(store, keys, AT)
    with archive.stage(AT) as staging:
        document = seal.findings_document([(finding, "has a delete marker")] if finding else [])
        cited = Content(staging.put(document), document.count(b"\n"))
        about: dict[str, Any] = {"place": "a place", "read": AT, "commit": 0, "because": "so it says"}
        leaf = seal.storage_leaf("r1", **about, state=state, facts=facts, findings=cited)
        archive.append([leaf], staging)
    said = states(told(store))
    assert (said[segment_key(0)].value, said[checkpoint_key(0)].value) == expected
