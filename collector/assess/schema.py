"""The tables that rules are written against: one for each record type, and one of the snapshots themselves."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from collector.normalise import columns
from collector.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON = {
    "evidence_type": "VARCHAR",
    "provider": "VARCHAR",
    "scope_unit": "VARCHAR",
    "source_id": "VARCHAR",
    "row_id": "VARCHAR",
    "within": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "collected_at": "TIMESTAMP",
    "run_id": "VARCHAR",
    "origins": "JSON",
}
"""The columns every record table has. `collected_at` is when the read ended, `observed_at` the source's own as-of time
where that is older. `within` is the unit that a row belongs to, as the scope register knows it. `origins` says where in
the raw answers a row was read: [request, page, path]."""

SNAPSHOT = {
    "evidence_type": "VARCHAR",
    "provider": "VARCHAR",
    "scope_unit": "VARCHAR",
    "scope_name": "VARCHAR",
    "collected_at": "TIMESTAMP",
    "window_from": "TIMESTAMP",
    "window_to": "TIMESTAMP",
    "complete": "BOOLEAN",
    "caller": "VARCHAR",
    "run_id": "VARCHAR",
    "leaf": "BIGINT",
}
"""The table `snapshot`: what was read at all, so that a rule can tell "nothing there" from "not looked at"."""

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_TYPES: dict[str, tuple[str, Any]] = {
    "str": ("VARCHAR", str),
    "bool": ("BOOLEAN", bool),
    "int": ("BIGINT", int),
    "datetime": ("TIMESTAMP", _Moment),
    "tuple[str, ...]": ("VARCHAR[]", list[str]),
}


def record_types() -> dict[str, type[Record]]:
    """Every record type, by the name of its table."""
    return {one.table: one for one in Record.__subclasses__()}


@cache
def record_columns(record: type[Record]) -> Mapping[str, str]:
    """A record table's columns, in order, with their SQL types: what every table has, then the record's own."""
    own = set(columns(record))
    return COMMON | {one.name: _TYPES[_plain(one.type)][0] for one in fields(record) if one.name in own}


def every_table() -> dict[str, Mapping[str, str]]:
    """Every table and its columns."""
    own = {name: record_columns(record) for name, record in record_types().items()}  # type: ignore[arg-type]  # a class has a hash: mypy takes that of its objects
    return own | {"snapshot": SNAPSHOT}


@cache
def line_decoder(record: type[Record]) -> msgspec.json.Decoder[Any]:
    """Checks one line of a records document: each column has its type, and none that must be there is missing.

    A column that the document lacks, as an older one may, is NULL: what hangs on it cannot be told.
    """
    own = set(columns(record))
    members: list[Any] = [
        ("row_id", str),
        ("source_id", str),
        ("observed_at", _Moment | None, None),
        ("within", str | None, None),
    ]
    for one in fields(record):
        if one.name not in own:
            continue
        python = _TYPES[_plain(one.type)][1]
        members.append((one.name, python) if one.default is MISSING else (one.name, python | None, None))
    return msgspec.json.Decoder(msgspec.defstruct(record.__name__, members, kw_only=True))


def _plain(annotation: Any) -> str:  # noqa: ANN401 - a dataclass keeps its annotations as the text that was written
    return str(annotation).removesuffix(" | None")
