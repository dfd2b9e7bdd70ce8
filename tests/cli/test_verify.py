"""`collector verify`: whatever was changed is found, and named."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.errors import UsageError
from tests.cli.conftest import Inside
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.oracle import Oracle

OBJECTS = {
    "segment of evidence": "log/000000000001.seg",
    "segment of outcomes": "log/000000000002.seg",
    "first segment": "log/000000000000.seg",
    "tree head": "log/000000000002.ckpt",
    "tree head in the midst": "log/000000000001.ckpt",
    "pack": "packs/*/*.zst",
}


@pytest.fixture
def damaged(oracle: Oracle, tmp_path: Path) -> Archive:
    """A copy that may be damaged."""
    return oracle.once.copy(tmp_path / "copy")


def named(archive: Archive, pattern: str) -> Path:
    return max(archive.path.glob(pattern))


def assert_fault(archive: Archive, name: str) -> None:
    found = Inside(archive)("verify")
    assert found.code == 1, found.text
    assert [line for line in found.out.splitlines() if line.startswith("FAULT") and name in line], found.out
    assert "sound" not in found.out.splitlines()


def test_what_nobody_touched_is_sound(oracle: Oracle, inside: Inside) -> None:
    found = inside("verify")
    assert found.code == 0, found.text
    assert found.out.splitlines()[-1] == "sound"
    assert f"{len(oracle.once.leaves)} leaves" in found.out
    assert "FAULT" not in found.text


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_aq_03_one_changed_byte_is_found_and_its_object_named(damaged: Archive, kind: str, place: float) -> None:
    path = named(damaged, OBJECTS[kind])
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    assert_fault(damaged, path.relative_to(damaged.path).as_posix())


@pytest.mark.parametrize("kind", OBJECTS)
def test_aq_03_a_missing_object_is_found_and_named(damaged: Archive, kind: str) -> None:
    path = named(damaged, OBJECTS[kind])
    path.unlink()
    assert_fault(damaged, path.relative_to(damaged.path).as_posix())


def test_aq_03_two_swapped_objects_are_found(damaged: Archive) -> None:
    one, other = named(damaged, "log/000000000001.seg"), named(damaged, "log/000000000002.seg")
    aside = one.rename(one.with_suffix(".aside"))
    other.rename(one)
    aside.rename(other)
    assert_fault(damaged, "log/000000000001.seg")


def test_aq_03_the_newest_day_cut_off_is_found_by_the_pin_alone(oracle: Oracle, tmp_path: Path) -> None:
    """Older objects that are themselves sound, with the keys that remember more."""
    cut = oracle.once.copy(tmp_path / "cut")
    shutil.rmtree(cut.folder / "evidence.keys")
    shutil.copytree(oracle.twice.folder / "evidence.keys", cut.folder / "evidence.keys")
    found = Inside(cut)("verify")
    assert found.code == 1, found.text
    assert "FAULT" in found.out
    without = oracle.twice.of_kind("run")[-1]["run"]
    assert without not in {body["run"] for body in cut.of_kind("run")}


def test_the_key_given_out_of_band_is_enough(oracle: Oracle, tmp_path: Path) -> None:
    """An auditor has the archive and one line; the collector's own keys are elsewhere."""
    sent = oracle.once.copy(tmp_path / "sent")
    key = (sent.folder / "evidence.keys" / "log.pub").read_text().strip()
    shutil.rmtree(sent.folder / "evidence.keys")
    assert Inside(sent)("verify", "--key", key).code == 0
    without = sent.program("verify")
    assert without.code == 2
    assert "--key" in without.err


def test_another_archives_key_proves_nothing(oracle: Oracle, tmp_path: Path, inside: Inside) -> None:
    assert Archive(tmp_path).program("init").code == 0
    key = (tmp_path / "evidence.keys" / "log.pub").read_text().strip()
    found = inside("verify", "--key", key)
    assert found.code == 1
    assert "FAULT  log/000000000000" in found.out
    assert key in found.out
    assert len(oracle.once.leaves) > 0


@pytest.mark.parametrize("key", ["nonsense", "", "evidence/x+00000000+AAAA", "PEM\nwith lines"])
def test_what_is_no_key_is_bad_input(oracle: Oracle, key: str) -> None:
    found = oracle.once.program("verify", "--key", key)
    assert found.code == 2, found.text
    assert found.out == ""
    assert "verifier key" in found.err
    assert "Traceback" not in found.err


def test_no_archive_is_bad_input(oracle: Oracle, tmp_path: Path) -> None:
    found = oracle.once.program("verify", "--archive", str(tmp_path / "nowhere"))
    assert found.code == 2
    assert "no archive here" in found.err


def test_one_json_document_and_nothing_else(inside: Inside, oracle: Oracle) -> None:
    found = inside("verify", "--json")
    told = json.loads(found.out)
    assert (found.code, told["verdict"], told["faults"], told["unread"]) == (0, "sound", [], [])
    assert told["leaves"] == len(oracle.once.leaves)
    assert set(told["head"]) == {"root", "sequence", "size"}


def test_a_head_is_taken_as_json_as_a_file_and_as_a_checkpoint(inside: Inside, oracle: Oracle, tmp_path: Path) -> None:
    head = json.loads(inside("verify", "--json").out)["head"]
    (tmp_path / "head.json").write_text(json.dumps(head))
    checkpoint = oracle.once.path / "log" / f"{head['sequence']:012d}.ckpt"
    for form in (json.dumps(head), str(tmp_path / "head.json"), str(checkpoint)):
        assert inside("verify", "--head", form).code == 0
    whole = json.loads(inside("verify", "--json").out)
    later = json.loads(inside("verify", "--json", "--after-head", "--head", str(checkpoint)).out)
    assert later["verdict"] == "sound"
    assert later["commits"] < whole["commits"]
    assert any(note.startswith("Not checked: the commits before") for note in later["notes"])
    other = inside("verify", "--head", json.dumps(head | {"root": "A" * 43 + "="}))
    assert other.code == 1
    assert "the past was rewritten" in other.out
    cut = inside("verify", "--head", json.dumps(head | {"sequence": head["sequence"] + 1}))
    assert cut.code == 1
    assert "missing" in cut.out


def test_a_period_reads_what_its_commits_cite_and_says_so(inside: Inside) -> None:
    whole = json.loads(inside("verify", "--json").out)
    nothing = json.loads(inside("verify", "--json", "--from", "1999-01-01", "--to", "1999-12-31").out)
    always = json.loads(inside("verify", "--json", "--from", "1999-01-01").out)
    assert {one["verdict"] for one in (whole, nothing, always)} == {"sound"}
    assert nothing["leaves"] == whole["leaves"]
    assert nothing["contents"] == 0 < always["contents"] == whole["contents"]
    assert any(note.startswith("Not checked: contents") for note in nothing["notes"])


@pytest.mark.parametrize(
    "arguments",
    [("--head", "none.json"), ("--head", "{}"), ("--after-head",), ("--from", "2026-02-01", "--to", "2026-01-01")],
)
def test_what_cannot_be_used_is_bad_input(inside: Inside, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        inside("verify", *arguments)


def test_an_empty_directory_is_no_archive(inside: Inside, tmp_path: Path) -> None:
    key = json.loads(inside("verify", "--json").out)["key"]
    (tmp_path / "empty").mkdir()
    found = CliRunner().invoke(cli, ["verify", "--archive", str(tmp_path / "empty"), "--key", key])
    assert isinstance(found.exception, UsageError)
    assert "no archive here" in str(found.exception)
