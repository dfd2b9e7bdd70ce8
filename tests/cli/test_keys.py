"""`collector keys`: shown, replaced, revoked; and keys that never leave a KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from tests.cli.oracle import Archive
from tests.conftest import Program
from tests.doubles.aws.ministack import running_ministack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.aws.ministack import MinistackDouble


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """In an empty folder, without credentials."""
    program = Archive(tmp_path).program
    assert program("init").code == 0
    return program


def public(program: Program) -> str:
    return (program.folder / "evidence.keys" / "log.pub").read_text().strip()


def test_it_shows_each_key_and_what_to_hand_to_the_auditor(program: Program) -> None:
    shown = program("keys")
    assert shown.code == 0, shown.text
    for said in ("collector.key", "log.key", "0600", "0 …", public(program)):
        assert said in shown.out
    assert "PRIVATE" not in shown.text


def test_rotating_the_logs_key_gives_the_auditor_another_line_and_both_verify(program: Program) -> None:
    before = public(program)
    ended = program("keys", "rotate", "log")
    assert ended.code == 0, ended.text
    after = public(program)
    assert ended.out.endswith(f"Hand this verifier key to your auditor, out of band:\n{after}\n")
    assert before != after
    for key in (before, after):
        checked = program("verify", "--key", key)
        assert (checked.code, checked.out.splitlines()[-1]) == (0, "sound"), checked.text
    shown = program("keys")
    assert "0 to 1" in shown.out
    assert "2 …" in shown.out
    assert before in shown.out


def test_rotating_the_collectors_key_changes_nothing_for_the_auditor(program: Program) -> None:
    before = public(program)
    ended = program("keys", "rotate", "collector")
    assert ended.code == 0, ended.text
    assert "Your auditor's verifier key stays the same" in ended.out
    assert public(program) == before
    assert program("verify").code == 0


def test_a_revocation_is_a_fault_for_ever_and_named(program: Program) -> None:
    assert program("keys", "rotate", "log").code == 0
    ended = program("keys", "revoke", "collector", "--since", "1")
    assert ended.code == 0, ended.text
    assert "Tell your auditor that commits 1 to 2 are in doubt" in ended.out
    checked = program("verify")
    assert checked.code == 1
    assert "FAULT  log/000000000001.seg to log/000000000002.seg: signed by a key that was revoked" in checked.out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("revoke", "log", "--since", "9"), "cannot be revoked since commit 9"),
        (("revoke", "log"), "--since"),
        (("rotate", "redaction"), "redaction"),
        (("rotate", "log", "--to", "vault:x"), "names no key in a KMS"),
    ],
)
def test_what_cannot_be_done_is_bad_input_and_changes_nothing(
    program: Program, arguments: tuple[str, ...], problem: str
) -> None:
    before = {path: path.read_bytes() for path in program.folder.rglob("*") if path.is_file()}
    ended = program("keys", *arguments)
    assert ended.code == 2, ended.text
    assert problem in ended.err
    assert "Traceback" not in ended.err
    assert {path: path.read_bytes() for path in program.folder.rglob("*") if path.is_file()} == before


@pytest.fixture(scope="module")
def kms() -> Iterator[MinistackDouble]:
    with running_ministack() as double:
        yield double


def test_an_archive_whose_keys_lie_in_aws_kms(kms: MinistackDouble, tmp_path: Path) -> None:
    client = boto3.session.Session(kms.environment["AWS_ACCESS_KEY_ID"], "loopback-only").client(
        "kms", region_name="eu-central-1", endpoint_url=kms.endpoint
    )
    arns = [
        client.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        for _ in range(3)
    ]
    log, collector, later = (f"aws-kms:{arn}?endpoint={kms.endpoint}" for arn in arns)
    program = Program(tmp_path, kms.environment)
    same = program("init", "--log-key", log, "--collector-key", log)
    assert (same.code, "cannot be both" in same.err) == (2, True), same.text
    assert not (tmp_path / "evidence.keys").exists()
    made = program("init", "--log-key", log, "--collector-key", collector)
    assert made.code == 0, made.text
    first = public(program)
    assert first in made.out
    assert (tmp_path / "evidence.keys" / "log.key").read_text() == f"{log}\n{first}\n"
    shown = program("keys")
    assert log in shown.out
    assert collector in shown.out
    moved = program("keys", "rotate", "log", "--to", later)
    assert moved.code == 0, moved.text
    home = program("keys", "rotate", "collector")
    assert home.code == 0, home.text
    for key in (first, public(program)):
        assert program("verify", "--key", key).code == 0
    client.disable_key(KeyId=arns[2])
    refused = program("keys", "rotate", "collector")
    assert refused.code == 3, refused.text
    assert "enable-key" in refused.err
    assert program("verify").code == 0, "who verifies needs no KMS"
    client.enable_key(KeyId=arns[2])
    assert program("keys").code == 0
    assert program("keys", "rotate", "collector").code == 0
    assert program("verify").out.splitlines()[-1] == "sound"
