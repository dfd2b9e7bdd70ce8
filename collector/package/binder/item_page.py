"""evidence/<row_id>/: one item, every outcome it had, its records, and for each the way to the sealed raw answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.package.binder.render import plain
from collector.package.binder.trail import seal, trail

if TYPE_CHECKING:
    from collector.package.binder.binder import Binder
    from collector.package.binder.tested import Item, Tested


def put_item(binder: Binder, control: Tested, item: Item) -> None:
    """Write the item's folder: its page, and its records to the byte."""
    home = f"03-controls/{control.id}/evidence/{item.row_id}"
    # Followed at once: a reference that leads nowhere fails the build, also where pages are made when asked for.
    trails = [trail(binder.log, binder.answers, one) for one in item.records]
    place = f"{home}/index.html"
    binder.shelf.put(f"{home}/records.ndjson", lambda: item.document)
    binder.shelf.put(
        place,
        lambda: plain(
            "binder/item.html.j2",
            place,
            binder=binder,
            control=control,
            item=item,
            trails=trails,
            judged=seal(binder.log, item.told[-1].last.leaf.index),
        ),
    )
