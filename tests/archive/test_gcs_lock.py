"""What a Google bucket is found to hold, whoever meddled with it, and what `init` says it lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import requests

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.places import google_bucket_at
from collector.archive.worm import State
from tests.doubles.gcs.server import running_gcs

from .clouds import gcs_bucket, place_in
from .conftest import AT, ORIGIN, commit
from .test_faults import runs_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.gcs.server import GcsDouble

KEY = segment_key(0)


@pytest.fixture(scope="module")
def server() -> Iterator[GcsDouble]:
    with running_gcs() as running:
        yield running


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


def asked(method: str, url: str, path: str = "", **json: Any) -> requests.Response:
    """A request of the bucket's owner, who need not use the client."""
    place = google_bucket_at(url)
    where = f"{place.endpoint}/storage/v1/b/{place.name}{path}"
    return requests.request(method, where, json=json or None, timeout=10)


def of(url: str, key: str) -> str:
    return "/o/" + f"{google_bucket_at(url).prefix}{key}".replace("/", "%2F")


@pytest.mark.parametrize(("lock", "locked", "own"), [("policy", True, False), ("object", False, True)])
def test_what_is_held_is_locked(server: GcsDouble, keys: Keys, lock: str, locked: bool, own: bool) -> None:  # noqa: FBT001 - pytest passes it
    url = gcs_bucket(server, lock=lock)
    store = place_in(url)
    Archive.create(store, keys, AT)
    found = store.lock()
    assert (found.state, found.findings) == (State.LOCKED, ())
    assert str(found).startswith("locked: 2 objects were read back, each in Locked mode until ")
    facts = {name: found.facts[name] for name in ("versioning", "retention_locked", "object_retention", "looked_at")}
    assert facts == {"versioning": False, "retention_locked": locked, "object_retention": own, "looked_at": 2}
    canonical.encode(dict(found.facts))
    refused = asked("DELETE", url, of(url, KEY))
    assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (403, "retentionPolicyNotMet")
    assert store.survey().lines == ()


def test_a_bucket_without_a_lock_is_said_to_have_none(server: GcsDouble, keys: Keys) -> None:
    url = gcs_bucket(server)
    store = place_in(url)
    Archive.create(store, keys, AT)
    assert str(store.lock()).startswith(
        "not locked: neither a locked retention policy nor object retention holds the bucket"
    )
    assert asked("PATCH", url, retentionPolicy={"retentionPeriod": "86400"}).ok
    assert store.lock().state is State.NOT_LOCKED, "a policy that is not locked holds nothing"


def test_a_policy_that_is_too_short_is_a_finding(server: GcsDouble, keys: Keys) -> None:
    url = gcs_bucket(server)
    asked("PATCH", url, retentionPolicy={"retentionPeriod": "86400"})
    generation = asked("GET", url).json()["metageneration"]
    assert asked("POST", url, f"/lockRetentionPolicy?ifMetagenerationMatch={generation}").ok
    store = place_in(url)
    Archive.create(store, keys, AT)
    lock = store.lock()
    assert lock.state is State.NOT_LOCKED
    assert [("and was to be until" in fault.problem) for fault in lock.findings] == [True, True]


def test_a_retention_that_those_with_the_right_can_lift_is_a_finding(server: GcsDouble, keys: Keys) -> None:
    url = gcs_bucket(server, lock="object")
    store = place_in(url)
    Archive.create(store, keys, AT)
    place = google_bucket_at(url)
    held = server.service.get(place.name, f"{place.prefix}{KEY}").fields
    assert asked("PATCH", url, of(url, KEY), retention={}).status_code == 403
    for retention, problem in (
        ({**held["retention"], "mode": "Unlocked"}, "is locked in Unlocked mode"),
        (None, "has no lock"),
    ):
        held["retention"] = retention
        (finding,) = store.lock().findings
        assert (finding.object, finding.problem.startswith(problem)) == (KEY, True)


def test_versioning_is_a_finding_and_so_is_the_fork_it_allows(server: GcsDouble, keys: Keys) -> None:
    """With every key of the collector, and its pin moved back, in a bucket whose objects cannot be removed."""
    url = gcs_bucket(server, lock="policy")
    store = place_in(url)
    commit(Archive.create(store, keys, AT), "truth", "a")
    assert asked("PATCH", url, versioning={"enabled": True}).ok
    (finding,) = store.lock().findings
    assert (finding.object, "keeps versions" in finding.problem) == (f"gs://{google_bucket_at(url).name}", True)
    for key in (segment_key(1), "log/000000000001.ckpt"):
        assert asked("DELETE", url, of(url, key)).ok
    gone = {fault.object for fault in store.lock({KEY: "0" * 64}).findings if "was deleted" in fault.problem}
    assert gone == {segment_key(1), "log/000000000001.ckpt"}
    (keys.directory / "pin.json").unlink()
    commit(Archive.open(store, keys), "lie", "b")
    assert runs_in(store) == ["lie"]
    lock = store.lock()
    assert lock.state is State.NOT_LOCKED
    assert {fault.object for fault in lock.findings if "has 2 versions" in fault.problem} == gone


def test_what_was_deleted_where_nothing_held_it_is_a_finding(server: GcsDouble, keys: Keys) -> None:
    url = gcs_bucket(server)
    store = place_in(url)
    Archive.create(store, keys, AT)
    assert asked("DELETE", url, of(url, KEY)).ok
    (finding,) = store.lock().findings
    assert (finding.object, finding.problem.split(":")[0]) == (KEY, "was deleted")


def test_metadata_that_was_changed_hides_nothing(server: GcsDouble, keys: Keys) -> None:
    """Who may write metadata can change it under any lock; the SHA-256 is taken from the bytes."""
    url = gcs_bucket(server, lock="policy")
    Archive.create(place_in(url), keys, AT)
    assert asked("PATCH", url, of(url, KEY), metadata={"sha256": "0" * 64, "retain-until": "never"}).ok
    assert [fault.problem for fault in place_in(url).lock({KEY: "0" * 64}).findings] == [
        "has other bytes than were written (SHA-256 differs)"
    ]


def test_what_init_says_mends_the_bucket(server: GcsDouble) -> None:
    url = gcs_bucket(server)
    name = google_bucket_at(url).name
    asked("PATCH", url, versioning={"enabled": True})
    survey = place_in(url).survey()
    update = f"  gcloud storage buckets update gs://{name} "
    commands = [line for line in survey.lines if line.startswith("  ")]
    assert commands == [
        f"{update}--no-versioning",
        f"{update}--retention-period=122d",
        f"{update}--lock-retention-period",
    ]
    assert not survey.ready
    (days,) = re.findall(r"period=(\d+)d", commands[1])
    asked("PATCH", url, versioning={"enabled": False}, retentionPolicy={"retentionPeriod": str(int(days) * 86_400)})
    assert [line for line in place_in(url).survey().lines if line.startswith("  ")] == commands[2:]
    asked("POST", url, f"/lockRetentionPolicy?ifMetagenerationMatch={asked('GET', url).json()['metageneration']}")
    mended = place_in(url).survey()
    assert (mended.lines, mended.ready) == ((), True)
    assert asked("PATCH", url, retentionPolicy={"retentionPeriod": "1"}).status_code == 403
