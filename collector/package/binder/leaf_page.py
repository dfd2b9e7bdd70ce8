"""07-integrity/leaves/<index>.html: a snapshot, and what was asked, of whom, when, as whom, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.package.binder.render import plain
from collector.package.binder.trail import seal

if TYPE_CHECKING:
    from collector.package.binder.binder import Binder


def leaf_place(index: int) -> str:
    """Where the page of an evidence leaf is."""
    return f"07-integrity/leaves/{index}.html"


def put_leaf(binder: Binder, index: int) -> None:
    """Write the page of an evidence leaf, and the documents that it cites; one that is there already is left."""
    place = leaf_place(index)
    if binder.shelf.has(place):
        return
    said, run = binder.log.evidence[index], binder.log.run_of(index).body
    cited = {"records": said.records, "exchanges": said.exchanges, "completeness": said.completeness}
    documents = {name: binder.answers.document(one.sha256) for name, one in cited.items()}

    def made() -> bytes:
        lines = binder.log.completeness(index)
        return plain(
            "binder/leaf.html.j2",
            place,
            binder=binder,
            said=said,
            run=run,
            seal=seal(binder.log, index),
            documents=documents,
            exchanges=list(binder.log.exchanges(index).values()),
            gaps=[line.gap for line in lines if line.gap],
            totals=[line.total for line in lines if line.total],
        )

    binder.shelf.put(place, made)
