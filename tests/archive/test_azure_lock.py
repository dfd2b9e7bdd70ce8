"""What an Azure container is found to hold: told by Azurite, and by answers in Azure's own wire format."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from azure.storage.blob import ImmutabilityPolicy

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.azure import AzureStore
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.places import Container, Terms, container_at
from collector.archive.worm import State

from .clouds import azurite_missing, place_in, running_azurite
from .conftest import AT, ORIGIN
from .test_azure_wire import KEY
from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .clouds import Azurite

on_azurite = [pytest.mark.azurite, pytest.mark.skipif(bool(azurite_missing()), reason=azurite_missing())]
PUT = datetime(2026, 11, 1, tzinfo=UTC)
MANAGED = "^GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/"
XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def azurite() -> Iterator[Azurite]:
    with running_azurite() as server:
        yield server


@pytest.mark.parametrize("_", [pytest.param(None, marks=on_azurite)])
def test_a_lock_that_is_silently_dropped_is_not_taken_for_one(azurite: Azurite, tmp_path: Path, _: None) -> None:
    url = azurite.container()
    store = place_in(url, azurite.environment)
    Archive.create(store, Keys.create(tmp_path / "keys", ORIGIN), AT)
    place = container_at(url)
    policy = ImmutabilityPolicy(expiry_time=datetime.now(UTC) + timedelta(days=400), policy_mode="Locked")
    with azurite.client as client:
        blob = client.get_blob_client(place.name, f"{place.prefix}packs/x")
        blob.upload_blob(b"x", immutability_policy=policy)
        lock = store.lock()
        assert lock.state is State.NOT_LOCKED
        assert str(lock).startswith("not locked: the container has no locked immutability policy")
        blob.delete_blob()  # and so it was not
    assert (lock.facts["policy"], lock.facts["version_level"]) == (False, False)
    survey = store.survey()
    assert not survey.ready
    create, locking = (line for line in survey.lines if line.startswith("  "))
    named = f"--account-name evidence --container-name {place.name}"
    assert create == f"  az storage container immutability-policy create {named} --period 122"
    assert locking == f"  az storage container immutability-policy lock {named} --if-match ETAG"


class Account:
    """An Azure account with its management, that holds what a test says."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.list()
        self.container()
        self.managed()

    def container(self, *, policy: bool = True, version_level: bool = False) -> None:
        headers = {
            "x-ms-has-immutability-policy": str(policy).lower(),
            "x-ms-has-legal-hold": "false",
            "x-ms-immutable-storage-with-versioning-enabled": str(version_level).lower(),
        }
        self.wire.always[r"GET /a/c\?restype=container$"] = Answer(headers=headers)

    def managed(self, state: str | None = "Locked", days: int = 822, status: int = 200) -> None:
        told = {"etag": '"8d1"', "properties": {"state": state, "immutabilityPeriodSinceCreationInDays": days}}
        properties: dict[str, Any] = {"hasImmutabilityPolicy": state is not None}
        properties |= {"immutabilityPolicy": told} if state else {}
        self.wire.always[MANAGED] = Answer(status, json.dumps({"properties": properties}))

    def list(self, *blobs: str) -> None:
        body = f"<EnumerationResults><Blobs>{''.join(blobs)}</Blobs><NextMarker/></EnumerationResults>"
        self.wire.always["comp=list"] = Answer(body=f"<?xml version='1.0'?>{body}", headers=XML)


def blob(key: str = "log/1", own: str = "", about: str = "", promised: datetime = PUT + timedelta(days=791)) -> str:
    return (
        f"<Blob><Name>x/{key}</Name>{about}<Properties><Creation-Time>Sun, 01 Nov 2026 00:00:00 GMT</Creation-Time>"
        f"<BlobType>BlockBlob</BlobType>{own}</Properties>"
        f"<Metadata><retain_until>{promised.isoformat()}</retain_until></Metadata></Blob>"
    )


def held(mode: str, until: str = "Sun, 31 Dec 2028 00:00:00 GMT") -> str:
    date = f"<ImmutabilityPolicyUntilDate>{until}</ImmutabilityPolicyUntilDate>"
    return f"{date}<ImmutabilityPolicyMode>{mode}</ImmutabilityPolicyMode>"


@pytest.fixture
def account() -> Iterator[Account]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Account(server)
        server.shutdown()


def store_of(account: Account, *, managed: bool = True) -> AzureStore:
    here = account.wire.endpoint
    named = {"subscription": "s", "group": "g", "management": here} if managed else {}
    return AzureStore(Container("a", "c", "x/", endpoint=f"{here}/a", **named), Terms(730, lambda: PUT, KEY))


def test_a_container_whose_locked_policy_is_seen_is_locked(account: Account) -> None:
    account.list(blob())
    lock = store_of(account).lock()
    assert str(lock) == "locked: 1 objects were read back, each in Locked mode until 2029-01-31T00:00:00+00:00 or later"
    assert {name: lock.facts[name] for name in ("policy", "policy_state", "policy_days", "version_level")} == {
        "policy": True,
        "policy_state": "Locked",
        "policy_days": 822,
        "version_level": False,
    }
    canonical.encode(dict(lock.facts))
    assert store_of(account).survey().lines == ()


@pytest.mark.parametrize(
    ("state", "days", "sentence"),
    [
        ("Unlocked", 822, "not locked: the container has no locked immutability policy"),
        (None, 0, "not locked: the container has no locked immutability policy"),
        ("Locked", 30, "not locked: 1 objects are not held as they should be: log/1 first"),
    ],
)
def test_a_policy_that_is_not_locked_or_too_short(
    account: Account, state: str | None, days: int, sentence: str
) -> None:
    account.list(blob())
    account.managed(state, days)
    assert str(store_of(account).lock()).startswith(sentence)


def test_a_policy_whose_lock_is_not_told_could_be_either(account: Account) -> None:
    account.list(blob())
    lock = store_of(account, managed=False).lock()
    assert lock.state is State.UNKNOWN
    assert "add ?subscription=…&group=…" in lock.because
    account.managed(status=403)
    assert "Get Container by management of az://a/c/x was refused: 403" in store_of(account).lock().because
    for answer in (Answer(body="{}"), Answer(body="<html>")):
        account.wire.always[MANAGED] = answer
        lock = store_of(account).lock()
        assert (lock.state, "said nothing of a policy" in lock.because) == (State.UNKNOWN, True)


def test_a_lock_of_each_version_is_read_off_each(account: Account) -> None:
    account.container(policy=False, version_level=True)
    for own, state, problem in (
        (held("locked"), State.LOCKED, ""),
        (held("unlocked"), State.NOT_LOCKED, "is locked in Unlocked mode"),
        ("", State.NOT_LOCKED, "has no lock"),
        (held("locked", "Mon, 02 Nov 2026 00:00:00 GMT"), State.NOT_LOCKED, "is locked until 2026-11-02"),
    ):
        account.list(blob(own=own))
        lock = store_of(account, managed=False).lock()
        assert lock.state is state
        assert [one.problem[: len(problem)] for one in lock.findings] == ([problem] if problem else [])


def test_a_second_version_and_a_deletion_are_findings(account: Account) -> None:
    account.container(policy=False, version_level=True)
    versions = [f"<VersionId>2026-11-0{day}T00:00:00.0000000Z</VersionId>" for day in (1, 2)]
    current = "<IsCurrentVersion>true</IsCurrentVersion>"
    account.list(
        blob(segment_key(1), held("locked"), versions[0]),
        blob(segment_key(1), held("locked"), versions[1] + current),
        blob(segment_key(2), held("locked"), versions[0]),
        blob(segment_key(3), held("locked"), "<Deleted>true</Deleted>"),
    )
    lock = store_of(account, managed=False).lock()
    assert lock.state is State.NOT_LOCKED
    assert {(one.object, one.problem.split(":")[0]) for one in lock.findings} == {
        (segment_key(1), "has 2 versions"),
        (segment_key(2), "was deleted"),
        (segment_key(3), "was deleted"),
    }


@pytest.mark.parametrize(
    ("state", "days", "commands"),
    [
        (None, 0, ["create {} --period 822", "lock {} --if-match ETAG"]),
        ("Unlocked", 822, ["lock {} --if-match '\"8d1\"'"]),
        ("Locked", 30, ["extend {} --period 822 --if-match '\"8d1\"'"]),
    ],
)
def test_what_init_says_of_a_container(account: Account, state: str | None, days: int, commands: list[str]) -> None:
    account.container(policy=state is not None)
    account.managed(state, days)
    survey = store_of(account).survey()
    named = "--account-name a --container-name c --resource-group g"
    printed = [line for line in survey.lines if line.startswith("  ")]
    assert printed == [f"  az storage container immutability-policy {one.format(named)}" for one in commands]
    assert survey.ready == (state == "Locked")
