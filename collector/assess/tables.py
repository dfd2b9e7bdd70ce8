"""Sealed records in DuckDB, in memory: one table for each record type.

DuckDB reads files of lines itself, which is far faster than inserting rows; the files live only while it loads.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO

import duckdb
import msgspec

from collector import canonical
from collector.assess.schema import every_table, line_decoder, record_types
from collector.excluded import DECISIONS, UNITS, Exclusions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from collector.assess.completeness import Evidence

_WORD = re.compile(r"\w+")
SEALED = "sealed"
"""The schema that holds every row that counts. A rule reads views of it, narrowed to its own evidence types."""
OUTSIDE = "outside"
"""The schema that holds the rows which the scope register takes out: no rule reads them, but see `views`."""


class _Row(msgspec.Struct):
    table: str


@dataclass(slots=True)
class TakenOut:
    """What the scope register takes out of one snapshot."""

    evidence: Evidence
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How many rows, by unit, what is said of the entry, and table."""
    whole: bool = False
    """Whether nothing of it counts, so that it is as if nobody had looked."""


class Tables:
    """The loaded tables."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, unreadable: Mapping[int, str], taken_out: Sequence[TakenOut]
    ) -> None:
        self.connection = connection
        self.unreadable = unreadable
        """Snapshots of which some rows could not be loaded, by leaf index, and why."""
        self.taken_out = taken_out
        """Snapshots of which something does not count."""

    def lock(self) -> None:
        """From now on nothing that a rule says can reach a file, the network or a setting."""
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def narrow(self, evidence_types: Collection[str], query: str) -> None:
        """Point the tables' plain names that a query has in it at the rows of these evidence types alone.

        The others stay as they are: a name that does not stand in the text cannot be read by it.
        """
        for statement in views(evidence_types, named_in([query]), units=judges_units(query)):
            self.connection.execute(statement)


def judges_units(query: str) -> bool:
    """Whether a rule reads the scope register: it judges which units there are, in scope or not."""
    return DECISIONS in named_in([query])


def named_in(queries: Iterable[str]) -> list[str]:
    """The tables whose names stand in the text of these queries."""
    words = {word for query in queries for word in _WORD.findall(query.lower())}
    return [table for table in every_table() if table in words]


def views(evidence_types: Collection[str], tables: Iterable[str], *, units: bool) -> list[str]:
    """The statements that make each table's plain name stand for its rows of these evidence types.

    `units` is for a rule that judges the scope register (`judges_units`): it has those, too, that this takes out.
    """
    wanted = ", ".join(text(one) for one in sorted(evidence_types))
    return [
        f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {_rows_of(table, units=units)} "  # noqa: S608 - our own names
        f"WHERE evidence_type IN ({wanted});"
        for table in tables
    ]


def _rows_of(table: str, *, units: bool) -> str:
    counted, outside = f"{SEALED}.{table}", f"{OUTSIDE}.{table}"
    return f"(FROM {counted} UNION ALL FROM {outside})" if units and table in UNITS else counted


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def loaded(
    evidence: Sequence[Evidence],
    content: Callable[[str], bytes],
    estate: Collection[str] = (),
    wanted: Iterable[str] | None = None,
) -> Iterator[Tables]:
    """The records of these snapshots as tables, until the block ends. Lock them before a rule runs.

    Rows that the scope register among the evidence takes out are in a schema of their own. `estate`: see `assess`.
    Every row is checked; only the `wanted` tables are made, None: all. Making an empty one takes longer than a rule.
    """
    with TemporaryDirectory(prefix="assess-") as folder, duckdb.connect() as connection:
        unreadable, taken_out = _write(evidence, content, Path(folder), estate)
        connection.execute("SET TimeZone = 'UTC'")
        tables = every_table()
        counted = list(tables if wanted is None else wanted)
        outside = counted if wanted is None else [one for one in counted if one in UNITS]  # no rule reads others
        for schema, made in ((SEALED, counted), (OUTSIDE, outside)):
            connection.execute(f"CREATE SCHEMA {schema}")
            for table in made:
                _load(connection, f"{schema}.{table}", tables[table], Path(folder) / f"{schema}.{table}.ndjson")
        yield Tables(connection, unreadable, taken_out)


def _load(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], file: Path) -> None:
    shape = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"CREATE TABLE {table} ({shape})")
    if file.exists():
        with file.open("rb") as written:
            longest = max(map(len, written), default=0) + 1
        read = "read_json($file, format = 'newline_delimited', columns = $columns, maximum_object_size = $longest)"
        names = ", ".join(f'"{name}"' for name in columns)
        connection.execute(
            f"INSERT INTO {table} SELECT {names} FROM {read}",  # noqa: S608 - our own names
            # DuckDB sets aside several times the longest line it must expect: by default, more than a run needs in all.
            {"file": str(file), "columns": dict(columns), "longest": longest},
        )


class _Files:
    """A file of lines for each table of each schema, made when its first line comes."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder = folder
        self._opened = opened
        self._files: dict[str, BinaryIO] = {}

    def put(self, schema: str, table: str, line: bytes) -> None:
        name = f"{schema}.{table}"
        if name not in self._files:
            self._files[name] = self._opened.enter_context((self._folder / f"{name}.ndjson").open("wb"))
        self._files[name].write(line + b"\n")


def _write(
    evidence: Sequence[Evidence], content: Callable[[str], bytes], folder: Path, estate: Collection[str]
) -> tuple[dict[int, str], list[TakenOut]]:
    """Sort the lines of all snapshots by table into files.

    What is wrong with which snapshot, by leaf index; and what the scope register takes out of which.
    """
    decoders = {table: line_decoder(record) for table, record in record_types().items()}  # type: ignore[arg-type]  # a class has a hash: mypy takes that of its objects
    row = msgspec.json.Decoder(_Row)
    unreadable: defaultdict[int, list[str]] = defaultdict(list)
    exclusions = Exclusions.of(((one.index, one.body) for one in evidence), content)
    taken_out: list[TakenOut] = []
    with ExitStack() as opened:
        files = _Files(folder, opened)
        for one in evidence:
            # What a row does not say of itself, its snapshot does: put in front of the row's own members.
            opening = canonical.encode(_shared(one))[:-1] + b","
            out, kept = TakenOut(one), 0
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
                entry = exclusions.of_row(canonical.decode(line), one.body) if exclusions else None
                files.put(OUTSIDE if entry else SEALED, table, opening + line[1:])
                if entry:
                    out.counts[entry.unit, str(entry), table] += 1
                kept += entry is None or table in UNITS  # a list of units is never as if nobody had looked
            whole = exclusions.throughout(one.body) if one.type not in estate and not kept else None
            if whole:
                out.whole = True
                out.counts[whole.unit, str(whole), "snapshot"] = 0
            if out.counts:
                taken_out.append(out)
            files.put(OUTSIDE if whole else SEALED, "snapshot", canonical.encode(_snapshot(one)))
    return {index: "; ".join(dict.fromkeys(faults)) for index, faults in unreadable.items()}, taken_out


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
