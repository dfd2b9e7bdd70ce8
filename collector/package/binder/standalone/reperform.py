#!/usr/bin/env python3
"""Run every written rule again over the CSV files of this package, with plain DuckDB and nothing of ours.

    python3 09-data/reperform.py [CONTROL …]

For each judgement by which an item has its outcome: load the snapshots it was made on, put its parameters in force, run
the rule's text, and hold what it says of each item against results.csv. `seen` is the rule's own verdict; an item of a
scope whose evidence is not whole has the outcome cannot_tell, whatever was seen of it. Rows of a unit that the scope
register of that judgement excludes, at the moment that held.csv has for the row, are taken out first.

Exit codes: 0 every item agrees; 1 one does not, and is named. Needs Python 3.11 and the package `duckdb`.
"""

# ruff: noqa: S608 - the statements are made of names in the package, and run on a database in memory alone

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
READ = (
    "read_csv('{}', header = true, all_varchar = true, quote = '\"', escape = '\"', nullstr = '', "
    "allow_quoted_nulls = false, max_line_size = 16777216, auto_detect = false, delim = ',', new_line = '\\n', "
    "columns = {{{}}})"
)

UNITS = frozenset({"repository", "scope_unit"})
"""The tables that say which units there are."""


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file of the package, without the apostrophes that keep texts from being formulas."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(file)]


def table(path: Path) -> str:
    """A CSV file as DuckDB reads it: texts, NULL for what is not given, and no apostrophes in front."""
    with path.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    plain = ", ".join(
        f'CASE WHEN "{name}"[1] = \'\'\'\' THEN "{name}"[2:] ELSE "{name}" END AS "{name}"' for name in names
    )
    return f"SELECT {plain} FROM {READ.format(str(path).replace(chr(39), chr(39) * 2), columns)}"


def typed(name: str, kind: str) -> str:
    """A column in its SQL type; lists are JSON."""
    return f'("{name}"::JSON)::{kind}' if kind.endswith("[]") else f'"{name}"::{kind}'


def load(connection: duckdb.DuckDBPyConnection, folder: Path, schema: dict[str, list[tuple[str, str, str]]]) -> None:
    """Every row of the control's folder, with what its snapshot says of it."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE snapshots AS {table(folder / 'snapshots.csv')}")
    connection.execute(f"CREATE TABLE held AS {table(folder / 'held.csv')}")
    connection.execute("CREATE SCHEMA whole")
    for name, columns in schema.items():
        path = folder / "tables" / f"{name}.csv"
        if name == "snapshot":
            shown = ", ".join(f'{typed(column, kind)} AS "{column}"' for column, kind, _ in columns)
            connection.execute(
                f"CREATE TABLE whole.snapshot AS SELECT {shown}, leaf AS from_leaf, NULL AS from_row FROM snapshots"
            )
        elif path.is_file():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE given AS {table(path)}")
            shown = ", ".join(
                f's."{column}"::{kind} AS "{column}"' if given == "snapshot" else f'{typed(column, kind)} AS "{column}"'
                for column, kind, given in columns
            )
            connection.execute(
                f"CREATE TABLE whole.{name} AS SELECT {shown}, h.leaf AS from_leaf, row_sha256 AS from_row FROM "
                f"(SELECT leaf, row_sha256 FROM held WHERE \"table\" = '{name}') h JOIN given g USING (row_sha256) "
                "JOIN (SELECT leaf, evidence_type, provider, scope_unit, collected_at, run_id FROM snapshots) s "
                "ON s.leaf = h.leaf"
            )
        else:
            shown = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind, _ in columns)
            connection.execute(
                f"CREATE TABLE whole.{name} AS SELECT {shown}, NULL AS from_leaf, NULL AS from_row WHERE false"
            )


def literal(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A parameter as SQL writes it."""
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]::VARCHAR[]"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


IN_FORCE = "{0}.unit_id = {1} AND {0}.valid_from <= {2} AND ({0}.valid_to IS NULL OR {0}.valid_to > {3})"


def out(unit: str, first: str, last: str) -> str:
    """That an entry excludes a unit from the first moment to the last, and none says at either that it is in scope."""
    entry, at_first, at_last = (
        f"EXISTS (SELECT 1 FROM {table} WHERE {IN_FORCE.format(table, unit, start, end)})"
        for table, start, end in (("entry", first, last), ("kept", first, first), ("kept", last, last))
    )
    return f"{entry} AND NOT {at_first} AND NOT {at_last}"


def take_out(connection: duckdb.DuckDBPyConnection, wanted: str) -> None:
    """The rows that the scope register of a judgement takes out, and the snapshots of which nothing is left.

    An entry excludes with a reason, an approver and a first day; what another says to be in scope at that moment stays.
    A list of units is never out as a whole, and a rule that reads the register has all of it.
    """
    told = (
        "SELECT d.* FROM whole.scope_decision d JOIN snapshots s ON s.leaf = d.from_leaf "
        f"WHERE d.from_leaf IN ({wanted}) AND s.complete = 'true' AND d.decision = "
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE entry AS {told} 'excluded' AND trim(reason) <> '' AND trim(approved_by) <> ''"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE kept AS SELECT * REPLACE (coalesce(valid_from, '-infinity'::TIMESTAMP) AS "
        f"valid_from) FROM ({told} 'in_scope')"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE out_rows AS SELECT leaf, row_sha256 FROM held h "
        f"WHERE leaf IN ({wanted}) AND {out('h.within', 'h.at::TIMESTAMP', 'h.at::TIMESTAMP')}"
    )
    span = out("s.within", "coalesce(s.window_from, s.collected_at)::TIMESTAMP", "s.collected_at::TIMESTAMP")
    units = ", ".join(f"'{name}'" for name in sorted(UNITS))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE out_snapshots AS SELECT leaf FROM snapshots s "
        f"WHERE leaf IN ({wanted}) AND {span} AND NOT EXISTS (SELECT 1 FROM held h "
        "WHERE h.leaf = s.leaf AND ((h.leaf, h.row_sha256) NOT IN "
        f'(SELECT leaf, row_sha256 FROM out_rows) OR h."table" IN ({units})))'
    )


def run(
    connection: duckdb.DuckDBPyConnection, folder: Path, judged: dict[str, str], names: list[str]
) -> dict[tuple[str, str, str], str]:
    """What the rule says of each item on the snapshots of one judgement."""
    leaves = [row["leaf"] for row in rows(folder / "seen.csv") if row["judgement"] == judged["judgement"]]
    wanted = ", ".join(f"'{leaf}'" for leaf in leaves) or "''"
    text = (folder / judged["rule"]).read_text("utf-8")
    words = set(re.findall(r"\w+", text.lower()))
    take_out(connection, wanted)
    for name in words.intersection(names):
        narrowed = f"SELECT * EXCLUDE (from_leaf, from_row) FROM whole.{name} WHERE from_leaf IN ({wanted})"
        if name == "snapshot":
            narrowed += " AND from_leaf NOT IN (SELECT leaf FROM out_snapshots)"
        elif name not in UNITS or "scope_decision" not in words:
            narrowed += " AND (from_leaf, from_row) NOT IN (SELECT leaf, row_sha256 FROM out_rows)"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {narrowed}")
    for name, value in json.loads(judged["parameters"]).items():
        connection.execute(f"SET VARIABLE {name} = {literal(value)}")
    found = connection.execute(re.sub(r"^\s*/\*.*?\*/", "", text, count=1, flags=re.DOTALL)).fetchall()
    said: dict[tuple[str, str, str], str] = {}
    for provider, unit, item, outcome, *_ in found:
        place = (provider, unit, item)  # the source may give an item twice: then it is told only where both agree
        said[place] = outcome if said.get(place, outcome) == outcome else "cannot_tell"
    return said


def control(folder: Path, schema: dict[str, list[tuple[str, str, str]]]) -> tuple[int, list[str]]:
    """How many items of a control were held against its results, and those that differ."""
    by_judgement: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "results.csv"):
        by_judgement[row["judged_in"]].append(row)
    differ, count = [], 0
    with duckdb.connect() as connection:
        load(connection, folder, schema)
        for judged in rows(folder / "judgements.csv"):
            wanted = by_judgement.pop(judged["judgement"], [])
            if not wanted:
                continue
            said = run(connection, folder, judged, list(schema))
            for row in wanted:
                count += 1
                place = (row["provider"], row["scope"], row["item"])
                if said.get(place) != row["seen"] or row["outcome"] not in (row["seen"], "cannot_tell"):
                    differ.append(
                        f"{folder.name} {row['row_id']}: results.csv has {row['seen']}, the rule says {said.get(place)}"
                    )
    differ += [f"{folder.name}: judgement {one} is not in judgements.csv" for one in by_judgement]
    return count, differ


def main() -> int:
    """The command line; the exit code."""
    csv.field_size_limit(1 << 24)
    schema: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for row in rows(ROOT / "01-how-made" / "schema.csv"):
        schema[row["table"]].append((row["column"], row["type"], row["given_by"]))
    total, wrong = 0, 0
    for folder in sorted(path for path in (ROOT / "03-controls").iterdir() if path.is_dir()):
        if not sys.argv[1:] or folder.name in sys.argv[1:]:
            count, differ = control(folder, dict(schema))
            total, wrong = total + count, wrong + len(differ)
            sys.stdout.write("".join(f"DIFFERS  {one}\n" for one in differ))
            sys.stdout.write(f"{folder.name}  {count} items run again, {len(differ)} differ\n")
    sys.stdout.write(f"{total} items, {wrong} differ\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
