"""07-integrity/leaves/<index>.html: a snapshot, and what was asked, of whom, when, as whom, and what came back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from collector.package.binder.render import plain
from collector.package.binder.trail import seal

if TYPE_CHECKING:
    from collector.package.binder.binder import Binder


def leaf_place(index: int) -> str:
    """Where the page of an evidence leaf is."""
    return f"07-integrity/leaves/{index}.html"


def put_leaf(binder: Binder, index: int) -> None:
    """Have the page of an evidence leaf in the package, and the documents that it cites."""
    if index not in binder.cited:
        binder.cited.add(index)
        _documents(binder, index)


def put_leaves(binder: Binder) -> None:
    """Write the pages that were asked for. Last of all: a page links to the raw answers that are in the package."""
    for index in sorted(binder.cited):
        place = leaf_place(index)
        binder.shelf.put(place, partial(_page, binder, index, place))


def _documents(binder: Binder, index: int) -> dict[str, str]:
    said = binder.log.evidence[index]
    cited = {"records": said.records, "exchanges": said.exchanges, "completeness": said.completeness}
    return {name: binder.answers.document(one.sha256) for name, one in cited.items()}


def _page(binder: Binder, index: int, place: str) -> bytes:
    lines = binder.log.completeness(index)
    return plain(
        "binder/leaf.html.j2",
        place,
        binder=binder,
        said=binder.log.evidence[index],
        run=binder.log.run_of(index).body,
        seal=seal(binder.log, index),
        documents=_documents(binder, index),
        exchanges=list(binder.log.exchanges(index).values()),
        gaps=[line.gap for line in lines if line.gap],
        totals=[line.total for line in lines if line.total],
    )
