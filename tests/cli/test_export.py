"""`collector export`: the judgement, made again by anyone who has DuckDB and not this program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from collector.assess.controls import load_controls

if TYPE_CHECKING:
    from tests.cli.oracle import Oracle

# Those that the estate, an AWS organisation, has evidence for.
CONTROLS = {one.id: one for one in load_controls() if any(name.startswith("aws.") for name in one.evidence)}


@pytest.fixture(scope="module")
def exported(oracle: Oracle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "tables"
    ended = oracle.once.program("export", "--to", str(folder))
    assert ended.code == 0, ended.text
    assert ended.out.strip() == str(folder)
    return folder


@pytest.mark.parametrize("control", CONTROLS)
def test_aq_08_a_plain_duckdb_comes_to_the_sealed_outcomes(
    oracle: Oracle, exported: Path, control: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documented line: `cat views.sql use/ID.sql rules/ID.sql | duckdb`, in the folder."""
    monkeypatch.chdir(exported)
    script = "".join(
        (exported / name).read_text() for name in ("views.sql", f"use/{control}.sql", f"rules/{control}.sql")
    )
    with duckdb.connect() as connection:
        found = sorted(
            (row[0], row[1], row[2], row[3], row[4], sorted(set(row[5])))
            for row in connection.execute(script).fetchall()
        )
    # What the rule cannot see, the page says beside it; the rule itself is silent on it.
    parts = {f"part: {one.part}" for one in CONTROLS[control].header.unseen}
    if CONTROLS[control].header.across:  # the people list is not in this estate: what was seen stands beside that
        seen = [(one["provider"], one["unit"], one["item"], one["seen"]) for one in oracle.once.outcomes(control)]
        assert [one[:4] for one in found] == sorted(one for one in seen if one[3] is not None)
        return
    sealed = sorted(
        (one["provider"], one["unit"], one["item"], one["outcome"], one["because"], one["rows"])
        for one in oracle.once.outcomes(control)
        if one["item"] not in parts
    )
    assert found == sealed
    assert found, "every control has something to judge in this estate"


def test_the_rules_are_the_sealed_ones(oracle: Oracle, exported: Path) -> None:
    for body in oracle.once.of_kind("outcome"):
        assert (exported / "rules" / f"{body['control']}.sql").read_bytes() == oracle.once.reader.content(
            body["rule"]["sha256"]
        )


def test_every_sealed_record_is_in_the_tables(oracle: Oracle, exported: Path) -> None:
    records = sum(body["records"]["count"] for body in oracle.once.of_kind("evidence"))
    with duckdb.connect() as connection:
        tables = [path for path in (exported / "tables").glob("*.parquet") if path.stem != "snapshot"]
        rows = sum(connection.read_parquet(str(path)).shape[0] for path in tables)
        snapshots = connection.read_parquet(str(exported / "tables" / "snapshot.parquet")).shape[0]
    assert rows == records
    assert snapshots == len(oracle.once.of_kind("evidence"))


def test_a_folder_with_something_in_it_is_left_alone(oracle: Oracle, tmp_path: Path) -> None:
    (tmp_path / "old.parquet").touch()
    ended = oracle.once.program("export", "--to", str(tmp_path))
    assert ended.code == 2, ended.text
    assert "not empty" in ended.err
    assert os.listdir(tmp_path) == ["old.parquet"]  # noqa: PTH208 - the names alone


def test_an_unknown_run_is_bad_input_and_makes_nothing(oracle: Oracle, tmp_path: Path) -> None:
    """An export without a row would look like a run in which nothing was found."""
    ended = oracle.once.program("export", "--run", "20200101T000000Z-00000000", "--to", str(tmp_path / "tables"))
    assert ended.code == 2, ended.text
    assert "20200101T000000Z-00000000" in ended.err
    assert not (tmp_path / "tables").exists()


def test_the_line_in_the_readme_works(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (query,) = re.findall(r'duckdb -init views\.sql -c "([^"]+)"', readme)
    monkeypatch.chdir(exported)
    with duckdb.connect() as connection:
        connection.execute(Path("views.sql").read_text())
        found = connection.execute(query).fetchall()
    assert any("ben.ortiz" in str(row) for row in found), found


def test_the_archive_itself_as_tiles_as_a_bag_and_for_a_stranger(oracle: Oracle, tmp_path: Path) -> None:
    program = oracle.once.program
    tiles, bag, verifier = (tmp_path / name for name in ("tiles", "bag", "verify.py"))
    ended = program("export", "--tiles", str(tiles), "--bagit", str(bag), "--verifier", str(verifier))
    assert ended.code == 0, ended.text
    assert ended.out.split() == [str(tiles), str(bag), str(verifier)]
    newest = max((program.folder / "evidence" / "log").glob("*.ckpt"))
    assert (tiles / "checkpoint").read_bytes() == newest.read_bytes()
    assert (bag / "bagit.txt").read_text().startswith("BagIt-Version: 1.0\n")
    key = (program.folder / "evidence.keys" / "log.pub").read_text().strip()
    command = [sys.executable, "-I", str(verifier), str(program.folder / "evidence"), "--key", key]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    # 3 where no zstd is to be had: nothing wrong, but not everything could be looked into.
    assert told.returncode in {0, 3}, told.stdout + told.stderr
    assert told.returncode == 0 or shutil.which("zstd") is None
    again = program("export", "--verifier", str(verifier))
    assert again.code == 2
