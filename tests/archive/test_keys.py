from __future__ import annotations

import json
import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from collector.archive.keys import Keys
from collector.archive.notes import VerifierKey, open_note
from collector.archive.pin import Head
from collector.errors import ArchiveError, ForkError, UsageError

from .conftest import ORIGIN

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.create(tmp_path / "a" / "keys", ORIGIN)


def head(sequence: int, root: bytes = b"r" * 32) -> Head:
    return Head(sequence, sequence + 1, root)


def test_what_was_made_is_what_is_loaded(keys: Keys) -> None:
    loaded = Keys.load(keys.directory)
    assert loaded.origin == ORIGIN
    assert loaded.redaction == keys.redaction
    assert open_note(loaded.log.sign("x\n"), keys.log.verifier_key) == "x\n"
    assert open_note(loaded.collector.sign("x\n"), keys.collector.verifier_key) == "x\n"
    assert loaded.collector.name == f"{ORIGIN}/collector"
    assert loaded.collector.verifier_key.public != loaded.log.verifier_key.public


def test_only_the_public_key_is_open(keys: Keys) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.directory.iterdir()}
    assert modes == {"collector.key": 0o600, "log.key": 0o600, "redaction.key": 0o600, "log.pub": 0o644}
    assert stat.S_IMODE(keys.directory.stat().st_mode) == 0o700
    assert [path.name for path in keys.directory.parent.iterdir()] == ["keys"]
    assert len((keys.directory / "redaction.key").read_bytes()) == 32
    assert VerifierKey.parse((keys.directory / "log.pub").read_text().strip()) == keys.log.verifier_key


def test_openssl_reads_the_keys(keys: Keys) -> None:
    shown = subprocess.run(  # noqa: S603 - our own file
        ["openssl", "pkey", "-in", str(keys.directory / "log.key"), "-noout", "-text"],  # noqa: S607 - from the PATH
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "ED25519" in shown.stdout


def test_keys_are_never_replaced(keys: Keys) -> None:
    before = (keys.directory / "log.key").read_bytes()
    with pytest.raises(UsageError, match="does not exist yet"):
        Keys.create(keys.directory, ORIGIN)
    assert (keys.directory / "log.key").read_bytes() == before
    assert list(keys.directory.parent.iterdir()) == [keys.directory], "private keys of the failed try were left lying"


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb", "a\x00b"])
def test_an_origin_that_cannot_name_a_key_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(UsageError, match="cannot be the archive's origin"):
        Keys.create(tmp_path / "keys", origin)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["collector.key", "log.key", "redaction.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_key_open_to_others_is_refused(keys: Keys, name: str, mode: int) -> None:
    (keys.directory / name).chmod(mode)
    with pytest.raises(UsageError, match=rf"{name} is open to other users \(mode 0{mode:o}\).*chmod 600"):
        Keys.load(keys.directory)
    (keys.directory / name).chmod(0o400)
    Keys.load(keys.directory)


@pytest.mark.parametrize("name", ["collector.key", "log.key", "redaction.key", "log.pub"])
def test_a_missing_or_damaged_key_is_explained(keys: Keys, name: str) -> None:
    path = keys.directory / name
    path.write_bytes(b"garbage")
    with pytest.raises(UsageError, match=name):
        Keys.load(keys.directory)
    path.unlink()
    with pytest.raises(UsageError, match=rf"{name} failed: No such file.*ever made there"):
        Keys.load(keys.directory)


def test_keys_of_another_log_are_refused(keys: Keys, tmp_path: Path) -> None:
    other = Keys.create(tmp_path / "other", "example.com/other")
    (keys.directory / "log.key").write_bytes((other.directory / "log.key").read_bytes())
    with pytest.raises(UsageError, match=r"does not belong to log\.key"):
        Keys.load(keys.directory)


def test_keys_of_another_kind_are_refused(keys: Keys) -> None:
    path = keys.directory / "collector.key"
    subprocess.run(["openssl", "genpkey", "-algorithm", "X25519", "-out", str(path)], check=True, capture_output=True)  # noqa: S603, S607 - from the PATH
    path.chmod(0o600)
    with pytest.raises(UsageError, match="is not an Ed25519 key"):
        Keys.load(keys.directory)


def test_the_pin_moves_forward_only(keys: Keys) -> None:
    assert keys.pin() is None
    for sequence, pinned in ((3, 3), (5, 5), (4, 5), (5, 5), (6, 6)):
        keys.advance_pin(head(sequence))
        assert Keys.load(keys.directory).pin() == head(pinned)
    assert sorted(path.name for path in keys.directory.iterdir() if "pin" in path.name) == ["pin.json"]


def test_two_trees_for_one_commit_are_a_fork(keys: Keys) -> None:
    keys.advance_pin(head(3))
    with pytest.raises(ForkError, match="commit 3 has two histories"):
        keys.advance_pin(head(3, b"x" * 32))
    assert keys.pin() == head(3)


def test_the_pin_reads_as_json(keys: Keys) -> None:
    keys.advance_pin(head(3))
    shown = json.loads((keys.directory / "pin.json").read_text())
    assert shown == {"sequence": 3, "size": 4, "root": "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI="}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"sequence":1,"size":2,"root":"eA=="}', '{"sequence":"1","size":2,"root":""}']
)
def test_a_damaged_pin_is_explained_not_ignored(keys: Keys, text: str) -> None:
    (keys.directory / "pin.json").write_text(text)
    with pytest.raises(ArchiveError, match=r"pin\.json is damaged"):
        keys.pin()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_is_explained(keys: Keys) -> None:
    keys.directory.chmod(0o500)
    try:
        with pytest.raises(UsageError, match=r"writing .*log\.key\.next failed: Permission denied"):
            keys.prepare("log")
    finally:
        keys.directory.chmod(0o700)


def test_a_prepared_key_is_the_same_again_and_no_other(keys: Keys) -> None:
    prepared = keys.prepare("log")
    assert keys.prepare("log").verifier_key == prepared.verifier_key
    assert Keys.load(keys.directory).log.verifier_key == keys.log.verifier_key
    path = keys.directory / "log.key.next"
    path.chmod(0o640)
    with pytest.raises(UsageError, match=r"log\.key\.next is open to other users"):
        keys.prepare("log")
    path.chmod(0o600)
    place = "aws-kms:alias/x?region=eu-central-1"
    path.write_text(f"{place}\n{prepared.verifier_key}\n")
    with pytest.raises(UsageError, match=r"another key was to replace log\.key, and that was never finished"):
        keys.prepare("log")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("aws-kms:k", "second line is no verifier key"),
        ("aws-kms:k\nnonsense\n", "second line is no verifier key"),
        ("aws-kms:k\nPeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", "is the key PeterNeumann"),
    ],
)
def test_a_damaged_place_in_a_kms_is_explained(keys: Keys, text: str, problem: str) -> None:
    (keys.directory / "log.key").write_text(text)
    with pytest.raises(UsageError, match=problem):
        Keys.load(keys.directory)


def test_a_damaged_list_of_former_keys_is_explained(keys: Keys) -> None:
    (keys.directory / "former.json").write_text("{}")
    with pytest.raises(UsageError, match=r"former\.json is damaged"):
        Keys.load(keys.directory)
