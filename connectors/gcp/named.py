"""The names of what the inventory knows of one kind, in the projects that single calls are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.gcp.kinds import search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.gcp.source import GcpSource


def named(source: GcpSource, kind: str, **sought: str) -> Iterator[list[str]]:
    """The parts of the name of each thing of a kind; those of excluded projects are left out."""
    for _, found in source.each([kind], lambda one: list(source.list(search(one), readMask="name", **sought))):
        for one in found:
            parts = one["name"].split("/")
            if parts[4] not in source.settings.excluded_projects:
                yield parts
