"""Records become the lines of a snapshot's records document.

The document is a pure function of what the provider said: rows ordered by table and key, times in UTC, canonical JSON,
no collection time and no request id. The same answer next month gives the same bytes, and is stored once.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.model import Origin, Scope
    from collector.records import Record

_COMMON = ("key", "seen", "observed_at", "within")


def row_id(evidence_type: str, scope: Scope, table: str, key: str) -> str:
    """The stable name of a row: the same item has the same one in every run, archive and export."""
    return canonical.digest(canonical.encode([evidence_type, scope.provider, scope.unit_id, table, key]))[:32]


def line(evidence_type: str, scope: Scope, record: Record, *, estate: bool = False) -> tuple[tuple[str, str], bytes]:
    """A record's place in the order of its document, and its line without the line end.

    What does not say which unit it belongs to belongs to its scope; of what is read once for all scopes (`estate`), to
    none.
    """
    row = {name: _plain(getattr(record, name)) for name in columns(type(record))}
    row |= {
        "table": record.table,
        "row_id": row_id(evidence_type, scope, record.table, record.key),
        "source_id": record.key,
        "observed_at": _plain(record.observed_at),
        "within": record.unit or (None if estate else scope.unit_id),
        "origins": _origins(answer.origin for answer in record.seen),
    }
    return (record.table, record.key), canonical.encode(row)


def document(evidence_type: str, rows: list[tuple[tuple[str, str], bytes]]) -> tuple[bytes, list[Gap]]:
    """The records document, and a gap for each item that came twice: pages shifted while they were read.

    Rows that are the same to the byte are kept once; rows that differ are both kept, for the reader to see.
    """
    rows.sort()
    gaps: dict[Gap, None] = {}
    for (place, _), (following, _) in pairwise(rows):
        if place == following:
            detail = f"the {place[0]} {place[1]} came more than once, so the list may also lack one"
            gaps[Gap(Cause.TRUNCATED, evidence_type, detail)] = None
    lines = dict.fromkeys(text for _, text in rows)
    return b"".join(text + b"\n" for text in lines), list(gaps)


def columns(record: type[Record]) -> tuple[str, ...]:
    """The columns of a record type, without the ones every record has."""
    return tuple(column.name for column in fields(record) if column.name not in _COMMON)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC; ValueError for a time that does not say its zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _origins(origins: Iterable[Origin | None]) -> list[list[Any]]:
    seen = {(origin.request, origin.page, origin.path) for origin in origins if origin is not None}
    return [list(origin) for origin in sorted(seen)]


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    match value:
        case datetime():
            return timestamp(value)
        case tuple():
            return [_plain(item) for item in value]
        case _:
            return value
