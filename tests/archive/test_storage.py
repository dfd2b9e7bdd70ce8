"""What a run seals about its place, and what `init`, `verify` and the closing lines say of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify as verified
from collector.cli import display, options
from collector.cli.init import command as init
from collector.cli.report import command as report
from collector.cli.verify import command as verify
from collector.connector import Surroundings
from collector.engine.pool import Pool
from collector.redact import Redactor
from collector.run import Order, gather, judge

from .buckets import in_bucket, store_in
from .conftest import AT, ORIGIN

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from collector.archive.store import Store
    from collector.run import Finished

    from .buckets import Server


@pytest.fixture
def server(moto: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    monkeypatch.chdir(tmp_path)
    return moto.use(monkeypatch)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "keys", ORIGIN)


def ran(store: Store, keys: Keys, run: str = "r1") -> Finished:
    """A run of nothing: what it seals is what every run seals."""
    nothing: dict[str, Any] = {"tasks": [], "types": [], "broken": [], "controls": [], "configuration": {}}
    order = Order(run=run, mode="snapshot", version="0", code="0" * 64, **nothing)
    archive = Archive.open(store, keys)
    with Pool(1) as pool, archive.stage(AT) as staging:
        around = Surroundings(options.now, pool, staging.put, Redactor(b""), frozenset())
        gathered = gather(order, around, {}, archive, staging, lambda *_: None)
    return judge(order, gathered, archive, store, options.now)


def storage_leaves(store: Store) -> list[dict[str, Any]]:
    return [leaf.body for leaf in Reader(store).leaves() if leaf.body["kind"] == "storage"]


def test_a_run_in_a_directory_seals_that_nothing_locks_it(
    tmp_path: Path, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    store = LocalStore(tmp_path / "evidence")
    Archive.create(store, keys, AT)
    finished = ran(store, keys)
    (leaf,) = storage_leaves(store)
    assert (leaf["run"], leaf["commit"], leaf["state"]) == ("r1", 1, "not locked")
    assert leaf["because"].startswith("No WORM: the archive is a local directory")
    assert (leaf["facts"], leaf["findings"]["count"], finished.complete) == ({}, 0, True)
    assert verified(store, str(keys.log.verifier_key), keys.pin()).faults == []
    display.summary(finished)
    assert "the archive is not locked: No WORM" in capsys.readouterr().out


def test_a_run_in_a_locked_bucket_seals_the_read_back(server: Server, keys: Keys) -> None:
    store = store_in(server.bucket(locked=True))
    Archive.create(store, keys, AT)
    ran(store, keys)
    (leaf,) = storage_leaves(store)
    assert (leaf["state"], leaf["commit"], leaf["findings"]["count"]) == ("locked", 1, 0)
    # The pack of the configuration, the segment and the checkpoint.
    assert {name: leaf["facts"][name] for name in ("versioning", "object_lock", "looked_at", "unread")} == {
        "versioning": True,
        "object_lock": True,
        "looked_at": 3,
        "unread": [],
    }
    assert datetime.fromisoformat(leaf["facts"]["earliest"]) > datetime.now(UTC) + timedelta(days=29)


def test_a_run_after_a_deletion_seals_the_finding_and_says_so(
    server: Server, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.bucket(locked=True)
    store = store_in(url)
    Archive.create(store, keys, AT)
    ran(store, keys)
    server.client.delete_object(**in_bucket(url, "log/000000000000.ckpt"))
    finished = ran(store, keys, "r2")
    assert not finished.complete
    leaf = storage_leaves(store)[-1]
    assert leaf["state"] == "not locked"
    lines = Reader(store).content(leaf["findings"]["sha256"]).splitlines()
    assert [json.loads(line)["object"] for line in lines] == ["log/000000000000.ckpt"]
    assert leaf["findings"]["count"] == 1
    display.summary(finished)
    assert "FINDING  log/000000000000.ckpt: has a delete marker" in capsys.readouterr().out


def said(*arguments: str, command: Any = init) -> Result:
    return CliRunner().invoke(command, arguments)


def test_init_in_a_bucket_without_a_lock_makes_nothing_and_says_how_to_mend_it(server: Server, tmp_path: Path) -> None:
    url = server.bucket(locked=False)
    name = in_bucket(url)["Bucket"]
    outcome = said("--archive", url)
    assert outcome.exit_code == 1
    for command in (
        f"aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled --region us-east-1",
        f"aws s3api put-object-lock-configuration --bucket {name} --object-lock-configuration '",
        f"aws s3api put-bucket-policy --bucket {name} --policy file://bucket-policy.json",
    ):
        assert command in outcome.output
    for sid in ("NoDeletion", "NoPutOverAnything", "NoShorterLock", "NoChangeOfTheLock", "KeepEvidence"):
        assert f'"Sid": "{sid}"' in outcome.output
    assert "nothing was made" in outcome.output
    assert list(tmp_path.iterdir()) == []
    assert list(store_in(url).list("")) == []
    assert said("--archive", url, "--without-lock").exit_code == 0
    assert list(store_in(url).list("")) == ["log/000000000000.ckpt", segment_key(0)]


def test_what_init_says_mends_the_bucket(server: Server, tmp_path: Path) -> None:
    url = server.bucket(locked=False)
    name = in_bucket(url)["Bucket"]
    lines = said("--archive", url).output.splitlines()
    (wanted,) = (re.findall(r"--object-lock-configuration '(.*)' ", line)[0] for line in lines if "'{" in line)
    server.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    server.client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=json.loads(wanted))
    outcome = said("--archive", url)
    assert outcome.exit_code == 0, outcome.output
    assert "put-object-lock-configuration" not in outcome.output
    assert f'path = "{url}"' in (tmp_path / "collector.toml").read_text()
    assert (tmp_path / f"{name}.keys" / "log.pub").exists()
    assert store_in(url).lock().facts["default_retention"] == "COMPLIANCE 730 days"


def test_verify_says_whether_the_bucket_is_locked(server: Server) -> None:
    url = server.bucket(locked=True)
    outcome = said("--archive", url)
    assert "missing: a default lock in COMPLIANCE mode" in outcome.output
    checked = said(command=verify)
    assert checked.exit_code == 0, checked.output
    assert "the archive is locked: 2 objects were read back, each in COMPLIANCE mode until" in checked.output
    server.client.delete_object(**in_bucket(url, segment_key(0)))
    checked = said(command=verify)
    assert checked.exit_code == 1
    assert f"FAULT  {segment_key(0)}: has a delete marker" in checked.output
    assert "the archive is not locked: 1 objects are not held as they should be" in checked.output


@pytest.mark.parametrize("locked", [True, False])
def test_summary_verify_and_report_say_the_same_of_the_lock(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, locked: bool
) -> None:
    url = server.bucket(locked=locked)
    said("--archive", url, "--without-lock")
    keys = Keys.load(tmp_path / f"{in_bucket(url)['Bucket']}.keys")
    display.summary(ran(store_in(url), keys))
    word = "locked: " if locked else "not locked: "
    assert f"the archive is {word}" in capsys.readouterr().out
    assert f"the archive is {word}" in said(command=verify).output
    written = said(command=report)
    assert written.exit_code == 0, written.output
    page = (tmp_path / "report" / "index.html").read_text()
    row = page.partition("<dt>Lock</dt>")[2].partition("</dd>")[0]
    assert row.count(f"<li>{word}") == 1
    assert re.search(rf"Sealed at .*</code>: {word}", row)


def test_verify_reads_a_bucket_from_a_head_on_and_for_a_period(server: Server, tmp_path: Path) -> None:
    url = server.bucket(locked=True)
    said("--archive", url)
    keys = Keys.load(tmp_path / f"{in_bucket(url)['Bucket']}.keys")
    store = store_in(url)
    ran(store, keys, "r1")
    (tmp_path / "held.ckpt").write_bytes(store.get(checkpoint_key(1)) or b"")
    ran(store, keys, "r2")
    (keys.directory / "pin.json").unlink()  # an auditor has none
    line = ["--archive", url, "--key", str(keys.log.verifier_key), "--head", "held.ckpt"]
    whole = json.loads(said(*line, "--json", command=verify).stdout)
    assert (whole["verdict"], whole["commits"], whole["faults"]) == ("sound", 5, [])
    assert whole["lock"].startswith("locked: ")
    assert not any("No earlier head" in note for note in whole["notes"])
    later = json.loads(said(*line, "--after-head", "--json", command=verify).stdout)
    assert (later["verdict"], later["head"]) == ("sound", whole["head"])
    assert later["commits"] < whole["commits"]
    never = json.loads(said(*line, "--from", "2026-01-01", "--to", "2026-01-31", "--json", command=verify).stdout)
    assert (never["verdict"], never["commits"], never["contents"]) == ("sound", 5, 0)
    assert any("contents that only commits outside of 2026-01-01" in note for note in never["notes"])
    server.client.delete_object(**in_bucket(url, segment_key(1)))
    faulty = said(*line, "--json", command=verify)
    assert (faulty.exit_code, json.loads(faulty.stdout)["verdict"]) == (1, "faulty")
    assert {segment_key(1)} <= {fault["object"] for fault in json.loads(faulty.stdout)["faults"]}


def test_init_where_there_is_no_bucket_makes_nothing(server: Server, tmp_path: Path) -> None:
    outcome = said("--archive", f"s3://no-such-bucket/x?region=us-east-1&endpoint={server.endpoint}")
    assert "NoSuchBucket" in str(outcome.exception)
    assert list(tmp_path.iterdir()) == []
