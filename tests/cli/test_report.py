"""`collector report`: a folder that proves itself with what every computer has."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.oracle import Archive, Oracle


@pytest.fixture(scope="module")
def reported(oracle: Oracle, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A copy of the archive, with a report beside it."""
    archive = oracle.once.copy(tmp_path_factory.mktemp("reported") / "copy")
    ended = archive.program("report")
    assert ended.code == 0, ended.text
    assert ended.out.strip() == str(archive.folder / "report" / "index.html")
    return archive


def test_each_answer_is_named_by_its_own_hash(reported: Archive) -> None:
    answers = list((reported.folder / "report" / "answers").iterdir())
    assert len(answers) > 100
    for path in answers:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name.partition(".")[0]


def test_the_folder_passes_sha256sum(reported: Archive) -> None:
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("no sha256sum here; the hashes are checked above as well")
    checked = subprocess.run(  # noqa: S603 - a constant, found in the PATH as its reader would
        [tool, "--check", "--strict", "--quiet", "SHA256SUMS"],
        cwd=reported.folder / "report",
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    listed = {line.split("  ", 1)[1] for line in (reported.folder / "report" / "SHA256SUMS").read_text().splitlines()}
    there = {
        path.relative_to(reported.folder / "report").as_posix() for path in (reported.folder / "report").rglob("*")
    }
    files = {name for name in there if (reported.folder / "report" / name).is_file()}
    assert files - listed == {"SHA256SUMS"}


def test_every_raw_answer_of_the_run_is_in_it(reported: Archive) -> None:
    page = (reported.folder / "report" / "index.html").read_text()
    for body in reported.of_kind("evidence"):
        assert body["records"]["sha256"] in page or body["records"]["count"] == 0
    for link in set(re.findall(r'href="((?:answers|documents|rules)/[^"#]+)"', page)):
        assert (reported.folder / "report" / link).is_file(), link


def test_every_control_and_account_is_on_the_page(reported: Archive, oracle: Oracle) -> None:
    page = (reported.folder / "report" / "index.html").read_text()
    for body in reported.of_kind("outcome"):
        assert body["control"] in page
    for name, account in oracle.manifest["accounts"].items():
        assert account in page
        assert name in page or name == "management"


def test_a_folder_with_something_else_in_it_is_left_alone(oracle: Oracle, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("my notes")
    ended = oracle.once.program("report", "--to", str(folder))
    assert ended.code == 2, ended.text
    assert "notes.txt" in ended.err
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_an_unknown_run_is_bad_input(oracle: Oracle, tmp_path: Path) -> None:
    ended = oracle.once.program("report", "--run", "20200101T000000Z-00000000", "--to", str(tmp_path / "report"))
    assert ended.code == 2, ended.text
    assert "20200101T000000Z-00000000" in ended.err
    assert not (tmp_path / "report").exists()


def test_an_older_run_can_be_reported(oracle: Oracle, tmp_path: Path) -> None:
    older, newer = (body["run"] for body in oracle.twice.of_kind("run"))
    ended = oracle.twice.program("report", "--run", older, "--to", str(tmp_path / "report"))
    assert ended.code == 0, ended.text
    page = (tmp_path / "report" / "index.html").read_text()
    assert older in page
    assert newer not in page
