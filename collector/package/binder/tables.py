"""What a control's rule was run on, as CSV that plain DuckDB loads: for whoever runs the rule again without us.

rules/<n>.sql      each rule in force, as it was sealed; rule.sql is the last
judgements.csv     each judgement by which an item has its outcome: rule, parameters, time
seen.csv           which snapshots each of them was made on
snapshots.csv      the table `snapshot`: what was read, and whether it is whole
held.csv           which rows each of the snapshots holds; the unit of each, and when the scope register is asked of it
out-of-scope.csv   the rows that the scope register took out of the last judgement, each with its entry
tables/<name>.csv  the rows, each version once
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector import canonical
from collector.assess.schema import COMMON, every_table
from collector.assess.tables import judges_units
from collector.excluded import UNITS, Exclusions, asked_of, unit_of, unit_of_scope, when
from collector.model import Kind
from collector.package.binder import cells
from collector.package.binder.tested import evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.tested import Judgement, Tested
    from collector.package.sealed import EvidenceBody

_SHARED = COMMON.keys() - {"source_id", "row_id", "within", "observed_at", "origins"}
"""Columns of every table that the snapshot tells, and not the row."""


def put(binder: Binder, control: Tested, home: str) -> Sequence[tuple[str, Judgement]]:
    """Write them; the place of each rule, with the first judgement that went by it."""
    shelf, used = binder.shelf, control.used
    shelf.put(f"{home}/rule.sql", control.rule.text.encode())
    known: dict[str, str] = {}
    for number, one in enumerate(control.versions, 1):
        sha256 = one.said.rule.sha256
        if sha256 not in known:
            known[sha256] = f"rules/{number}.sql"
            shelf.put(f"{home}/{known[sha256]}", one.rule.text.encode())
    decides = frozenset(one.leaf.index for one in used)
    judged = [
        (
            one.leaf.index, one.leaf.hash, one.said.assessed, known[one.said.rule.sha256], one.said.rule.sha256,
            canonical.encode(one.said.parameters).decode(), one.said.outcomes.sha256, one.leaf.index in decides,
        )
        for one in control.judgements
    ]  # fmt: skip
    shelf.put(f"{home}/judgements.csv", cells.document(_JUDGEMENTS, judged))
    pairs = [(one.leaf.index, leaf) for one in used for leaf in one.said.evidence]
    shelf.put(f"{home}/seen.csv", cells.document(("judgement", "leaf"), pairs))
    leaves = evidence_of(used)
    shelf.put(f"{home}/snapshots.csv", cells.document(_SNAPSHOTS, [_snapshot(binder, leaf) for leaf in leaves]))
    _rows(binder, leaves, home)
    shelf.put(f"{home}/out-of-scope.csv", lambda: cells.document(_OUT, _taken_out(binder, used[-1])))
    return [(known[one.said.rule.sha256], one) for one in control.versions]


_JUDGEMENTS = (
    "judgement", "leaf_hash", "assessed", "rule", "rule_sha256", "parameters", "outcomes_sha256", "decides",
)  # fmt: skip
_SNAPSHOTS = (
    "leaf", "evidence_type", "provider", "scope_unit", "scope_name", "collected_at", "window_from", "window_to",
    "complete", "caller", "run_id", "within",
)  # fmt: skip
_OUT = (
    "judgement", "leaf", "evidence_type", "provider", "scope", "unit", "table", "row_id", "row_sha256", "asked_at",
    "entry", "register_leaf", "valid_from", "valid_to", "approved_by", "reason",
)  # fmt: skip


def _snapshot(binder: Binder, leaf: int) -> tuple[object, ...]:
    said = binder.log.evidence[leaf]
    start, end = (said.window.start, said.window.end) if said.window else (None, None)
    return (
        leaf, said.type, said.provider, said.unit, said.unit_name, said.ended, start, end, said.complete, said.caller,
        said.run, None if _of_no_unit(binder, said) else unit_of_scope(said.unit),
    )  # fmt: skip


def _of_no_unit(binder: Binder, said: EvidenceBody) -> bool:
    """Whether its scope says nothing of what it is of: it is read once for all of them, or uploaded."""
    described = binder.facts.descriptions.get(said.type)
    return said.type_kind == Kind.RECORD or (described is not None and described.estate)


def _taken_out(binder: Binder, one: Judgement) -> Iterator[tuple[object, ...]]:
    """Each row of a judgement's evidence that does not count, by the register that it was made with."""
    bodies = {leaf: binder.log.leaves[leaf].body for leaf in one.said.evidence}
    exclusions = Exclusions.of(bodies.items(), binder.log.reader.content)
    units = judges_units(one.rule.text)
    for leaf, body in bodies.items() if exclusions else ():
        for version in binder.log.rows(leaf).values():
            if units and version.row["table"] in UNITS:
                continue
            if entry := exclusions.of_row(version.row, body):
                yield (
                    one.leaf.index, leaf, body["type"], body["provider"], body["unit"], entry.unit,
                    version.row["table"], version.row_id, version.sha256, when(version.row, body), entry.row_id,
                    entry.leaf, entry.start, entry.end, entry.approved_by, entry.reason,
                )  # fmt: skip


def _rows(binder: Binder, leaves: Sequence[int], home: str) -> None:
    """The rows are gone through once for each file that is made of them, and never held all at once as objects."""
    columns = {
        table: ["row_sha256", *(name for name in named if name not in _SHARED)]
        for table, named in every_table().items()
        if table != "snapshot"
    }
    found: dict[str, dict[str, tuple[object, ...]]] = {}
    held: list[tuple[object, ...]] = []
    for leaf in leaves:
        body = binder.log.leaves[leaf].body
        for version in binder.log.rows(leaf).values():
            table, sha256 = str(version.row["table"]), version.sha256
            # Of a register's own rows, and of those that are in or out with another, it is not asked.
            asked = (unit_of(version.row, body), when(version.row, body)) if asked_of(table) else (None, None)
            held.append((leaf, table, sha256, *asked))
            if sha256 not in found.setdefault(table, {}):
                found[table][sha256] = _cells(sha256, version.row, columns.get(table, []))
    binder.shelf.put(f"{home}/held.csv", cells.document(("leaf", "table", "row_sha256", "within", "at"), held))
    for table, rows in sorted(found.items()):
        if table in columns:
            ordered = sorted(rows.values(), key=lambda row: (str(row[1]), str(row[0])))
            binder.shelf.put(f"{home}/tables/{table}.csv", cells.document(columns[table], ordered))


def _cells(sha256: str, row: Mapping[str, object], names: Sequence[str]) -> tuple[object, ...]:
    return (sha256, *(row.get(name) for name in names[1:]))


def schema() -> bytes:
    """`schema.csv`: every table that a rule may name, with its columns and their SQL types."""
    rows = [
        (table, name, kind, "snapshot" if name in _SHARED and table != "snapshot" else "row")
        for table, columns in every_table().items()
        for name, kind in columns.items()
    ]
    return cells.document(("table", "column", "type", "given_by"), rows)
