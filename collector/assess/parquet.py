"""Sealed records as Parquet files, one for each table, without ever holding all of them.

Every row of every snapshot is there, whatever a rule leaves out. DuckDB reads the lines and writes the rows as they
come: by leaf, and within one in the order of its sealed document. The same snapshots give the same bytes.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections import defaultdict
from contextlib import ExitStack
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb
import msgspec

from collector import canonical
from collector.assess.schema import COMMON, every_table, line_decoder, record_types
from collector.assess.tables import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collector.assess.completeness import Evidence

_MEANINGS = {
    "evidence_type": "What was read; with provider, scope_unit and run_id it names the snapshot.",
    "provider": "Of whom it was read.",
    "scope_unit": "The account, organisation or tenant that was read.",
    "within": "The unit that the row belongs to, as the scope register knows it.",
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
        unreadable = _sort(sorted(evidence, key=lambda one: one.index), content, Path(scratch))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET threads = 1")  # rows stay in their order
        for table, columns in every_table().items():
            target = text(str(folder / f"{table}.parquet"))
            rows = _rows(Path(scratch) / f"{table}.ndjson", columns)
            made = connection.execute(f"COPY ({rows}) TO {target} (FORMAT parquet, COMPRESSION zstd)").fetchone()
            counts[table] = int(made[0]) if made else 0
    return counts, unreadable


def _sort(evidence: Sequence[Evidence], content: Callable[[str], bytes], folder: Path) -> dict[int, str]:
    """The lines of all snapshots in a file for each table; what is wrong with which snapshot, by leaf index."""
    made: Callable[[Any], msgspec.json.Decoder[Any]] = line_decoder
    decoders = {name: made(record) for name, record in record_types().items()}
    named = msgspec.json.Decoder(_Named)
    unreadable: defaultdict[int, list[str]] = defaultdict(list)
    with ExitStack() as open_files:
        files: dict[str, BinaryIO] = {}

        def put(table: str, line: bytes) -> None:
            if table not in files:
                files[table] = open_files.enter_context((folder / f"{table}.ndjson").open("wb"))
            files[table].write(line + b"\n")

        for one in evidence:
            put("snapshot", canonical.encode(_snapshot(one)))
            # What a row does not say of itself, its snapshot does: put in front of the row's own members.
            opening = canonical.encode(_beside(one))[:-1] + b","
            for line in content(one.body["records"]["sha256"]).splitlines():
                try:
                    table = named.decode(line).table
                    if table not in decoders:
                        unreadable[one.index].append(f"it has rows of a table {table!r}, which this version lacks")
                        continue
                    decoders[table].decode(line)
                except msgspec.DecodeError as error:
                    unreadable[one.index].append(f"a row is not as its type says: {error}")
                    continue
                put(table, opening + line[1:])
    return {index: "; ".join(dict.fromkeys(faults)) for index, faults in unreadable.items()}


class _Named(msgspec.Struct):
    table: str


def _beside(one: Evidence) -> dict[str, Any]:
    provider, unit = one.scope
    return {
        "evidence_type": one.type, "provider": provider, "scope_unit": unit, "collected_at": one.body["ended"],
        "run_id": one.body["run"],
    }  # fmt: skip


def _snapshot(one: Evidence) -> dict[str, Any]:
    window = one.body["window"] or {}
    return _beside(one) | {
        "scope_name": one.body["unit_name"], "window_from": window.get("from"), "window_to": window.get("to"),
        "complete": one.body["complete"], "caller": one.body["caller"], "leaf": one.index,
    }  # fmt: skip


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
