"""What there is: every resource, with its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Asset
from connectors.azure import azure
from connectors.azure.graph import resources
from connectors.azure.kinds import INVENTORY
from connectors.azure.labels import labels
from connectors.azure.moments import moment
from connectors.azure.packages import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.azure.source import AzureSource


@azure.evidence("azure.resources.inventory", yields=Asset, needs=INVENTORY.needs)
def inventory(source: AzureSource) -> Iterator[Asset]:
    """Asset inventory with tags.

    Every resource of the subscription that Azure Resource Graph has, with its kind, region and what its tags say of
    environment, class and owner. When it was made is said by the subscription's own list.

    Complete when Resource Graph gave as many rows as it counts, and they are the same resources as in the
    subscription's own list. A resource made or deleted between the two readings shows as a difference.

    Not in it: what is inside a resource (files, tables, keys), and what the identity may not see.
    """
    rows = resources(source, INVENTORY)
    listed = {
        one["id"].lower(): one
        for _, found in source.each([RESOURCES], lambda asked: list(source.found(asked)))
        for one in found
    }
    for row in rows:
        own = listed.get(row["id"].lower())
        yield Asset(
            key=row["id"],
            seen=[row, *([own] if own else [])],
            asset_id=row["id"],
            type=row.get("type"),
            place=row.get("location"),
            first_seen_at=moment(own.get("createdTime")) if own else None,
            last_seen_at=source.now,
            **labels(source, row),
        )
