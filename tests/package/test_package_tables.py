"""The record tables of a package: every sealed row once for its snapshot, in one order, with a schema that is true."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from collector import canonical
from collector.archive.local import LocalStore
from collector.assess.parquet import column_meanings
from collector.assess.schema import every_table, record_types
from collector.package.binder.binder import gather
from collector.package.binder.build import finish, put_all
from collector.package.binder.shelf import Folder
from collector.package.binder.span import span
from tests.package.estate import PRODUCTION, START, begin, facts, fill, judged_users, rule, users, whole_estate

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.reader import Reader
    from tests.package.estate import Making

DAY = timedelta(days=1)
HOME = "09-data/tables"


def written(home: Path, making: Making, reader: Reader, out: Path) -> Folder:
    week = span(START.date() - 6 * DAY, START.date(), "UTC", START + DAY)
    folder = Folder(out)
    put_all(gather(reader, LocalStore(home / "evidence"), week, facts(making), folder))
    finish(folder)
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Reader]:
    home = tmp_path_factory.mktemp("estate")
    making, reader = whole_estate(home)
    return written(home, making, reader, tmp_path_factory.mktemp("out") / "package"), reader


def schema(folder: Folder) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder.root / HOME / "schema.json").read_text("utf-8"))
    return said


def asked(folder: Folder, query: str) -> list[tuple[Any, ...]]:
    with duckdb.cursor() as cursor:  # one engine for all: each start of one takes longer than a query
        cursor.execute(f"SET file_search_path = '{folder.root / HOME}'")
        return cursor.execute(query).fetchall()


def rows(folder: Folder, table: str, columns: str) -> list[tuple[Any, ...]]:
    return asked(folder, f"SELECT {columns} FROM '{table}.parquet'")  # noqa: S608 - names of ours


def test_every_sealed_row_is_there_in_the_order_of_the_log(package: tuple[Folder, Reader]) -> None:
    folder, reader = package
    sealed: dict[str, list[tuple[str, str]]] = {}
    leaves = [leaf for leaf in reader.leaves() if leaf.body["kind"] == "evidence"]
    read = {leaf.body["type"] for leaf in leaves}
    for leaf in leaves:
        for line in reader.content(leaf.body["records"]["sha256"]).splitlines():
            row = canonical.decode(line)
            sealed.setdefault(row["table"], []).append((row["row_id"], leaf.body["unit"]))
    assert sealed
    for table in every_table():
        if table != "snapshot":
            found = rows(folder, table, "row_id, scope_unit")
            assert found == sealed.get(table, []), table
    shown = asked(folder, "SELECT leaf, evidence_type, complete FROM 'snapshot.parquet'")
    assert shown == [(leaf.index, leaf.body["type"], leaf.body["complete"]) for leaf in leaves]
    assert {one[1] for one in shown} == read


def test_the_schema_is_that_of_the_files(package: tuple[Folder, Reader]) -> None:
    folder, _ = package
    said = schema(folder)
    assert {f"{HOME}/{one['file']}" for one in said["tables"].values()} == {
        place for place in folder.digests if place.startswith(HOME) and place.endswith(".parquet")
    }
    for table, one in said["tables"].items():
        columns = asked(folder, f"DESCRIBE FROM '{table}.parquet'")
        assert [(name, kind) for name, kind, *_ in columns] == [(it["name"], it["type"]) for it in one["columns"]]
        assert rows(folder, table, "count(*)") == [(one["rows"],)]
        assert one["about"].endswith("."), table
    assert said["tables"]["account"]["rows"] > 0


def test_meanings_are_those_that_the_record_types_declare() -> None:
    meant = dict(zip(every_table()["branch_rule"], column_meanings("branch_rule"), strict=True))
    assert meant["approvals"] == "How many approvals a change needs; 0 when it needs none."
    assert meant["force_push"] == ""
    assert meant["collected_at"] == "When the reading ended."
    assert all(column_meanings("snapshot"))
    assert all(any(column_meanings(table)) for table in record_types())


def test_a_row_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    reading = users(making, PRODUCTION, 7, hostile="")
    leaf = making.leaves[-1]
    lines = making.contents[leaf["records"]["sha256"]].splitlines()
    broken = canonical.encode(canonical.decode(lines[0]) | {"mfa_enrolled": "perhaps"})
    leaf["records"]["sha256"] = making.keep(b"".join(line + b"\n" for line in (broken, *lines[1:])))
    found = [one for one in judged_users(reading) if one.item != canonical.decode(lines[0])["name"]]
    stated = rule("IAM-01", "A second factor", "Everyone has one.", [reading.evidence])
    making.judge("IAM-01", stated, found, [making.index(reading.evidence, PRODUCTION)])
    making.commit()
    folder = written(tmp_path, making, reader, tmp_path / "package")
    said = (folder.root / HOME / "left-out.csv").read_text()
    assert "a row is not as its type says" in said
    assert schema(folder)["tables"]["account"]["rows"] == 6


def test_evidence_that_no_judged_control_reads_is_left_out(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    making.leaves = [leaf for leaf in making.leaves if leaf.get("control") != "IAM-01"]
    making.commit()
    folder = written(tmp_path, making, reader, tmp_path / "package")
    types = {one for (one,) in asked(folder, "SELECT DISTINCT evidence_type FROM 'snapshot.parquet'")}
    assert "aws.iam.users" not in types
    assert "aws.ec2.exposure" in types
    assert schema(folder)["tables"]["account"]["rows"] == 0


def test_the_same_archive_gives_the_same_files(package: tuple[Folder, Reader], tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    again = written(tmp_path, making, reader, tmp_path / "package")
    mine = {place: digest for place, digest in package[0].digests.items() if place.startswith(HOME)}
    assert len(mine) == len(every_table()) + 3
    assert {place: digest for place, digest in again.digests.items() if place.startswith(HOME)} == mine
