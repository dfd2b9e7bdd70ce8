"""On a server whose Object Lock and policies are real: what must hold there, and what the server itself lacks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from collector.archive import bucket_policy
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.places import bucket_at
from collector.archive.principals import Power
from collector.archive.s3 import S3Store
from collector.archive.worm import State
from collector.cli.init import command as init
from collector.cli.verify import checked
from collector.errors import ArchiveError

from . import rgw
from .buckets import RETAIN_DAYS, Server, in_bucket
from .conftest import AT, ORIGIN, commit
from .test_faults import LARGE, runs_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.rgw, pytest.mark.skipif(bool(rgw.missing()), reason=rgw.missing())]


class MindingStore(S3Store):
    """For one writer at a time on Ceph 16, which ignores If-None-Match in a bucket with versions: it looks first."""

    def put_if_absent(self, key: str, content: bytes) -> bool:
        return self.get(key) is None and super().put_if_absent(key, content)


def store_in(url: str) -> MindingStore:
    return MindingStore(bucket_at(url), RETAIN_DAYS, lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def gateway() -> Iterator[tuple[Server, Server]]:
    """The bucket's owner, and the collector."""
    with rgw.running_rgw() as running:
        yield Server(running.endpoint, *running.user("owner")), Server(running.endpoint, *running.user("collector"))


@pytest.fixture
def owner(gateway: tuple[Server, Server]) -> Server:
    return gateway[0]


@pytest.fixture
def collector(gateway: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    return gateway[1].use(monkeypatch)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


@pytest.fixture
def place(owner: Server) -> str:
    """A locked bucket where the collector may do what `bucket_policy.needed` says, and nobody what it denies.

    Ceph 16 knows neither condition key, so the two denials that have one are left out: it would refuse every put
    by the one and none by the other.
    """
    url = owner.bucket(locked=True)
    bucket = bucket_at(url)
    allowed = [one | {"Principal": {"AWS": "arn:aws:iam:::user/collector"}} for one in bucket_policy.needed(bucket)]
    denied = [one for one in bucket_policy.denials(bucket, RETAIN_DAYS) if "Condition" not in one]
    policy = json.dumps(bucket_policy.document([*allowed, *denied]))
    owner.client.put_bucket_policy(Bucket=bucket.name, Policy=policy)
    return url


def test_a_collector_that_can_neither_delete_nor_change_the_lock_does_its_whole_work(
    place: str, collector: Server, owner: Server, keys: Keys
) -> None:
    store = store_in(place)
    store.check_writable()
    Archive.create(store, keys, AT)
    committed = commit(Archive.open(store, keys), "r1", "a", large=LARGE)
    commit(Archive.open(store, keys), "r2", "a", "b")
    assert runs_in(store) == ["r1", "r2"]
    lock = store.lock({one.key: one.digest for one in committed.objects})
    assert (lock.state, lock.facts["looked_at"], lock.facts["unread"]) == (State.LOCKED, 4, [])
    report, whole = checked(store, str(keys.log.verifier_key), keys.pin())
    assert (report.faults, whole.state) == ([], State.LOCKED)
    name = bucket_at(place).name
    for identity in (collector, owner):
        with pytest.raises(ClientError, match="AccessDenied"):
            identity.client.delete_object(**in_bucket(place, segment_key(1)))
        with pytest.raises(ClientError, match="AccessDenied"):
            identity.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert checked(store, str(keys.log.verifier_key), keys.pin())[0].faults == []


def test_whom_its_policy_lets_in_is_told_and_what_it_may_not_read_too(place: str, collector: Server) -> None:
    found = store_in(place).principals()
    lets = [one for one in found.named if one.known_from.startswith("bucket policy") and not one.denied]
    assert [(one.name, one.may) for one in lets] == [
        ("arn:aws:iam:::user/collector", frozenset({Power.PUT, Power.OVERWRITE, Power.LOCK}))
    ]
    assert {one.name for one in found.named if one.denied} == {"everyone (*)"}
    assert any(one.startswith("could not be read: DENIED s3:GetBucketAcl") for one in found.untold)
    assert any(f"users of {collector.endpoint}" in one for one in found.untold)


def test_what_is_locked_withstands_its_owner(owner: Server, monkeypatch: pytest.MonkeyPatch, keys: Keys) -> None:
    owner.use(monkeypatch)
    url = owner.bucket(locked=True)
    store = store_in(url)
    committed = commit(Archive.create(store, keys, AT), "r1", "a", large=LARGE)
    objects = {one.key: one.digest for one in committed.objects}
    place = bucket_at(url)
    versions = owner.client.list_object_versions(Bucket=place.name, Prefix=place.prefix)["Versions"]
    assert {one["Key"].removeprefix(place.prefix) for one in versions} > set(objects)
    for version in versions:
        named: dict[str, Any] = {"Bucket": place.name, "Key": version["Key"], "VersionId": version["VersionId"]}
        for governance in (False, True):
            with pytest.raises(ClientError, match="AccessDenied"):
                owner.client.delete_object(**named, BypassGovernanceRetention=governance)
    assert store.lock(objects).state is State.LOCKED
    assert checked(store, str(keys.log.verifier_key), keys.pin())[0].faults == []
    owner.client.delete_object(**in_bucket(url, segment_key(1)))
    report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
    assert lock.state is State.NOT_LOCKED
    problems = {fault.problem.split(":")[0] for fault in report.faults if fault.object == segment_key(1)}
    assert "has a delete marker" in problems


def test_an_object_without_a_lock_is_told_from_one_whose_lock_cannot_be_read(
    place: str, collector: Server, owner: Server, keys: Keys
) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    owner.client.put_object(**in_bucket(place, "log/000000000001.seg"), Body=b"")
    findings = store.lock().findings
    assert [(one.object, one.problem) for one in findings] == [
        ("log/000000000001.seg", "has no lock, in a bucket that could lock it")
    ]
    assert collector.access != owner.access


def test_what_the_collector_may_not_see_could_not_be_told(
    place: str, collector: Server, owner: Server, keys: Keys
) -> None:
    store = store_in(place)
    Archive.create(store, keys, AT)
    hidden = bucket_policy.document(
        [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:ListBucketVersions",
                "Resource": f"arn:aws:s3:::{bucket_at(place).name}",
            }
        ]
    )
    allowed = json.loads(owner.client.get_bucket_policy(Bucket=bucket_at(place).name)["Policy"])
    hidden["Statement"] += allowed["Statement"]
    owner.client.put_bucket_policy(Bucket=bucket_at(place).name, Policy=json.dumps(hidden))
    lock = store.lock()
    assert lock.state is State.UNKNOWN
    assert "ListObjectVersions" in lock.because
    assert "AccessDenied" in lock.because
    assert collector.access != owner.access


def test_a_server_that_ignores_the_condition_is_refused_before_anything_is_kept(
    owner: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ceph 16 (Debian 12) honours If-None-Match in plain buckets only; a later one may honour it everywhere."""
    owner.use(monkeypatch)
    monkeypatch.chdir(tmp_path)
    probe = in_bucket(owner.bucket(locked=True), "probe")
    owner.client.put_object(**probe, Body=b"", IfNoneMatch="*")
    try:
        owner.client.put_object(**probe, Body=b"", IfNoneMatch="*")
    except ClientError:
        pytest.skip("this server honours If-None-Match in versioned buckets")
    outcome = CliRunner().invoke(init, ["--archive", owner.bucket(locked=True)])
    assert isinstance(outcome.exception, ArchiveError)
    assert "the server ignores the condition" in str(outcome.exception)
    assert not (tmp_path / "collector.toml").exists()
