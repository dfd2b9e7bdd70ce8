"""The evidence types of `declared.toml`, each with its reader: they differ in data alone."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from collector import records as rows
from collector.errors import UnreadableError
from collector.model import Cause, Gap, Kind
from collector.records import Document, Record
from collector.source.files.columns import Table
from collector.source.files.source import READ
from connectors.records import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.source.files.source import FileSource, Taken


def _declare(name: str, declared: Mapping[str, Any]) -> None:
    record: type[Record] = getattr(rows, declared["record"])
    table = Table(
        record,
        tuple(declared["key"]),
        tuple(declared.get("must", ())),
        declared.get("aliases"),
        declared.get("fixed"),
        declared.get("demands"),
    )
    plain: bool = declared["plain"]

    def read(source: FileSource) -> Iterator[Record]:
        taken = source.taken()
        tables, documents = [one for one in taken if one.form.tabular], [one for one in taken if not one.form.tabular]
        if documents and not plain:
            raise UnreadableError(
                Gap(
                    Cause.TRUNCATED, f"{name}: {documents[0].piece.name}", "not taken: a list must be CSV, XLSX or JSON"
                )
            )
        for row in source.rows(table, tables):
            yield record(key=row.key, seen=[row.seen], observed_at=row.as_of, **row.fields)
        for one in documents:
            yield _document(source, one)

    read.__doc__ = f"{declared['title']}.\n\n{_described(table, plain=plain)}"
    yields = (record, Document) if plain and record is not Document else (record,)
    records.evidence(name, yields=yields, needs=[READ], kind=Kind.RECORD, lasting=declared.get("lasting", False))(read)


def _document(source: FileSource, one: Taken) -> Document:
    """A file that is no table is kept and listed; what stands in it is for people to read."""
    delivery, name = source.delivery, PurePath(one.piece.name).stem
    return Document(
        key=f"{name} {one.piece.sha256[:16]}",
        seen=[source.whole(one)],
        observed_at=source.as_of(one),
        document=name,
        version=delivery.version,
        owner=delivery.owner,
        approved_by=(delivery.approved_by,),
        approved_at=delivery.approved_at,
        sha256=one.piece.sha256,
    )


def _described(table: Table, *, plain: bool) -> str:
    also = " A PDF file or a picture is kept to the byte and listed as a document." if plain else ""
    known = ", ".join(table.key)
    return (
        f"Every row of the file, as its owner gives it, known by {known}.{also} Whole when every row could be read. "
        "Uploaded by people and not read from a source, so only as good as their word."
    )


for _name, _declared in tomllib.loads((files("connectors.records") / "declared.toml").read_text("utf-8")).items():
    _declare(_name, _declared)
