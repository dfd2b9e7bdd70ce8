"""On a server whose Object Lock is real, its clock set forward: what is locked stays until it is released."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import botocore.auth
import pytest
from botocore.exceptions import ClientError

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, retained_until, segment_key
from collector.archive.places import bucket_at
from collector.archive.s3 import S3Store
from collector.archive.worm import State
from collector.cli.verify import checked

from . import rgw
from .buckets import Server, in_bucket
from .conftest import ORIGIN, commit
from .gate import gate_before
from .test_faults import LARGE, runs_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MISSING = rgw.missing() or rgw.missing_clock()
pytestmark = [pytest.mark.rgw, pytest.mark.skipif(bool(_MISSING), reason=_MISSING)]
START = datetime.now(UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def gateway() -> Iterator[rgw.Rgw]:
    """One for each test: a clock that was set forward is not set back."""
    with rgw.running_rgw() as running:
        yield running


@pytest.fixture
def owner(gateway: rgw.Rgw, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(gateway.endpoint, *gateway.user("owner")).use(monkeypatch)


@pytest.fixture
def go_forward(gateway: rgw.Rgw, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the server's clock, and the one that this process signs its requests by."""
    ours = botocore.auth.get_current_datetime

    def go(days: int) -> None:
        gateway.set_forward(days)
        monkeypatch.setattr(
            botocore.auth,
            "get_current_datetime",
            lambda remove_tzinfo=True: ours(remove_tzinfo) + timedelta(days=days),
        )

    return go


def a_year_from_the_start() -> int:
    """The `retain_days` that lock what is put now for 365 days and less than one more.

    A lock ends so many days after the end of the quarter, at midnight: the days up to that end are taken off.
    """
    end = retained_until(START, 0)
    return math.ceil((START + YEAR - end) / timedelta(days=1))


def refused(attempt: Callable[..., Any], **arguments: Any) -> bool:
    try:
        attempt(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in {"AccessDenied", "InvalidBucketState"}
    return False


def attempts(client: Any, version: dict[str, Any]) -> dict[str, bool]:
    """Each way to be rid of a locked version, and whether it was refused."""
    until = {"RetainUntilDate": datetime.now(UTC) + 2 * YEAR}
    soon = {"RetainUntilDate": START + timedelta(days=364, hours=12)}
    bulk = {"Objects": [{"Key": version["Key"], "VersionId": version["VersionId"]}]}
    try:
        spared = bool(client.delete_objects(Bucket=version["Bucket"], Delete=bulk).get("Errors"))
    except ClientError:
        spared = True
    return {
        "delete": refused(client.delete_object, **version),
        "delete with bypass": refused(client.delete_object, **version, BypassGovernanceRetention=True),
        "delete in bulk": spared,
        "shorten": refused(client.put_object_retention, **version, Retention={"Mode": "COMPLIANCE", **soon}),
        "to governance": refused(
            client.put_object_retention,
            **version,
            Retention={"Mode": "GOVERNANCE", **until},
            BypassGovernanceRetention=True,
        ),
        "suspend versioning": refused(
            client.put_bucket_versioning, Bucket=version["Bucket"], VersioningConfiguration={"Status": "Suspended"}
        ),
    }


def test_what_is_locked_survives_its_owner_for_a_year_and_is_released_after_it(
    owner: Server, go_forward: Callable[[int], None], tmp_path: Path
) -> None:
    """By the dates that our own store gives. The owner has every right there is; only the lock stands against it."""
    keys = Keys.create(tmp_path / "keys", ORIGIN)
    url = owner.bucket(locked=True)
    with gate_before(owner) as gate:
        store = S3Store(bucket_at(gate.place(url)), a_year_from_the_start(), lambda: datetime.now(UTC))
        committed = commit(Archive.create(store, keys, START), "r1", "a", large=LARGE, at=START)
        place = bucket_at(url)
        listed = owner.client.list_object_versions(Bucket=place.name, Prefix=place.prefix)["Versions"]
        versions = [{"Bucket": place.name, "Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        # Genesis and its checkpoint; pack, blob, segment and checkpoint of the run.
        assert (len(versions), len(committed.objects)) == (6, 4)
        ends = {owner.client.head_object(**one)["ObjectLockRetainUntilDate"] for one in versions}
        assert len(ends) == 1
        assert START + YEAR <= min(ends) < START + YEAR + timedelta(days=1)
        for day in (0, 364):
            if day:
                go_forward(day)
            for version in versions:
                found = attempts(owner.client, version)
                assert all(found.values()), (day, version["Key"], found)
            report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
            assert (report.faults, lock.state) == ([], State.LOCKED), day
        # Another object under the name: the old one stays beside it, readable, and verify names the key.
        name = in_bucket(url, segment_key(1))
        kept = next(one for one in versions if one["Key"] == name["Key"])
        before = owner.client.get_object(**kept)["Body"].read()
        owner.client.put_object(**name, Body=b"another history")
        assert owner.client.get_object(**kept)["Body"].read() == before
        report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
        assert lock.state is State.NOT_LOCKED
        problems = {fault.problem.split(":")[0] for fault in report.faults if fault.object == segment_key(1)}
        assert "has 2 versions" in problems
    go_forward(366)
    for version in versions:
        owner.client.delete_object(**version)
    left = owner.client.list_object_versions(Bucket=place.name, Prefix=place.prefix)["Versions"]
    assert [one["Key"] for one in left] == [name["Key"]], "what was put over it without a lock"


def test_a_fork_by_delete_markers_is_caught_by_verify(owner: Server, tmp_path: Path) -> None:
    """By one who holds every key of the collector and the owner's rights, and has moved the pin back."""
    keys = Keys.create(tmp_path / "keys", ORIGIN)
    url = owner.bucket(locked=True)
    with gate_before(owner) as gate:
        store = S3Store(bucket_at(gate.place(url)), 30, lambda: datetime.now(UTC))
        commit(Archive.create(store, keys, START), "truth", "a", at=START)
        for key in (segment_key(1), checkpoint_key(1)):
            owner.client.delete_object(**in_bucket(url, key))
        (keys.directory / "pin.json").unlink()
        commit(Archive.open(store, keys), "lie", "b", at=START)
        assert runs_in(store) == ["lie"], "what a plain reader sees now"
        report, lock = checked(store, str(keys.log.verifier_key), keys.pin())
    assert lock.state is State.NOT_LOCKED
    named = {(fault.object, fault.problem.split(":")[0]) for fault in report.faults}
    for key in (segment_key(1), checkpoint_key(1)):
        assert {(key, "has a delete marker"), (key, "has 2 versions")} <= named
