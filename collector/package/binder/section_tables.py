"""09-data/tables: the records that controls were judged on, as Parquet that any engine reads, with their schema."""

from __future__ import annotations

import json
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from collector.assess.completeness import Evidence
from collector.assess.parquet import column_meanings, meaning, write_parquet
from collector.assess.schema import every_table
from collector.package.binder import cells
from collector.package.binder.tested import evidence_of
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.package.binder.binder import Binder

HOME = "09-data/tables"
_README = """\
The records of each snapshot of the period, of the evidence types that judged controls read: one file for each table.
Evidence that no judged control reads is left out, and so are secrets; the archive has the former and never had the
latter. Snapshots from before the period are here where a result rests on them.

    schema.json      each table: what a row is, how many there are, its columns with type and meaning
    snapshot.parquet what was read, and whether it is whole: look here before you take an absent row for nothing there
    <table>.parquet  its rows, once for each snapshot that has them; no row where nothing was read of it
    left-out.csv     snapshots of which rows are missing here, and why; only the heading when there are none

Rows are in the order of the log, and within a snapshot in that of its sealed document. A thing that was read again and
again is here as often: take one snapshot (run_id, evidence_type, provider, scope_unit), or the newest row of a row_id.
The digest of each sealed line, row_sha256, is in 03-controls/<ID>/tables.

    duckdb -c "SELECT * FROM 'account.parquet' JOIN 'snapshot.parquet'
               USING (run_id, evidence_type, provider, scope_unit)"
"""


def put_tables(binder: Binder) -> None:
    """Write them."""
    shelf, made = binder.shelf, _Made(binder)
    shelf.put(f"{HOME}/README.txt", _README.encode())
    for table in every_table():
        shelf.put(f"{HOME}/{table}.parquet", partial(made.file, table))
    shelf.put(f"{HOME}/schema.json", made.schema)
    shelf.put(f"{HOME}/left-out.csv", made.left_out)


class _Made:
    """All tables, made at once when the first is asked for."""

    def __init__(self, binder: Binder) -> None:
        self._binder = binder

    def file(self, table: str) -> bytes:
        return self._all[0][table]

    def schema(self) -> bytes:
        _, counts, _ = self._all
        tables = {
            table: {
                "file": f"{table}.parquet",
                "about": meaning(table),
                "rows": counts[table],
                "columns": [
                    {"name": name, "type": kind, "meaning": meant}
                    for (name, kind), meant in zip(columns.items(), column_meanings(table), strict=True)
                ],
            }
            for table, columns in every_table().items()
        }
        said = {"version": 1, "written_by": f"DuckDB {duckdb.__version__}", "times": "UTC", "tables": tables}
        return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"

    def left_out(self) -> bytes:
        _, _, unreadable = self._all
        return cells.document(("leaf", "because"), sorted(unreadable.items()))

    @cached_property
    def _all(self) -> tuple[Mapping[str, bytes], Mapping[str, int], Mapping[int, str]]:
        log = self._binder.log
        evidence = [Evidence(leaf, log.leaves[leaf].body) for leaf in sorted(set(_leaves(self._binder)))]
        with TemporaryDirectory(prefix="package-") as folder:
            counts, unreadable = write_parquet(Path(folder), evidence, log.reader.content)
            files = {table: (Path(folder) / f"{table}.parquet").read_bytes() for table in counts}
        return files, counts, unreadable


def _leaves(binder: Binder) -> Iterator[int]:
    """The snapshots that results rest on, and all others of the same evidence types that are of the period."""
    period = binder.period
    types: set[str] = set()
    for control in binder.controls:
        types.update(control.rule.header.evidence, control.rule.header.helps)
        yield from evidence_of(control.used)
    for leaf, said in binder.log.evidence.items():
        if said.type in types and moment(said.started) < period.end:
            reaches = said.window is not None and moment(said.window.end) > period.start
            if reaches or moment(said.ended) >= period.start:
                yield leaf
