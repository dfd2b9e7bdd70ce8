"""A population put together from all its windows: each item once, as it was last seen, and when it was first collected.

Windows overlap, and what changes is read again; an item has the same row_id in every snapshot that holds it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a population."""

    row: Mapping[str, Any]
    """As it was when it was last seen."""
    first_collected: str
    """When the first snapshot that holds it was made, RFC 3339. Long after its own time, it was back-filled."""
    last_collected: str
    leaf: int
    """Index of the evidence leaf that holds the row."""
    snapshots: int
    """How many snapshots hold it."""


def assembled(
    leaves: Iterable[tuple[int, Mapping[str, Any]]], rows: Callable[[Mapping[str, Any]], Iterable[Mapping[str, Any]]]
) -> list[Item]:
    """Every item of these evidence leaves (index and body, in the order of the log), ordered by source_id and row_id.

    `rows` gives the records of a leaf. An item that an incomplete snapshot holds was seen all the same.
    """
    found: dict[str, Item] = {}
    for index, body in leaves:
        collected = body["ended"]
        for row in rows(body):
            new = Item(row, collected, collected, index, 1)
            known = found.get(row["row_id"])
            if known is not None:  # twice in one snapshot is no second sight of it
                times = known.snapshots + (known.leaf != index)
                new = replace(new, first_collected=known.first_collected, snapshots=times)
            found[row["row_id"]] = new
    return sorted(found.values(), key=lambda item: (item.row["source_id"], item.row["row_id"]))
