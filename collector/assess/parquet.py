"""Sealed records as Parquet files, one for each table, without ever holding all of them.

DuckDB reads the lines and writes the rows as they come: by leaf, and within one in the order of its sealed document.
The same snapshots give the same bytes.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from collector.assess.schema import COMMON, every_table, record_types
from collector.assess.tables import sort_lines, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.assess.completeness import Evidence

_MEANINGS = {
    "evidence_type": "What was read; with provider, scope_unit and run_id it names the snapshot.",
    "provider": "Of whom it was read.",
    "scope_unit": "The account, organisation or tenant that was read.",
    "source_id": "The source's own name for the thing.",
    "row_id": "The first 32 hex digits of SHA-256 over evidence type, scope, table and the source's key: the same in "
    "every snapshot.",
    "observed_at": "The source's own as-of time, where that is older than the reading.",
    "collected_at": "When the reading ended.",
    "run_id": "The run that read it.",
    "origins": "Where in the raw answers it was read: [request, page, path].",
    "scope_name": "The unit's name at the source.",
    "window_from": "Of a population: from when on it was read.",
    "window_to": "Up to when, that moment left out.",
    "complete": "Whether all of it was read: no gap, and every control total ties. Where it was not, a row that is "
    "absent shows nothing.",
    "caller": "The identity that asked, in the source's own words.",
    "leaf": "The snapshot's place in the log.",
}


def write_parquet(
    folder: Path, evidence: Sequence[Evidence], content: Callable[[str], bytes]
) -> tuple[Mapping[str, int], Mapping[int, str]]:
    """Write every table, empty ones too; how many rows each has, and of which snapshots rows were left out, and why."""
    counts: dict[str, int] = {}
    with TemporaryDirectory(prefix="assess-") as scratch, duckdb.connect() as connection:
        unreadable = sort_lines(sorted(evidence, key=lambda one: one.index), content, Path(scratch))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")  # rows stay in their order
        for table, columns in every_table().items():
            target = text(str(folder / f"{table}.parquet"))
            rows = _rows(Path(scratch) / f"{table}.ndjson", columns)
            made = connection.execute(f"COPY ({rows}) TO {target} (FORMAT parquet, COMPRESSION zstd)").fetchone()
            counts[table] = int(made[0]) if made else 0
    return counts, unreadable


def _rows(file: Path, columns: Mapping[str, str]) -> str:
    if not file.exists():
        shape = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
        return f"SELECT {shape} LIMIT 0"
    with file.open("rb") as written:
        longest = max(map(len, written), default=0) + 1
    shape = ", ".join(f"{text(name)}: {text(kind)}" for name, kind in columns.items())
    names = ", ".join(f'"{name}"' for name in columns)
    read = f"format = 'newline_delimited', columns = {{{shape}}}, maximum_object_size = {longest}"
    return f"SELECT {names} FROM read_json({text(str(file))}, {read})"  # noqa: S608 - our own names


def meaning(table: str) -> str:
    """What a row of a table is."""
    if table == "snapshot":
        return "What was read at all, and whether it is whole: it tells “nothing there” from “not looked at”."
    return inspect.cleandoc(record_types()[table].__doc__ or "")


def column_meanings(table: str) -> Sequence[str]:
    """What each column of a table is; empty where its name says it all."""
    own: Mapping[str, str] = {}
    if table != "snapshot":
        record = record_types()[table]
        own = _described(record.__module__)[record.__name__]
    shared = _MEANINGS if table == "snapshot" else {name: _MEANINGS[name] for name in COMMON}
    return [own.get(name, shared.get(name, "")) for name in every_table()[table]]


@cache
def _described(module: str) -> Mapping[str, Mapping[str, str]]:
    """The strings below the fields of each class of a module."""
    parsed = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: dict(_fields(one.body)) for one in parsed.body if isinstance(one, ast.ClassDef)}


def _fields(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as said)):
                yield name, inspect.cleandoc(said)
