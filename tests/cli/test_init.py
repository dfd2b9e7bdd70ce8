"""`collector init`: everything explained, nothing replaced."""

from __future__ import annotations

import re
import stat
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """In an empty folder, without credentials: making an archive needs none."""
    return Archive(tmp_path).program


def test_it_makes_configuration_keys_and_archive(program: Program) -> None:
    ended = program("init")
    assert ended.code == 0, ended.text
    assert {path.name for path in program.folder.iterdir()} == {"collector.toml", "evidence", "evidence.keys"}
    key = (program.folder / "evidence.keys" / "log.pub").read_text().strip()
    assert key in ended.out, "the auditor's key"
    for path in (program.folder / "evidence.keys").iterdir():
        assert path.name == "log.pub" or stat.S_IMODE(path.stat().st_mode) == 0o600, path
    checked = program("verify")
    assert checked.code == 0, checked.text
    assert key in checked.out


def test_the_configuration_it_writes_is_what_would_hold_without_it(program: Program) -> None:
    """Also when every line that is commented out is put in force: they show the defaults."""
    assert program("init").code == 0
    file = program.folder / "collector.toml"
    with_it = program("controls")
    assert with_it.code == 0, with_it.text
    text = file.read_text()
    file.unlink()
    assert program("controls").out == with_it.out
    shown = re.sub(r"(?m)^# (?=\[?[\w.-]+\]? *(=|#|$)|\[)", "", text)
    assert tomllib.loads(shown)["collect"]["threads"] == 16
    file.write_text(shown)
    ended = program("controls")
    assert ended.code == 0, ended.text
    assert ended.out == with_it.out


def test_it_never_replaces_a_configuration(program: Program) -> None:
    (program.folder / "collector.toml").write_text("# mine\n")
    ended = program("init")
    assert ended.code == 2, ended.text
    assert "collector.toml" in ended.err
    assert [path.name for path in program.folder.iterdir()] == ["collector.toml"]
    assert (program.folder / "collector.toml").read_text() == "# mine\n"


def test_it_never_makes_a_second_archive_over_one(program: Program) -> None:
    assert program("init").code == 0
    (program.folder / "collector.toml").unlink()
    before = {path: path.read_bytes() for path in program.folder.rglob("*") if path.is_file()}
    ended = program("init")
    assert ended.code == 2, ended.text
    assert len(ended.err.splitlines()) == 1
    assert {path: path.read_bytes() for path in program.folder.rglob("*") if path.is_file()} == before


def test_a_folder_with_something_else_in_it_is_left_alone(program: Program) -> None:
    (program.folder / "evidence").mkdir()
    (program.folder / "evidence" / "mine").touch()
    ended = program("init")
    assert ended.code == 2, ended.text
    assert "evidence" in ended.err
    assert {path.name for path in program.folder.rglob("*")} == {"evidence", "mine"}


def test_a_file_in_the_place_of_the_archive(program: Program) -> None:
    (program.folder / "evidence").write_text("mine")
    ended = program("init")
    assert ended.code == 2, ended.text
    assert len(ended.err.splitlines()) == 1
    assert [path.name for path in program.folder.iterdir()] == ["evidence"]


def test_another_place_is_written_into_the_configuration(program: Program) -> None:
    ended = program("init", "--archive", "kept here/of 2026")
    assert ended.code == 0, ended.text
    written = tomllib.loads((program.folder / "collector.toml").read_text())
    assert written["archive"]["path"] == "kept here/of 2026"
    assert (program.folder / "kept here" / "of 2026.keys" / "log.pub").is_file()
    assert program("verify").code == 0


def test_a_place_with_a_quote_in_its_name_still_gives_a_configuration(program: Program) -> None:
    assert program("init", "--archive", 'a "b" c').code == 0
    assert program("verify").code == 0
