"""What follows from a read-back, and what a bucket's policy must say: pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from collector import canonical
from collector.archive import bucket_policy
from collector.archive.layout import retained_until
from collector.archive.local import LocalStore
from collector.archive.places import Bucket, bucket_at, store_at
from collector.archive.s3_lock import settings_of
from collector.archive.worm import COMPLIANCE, State, Version, judge
from collector.config import ArchiveSettings
from collector.errors import UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=700)
LOCKED = settings_of(versioning=True, object_lock=True, default="COMPLIANCE 730 days")
HELD = Version(key="log/1", id="a", mode=COMPLIANCE, until=LATER, promised=LATER, digest="0" * 64)
WRITTEN = {"log/1": "0" * 64}


def test_what_is_held_as_promised_is_locked() -> None:
    lock = judge(LOCKED, [HELD], [HELD], WRITTEN, [], NOW)
    assert (lock.state, lock.findings) == (State.LOCKED, ())
    assert str(lock) == (
        "locked: 1 objects were read back, each in COMPLIANCE mode until 2028-10-01T00:00:00+00:00 or later"
    )
    canonical.encode(dict(lock.facts))


def test_a_lock_that_ran_out_is_said_to_have() -> None:
    lock = judge(LOCKED, [HELD], [HELD], WRITTEN, [], LATER)
    assert lock.state is State.LOCKED
    assert str(lock).endswith("or later; the time of 1 of them has run out")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"mode": None, "until": None}, "has no lock"),
        ({"mode": "GOVERNANCE"}, "is locked in GOVERNANCE mode"),
        ({"until": NOW}, "is locked until 2026-11-01"),
        ({"digest": "1" * 64}, "has other bytes"),
    ],
)
def test_each_way_of_not_being_held_is_a_finding(changed: dict[str, Any], problem: str) -> None:
    fields = {name: getattr(HELD, name) for name in Version.__slots__} | changed
    version = Version(**fields)
    lock = judge(LOCKED, [version], [version], WRITTEN, ["unread"], NOW)
    assert lock.state is State.NOT_LOCKED
    assert [(one.object, one.problem.startswith(problem)) for one in lock.findings] == [("log/1", True)]


def test_what_could_not_be_read_is_neither() -> None:
    lock = judge(
        settings_of(versioning=None, object_lock=True, default=""), [HELD], [HELD], {}, ["GetBucketVersioning: no"], NOW
    )
    assert str(lock) == "could not tell: GetBucketVersioning: no; let this identity read it, and ask again"


def test_without_object_lock_a_deletion_is_a_finding_all_the_same() -> None:
    marker = Version(key="log/1", id="b", marker=True)
    lock = judge(settings_of(versioning=True, object_lock=False, default=""), [HELD, marker], [], {}, [], NOW)
    assert str(lock).startswith("not locked: the bucket has no Object Lock")
    assert [one.object for one in lock.findings] == ["log/1"]


@pytest.mark.parametrize(
    ("at", "end"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
        (datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)),
        (datetime(2026, 7, 1, 1, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_a_lock_lasts_from_the_end_of_its_quarter(at: datetime, end: datetime) -> None:
    assert retained_until(at, 0) == end
    assert retained_until(at, 730) == end + timedelta(days=730)


def test_a_time_without_a_zone_has_no_retention() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        retained_until(datetime(2026, 1, 1), 1)  # noqa: DTZ001 - that is the point


def test_places() -> None:
    assert isinstance(store_at("./evidence", 1, lambda: NOW), LocalStore)
    assert bucket_at("s3://b") == Bucket("b", "", None, None)
    url = "s3://b/a/c/?region=eu-west-1&endpoint=http://127.0.0.1:9"
    assert bucket_at(url) == Bucket("b", "a/c/", "eu-west-1", "http://127.0.0.1:9")
    assert str(bucket_at(url)) == "s3://b/a/c"
    assert str(bucket_at("s3://b")) == "s3://b"
    assert ArchiveSettings(path=url).keys_path == Path("b.keys")
    assert ArchiveSettings(path="./x/evidence").keys_path == Path("x/evidence.keys")


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("ftp://b/x", "ftp://b/x: no archive can be kept there; name a directory, or s3://bucket/prefix"),
        ("s3:///x", "write it as s3://bucket/prefix"),
        ("s3://key:secret@b/x", "credentials come from the environment"),
        ("s3://b/x?regoin=eu", "unknown option 'regoin'; did you mean region?"),
    ],
)
def test_a_place_that_is_none_is_explained(place: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        store_at(place, 1, lambda: NOW)
    assert sentence in str(caught.value)


def test_retention_has_limits() -> None:
    with pytest.raises(ValueError, match="retain_days must be from 1"):
        ArchiveSettings(retain_days=0)


def test_a_policy_lacks_what_it_does_not_deny_as_widely() -> None:
    wanted = bucket_policy.denials(Bucket("b", "x/", None, None), 730)
    assert bucket_policy.lacking(None, wanted) == wanted
    whole = bucket_policy.document(wanted)
    assert bucket_policy.lacking(json.dumps(whole), wanted) == []
    narrower = [one | {"Principal": {"AWS": "arn:aws:iam::1:root"}} for one in wanted]
    assert bucket_policy.lacking(json.dumps(bucket_policy.document(narrower)), wanted) == wanted
    shorter = bucket_policy.denials(Bucket("b", "x/", None, None), 7)
    lacking = bucket_policy.lacking(json.dumps(bucket_policy.document(shorter)), wanted)
    assert [one["Sid"] for one in lacking] == ["NoShorterLock"]
