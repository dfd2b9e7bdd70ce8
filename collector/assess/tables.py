"""Sealed records in DuckDB, in memory: one table for each record type.

DuckDB reads files of lines itself, which is far faster than inserting rows; the files live only while it loads.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb
import msgspec

from collector import canonical
from collector.assess.schema import every_table, line_decoder, record_types

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from collector.assess.completeness import Evidence

_WORD = re.compile(r"\w+")
SEALED = "sealed"
"""The schema that holds every row. A rule reads views of it that are narrowed to its own evidence types."""


class _Row(msgspec.Struct):
    table: str


class Tables:
    """The loaded tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, unreadable: Mapping[int, str]) -> None:
        self.connection = connection
        self.unreadable = unreadable
        """Snapshots of which some rows could not be loaded, by leaf index, and why."""

    def lock(self) -> None:
        """From now on nothing that a rule says can reach a file, the network or a setting."""
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def narrow(self, evidence_types: Collection[str], query: str) -> None:
        """Point the tables' plain names that a query has in it at the rows of these evidence types alone.

        The others stay as they are: a name that does not stand in the text cannot be read by it.
        """
        for statement in views(evidence_types, SEALED, named_in([query])):
            self.connection.execute(statement)


def named_in(queries: Iterable[str]) -> list[str]:
    """The tables whose names stand in the text of these queries."""
    words = {word for query in queries for word in _WORD.findall(query.lower())}
    return [table for table in every_table() if table in words]


def views(evidence_types: Collection[str], schema: str, tables: Iterable[str] | None = None) -> list[str]:
    """The statements that make each table's plain name stand for its rows of these evidence types; None: all tables."""
    wanted = ", ".join(text(one) for one in sorted(evidence_types))
    return [
        f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {schema}.{table} WHERE evidence_type IN ({wanted});"  # noqa: S608 - our own names
        for table in (every_table() if tables is None else tables)
    ]


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def loaded(
    evidence: Sequence[Evidence], content: Callable[[str], bytes], wanted: Iterable[str] | None = None
) -> Iterator[Tables]:
    """The records of these snapshots as tables, until the block ends. Lock them before a rule runs.

    Every row is checked; only the `wanted` tables are made, None: all. Making an empty one takes longer than a rule.
    """
    with TemporaryDirectory(prefix="assess-") as folder, duckdb.connect() as connection:
        unreadable = _write(evidence, content, Path(folder))
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE SCHEMA {SEALED}")
        tables = every_table()
        for table in tables if wanted is None else wanted:
            _load(connection, table, tables[table], Path(folder) / f"{table}.ndjson")
        yield Tables(connection, unreadable)


def _load(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], file: Path) -> None:
    shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"CREATE TABLE {SEALED}.{table} ({shape})")
    if file.exists():
        with file.open("rb") as written:
            longest = max(map(len, written), default=0) + 1
        read = "read_json($file, format = 'newline_delimited', columns = $columns, maximum_object_size = $longest)"
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"INSERT INTO {SEALED}.{table} SELECT {names} FROM {read}",  # noqa: S608 - our own names
            # DuckDB sets aside several times the longest line it must expect: by default, more than a run needs in all.
            {"file": str(file), "columns": dict(columns), "longest": longest},
        )


def _write(evidence: Sequence[Evidence], content: Callable[[str], bytes], folder: Path) -> dict[int, str]:
    """Sort the lines of all snapshots by table into files; what is wrong with which snapshot, by leaf index."""
    decoders = {table: line_decoder(record) for table, record in record_types().items()}  # type: ignore[arg-type]  # a class has a hash: mypy takes that of its objects
    row = msgspec.json.Decoder(_Row)
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
            opening = canonical.encode(_shared(one))[:-1] + b","
            for line in content(one.body["records"]["sha256"]).splitlines():
                try:
                    table = row.decode(line).table
                    if table not in decoders:
                        unreadable[one.index].append(f"it has rows of a table {table!r}, which this version lacks")
                        continue
                    decoders[table].decode(line)
                except msgspec.DecodeError as error:
                    unreadable[one.index].append(f"a row is not as its type says: {error}")
                    continue
                put(table, opening + line[1:])
    return {index: "; ".join(dict.fromkeys(faults)) for index, faults in unreadable.items()}


def _shared(evidence: Evidence) -> dict[str, Any]:
    provider, unit = evidence.scope
    return {
        "evidence_type": evidence.type,
        "provider": provider,
        "scope_unit": unit,
        "collected_at": evidence.body["ended"],
        "run_id": evidence.body["run"],
    }


def _snapshot(evidence: Evidence) -> dict[str, Any]:
    window = evidence.body["window"] or {}
    return _shared(evidence) | {
        "scope_name": evidence.body["unit_name"],
        "window_from": window.get("from"),
        "window_to": window.get("to"),
        "complete": evidence.body["complete"],
        "caller": evidence.body["caller"],
        "leaf": evidence.index,
    }
