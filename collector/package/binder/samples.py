"""The samples that were drawn and sealed: what they were drawn of, how, by whom, and each item with its outcome."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from collector.package.binder import cells
from collector.period.span import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.archive.reader import Leaf
    from collector.package.binder.binder import Binder
    from collector.package.binder.tested import Tested

_HEAD = (
    "sample_leaf", "leaf_hash", "of", "from", "to", "method", "seed", "size", "drawn_by", "drawn_at", "place", "row_id",
    "item", "outcome", "evidence",
)  # fmt: skip


def put_samples(binder: Binder, control: Tested, home: str) -> Sequence[Leaf]:
    """Write `samples.csv`: each item of each sample of the control; the leaves of the samples."""
    found = [
        leaf
        for leaf in binder.log.leaves
        if leaf.body["kind"] == "sample"
        and leaf.body["of"] in {control.id, *control.rule.header.evidence}
        and _touches(leaf.body["period"], binder)
    ]
    binder.shelf.put(f"{home}/samples.csv", cells.document(_HEAD, _rows(binder, control, found)))
    return found


def _touches(said: Mapping[str, str], binder: Binder) -> bool:
    """Whether a sample's period, which is said in days, has any time of the package's."""
    days = Period.of(date.fromisoformat(said["from"]), date.fromisoformat(said["to"]), said["zone"])
    return days.start < binder.period.end and days.end > binder.period.start


def _rows(binder: Binder, control: Tested, leaves: Sequence[Leaf]) -> Iterator[tuple[object, ...]]:
    items = {item.row_id: item for item in control.items}
    # Of a population, a sample names the source's own rows: the items that rest on them.
    items |= {version.row_id: item for item in control.items for version in item.records}
    for leaf in leaves:
        body = leaf.body
        ids = binder.log.reader.content(body["ids"]["sha256"]).decode().split()
        for place, row_id in enumerate(ids, 1):
            item = items.get(row_id)
            yield (
                leaf.index, leaf.hash, body["of"], body["period"]["from"], body["period"]["to"], body["method"],
                body["seed"], body["size"], body["by"], body["at"], place, row_id, item.place.item if item else None,
                item.last.outcome.value if item else None,
                f"evidence/{item.row_id}/index.html" if item else None,
            )  # fmt: skip
