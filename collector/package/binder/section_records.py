"""04-records: what people made and uploaded, to the byte, with the days it covers and who answers for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.package.binder import cells
from collector.package.binder.leaf_page import put_leaf
from collector.package.binder.render import page
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.package.binder.binder import Binder

_HEAD = (
    "leaf", "evidence_type", "title", "covers_from", "covers_to", "answers_for_it", "taken", "records", "complete",
    "file_sha256", "file",
)  # fmt: skip


def put_records(binder: Binder) -> None:
    """Write the uploaded files, the list of them and its page."""
    rows = list(_rows(binder))
    for leaf in sorted({int(str(row[0])) for row in rows}):
        put_leaf(binder, leaf)
    binder.shelf.put("04-records/records.csv", cells.document(_HEAD, rows))
    place = "04-records/index.html"
    binder.shelf.put(place, lambda: page("binder/records.html.j2", place, binder=binder, rows=rows))


def _rows(binder: Binder) -> Iterator[tuple[object, ...]]:
    period = binder.period
    for index, said in binder.log.evidence.items():
        if said.type_kind != "record" or moment(said.started) >= period.end:
            continue
        if said.window and moment(said.window.end) <= period.start:
            continue
        about = binder.facts.descriptions.get(said.type)
        start, end = (said.window.start, said.window.end) if said.window else (None, None)
        bodies = sorted({one.body for one in binder.log.exchanges(index).values() if one.body}) or [""]
        for sha256 in bodies:
            place = f"../{binder.answers.answer(sha256)}" if sha256 else ""
            yield (
                index, said.type, about.title if about else "", start, end, said.caller, said.ended,
                said.records.count, said.complete, sha256, place,
            )  # fmt: skip
