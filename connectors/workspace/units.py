"""The organisational units: elsewhere Google names them by id, people know them by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.workspace.directory_operations import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.source.rest.source import RestSource


def paths(source: RestSource) -> Mapping[str, str]:
    """The path of each unit by its id, the root among them; a gap where they cannot be read."""
    for _, units in source.each((UNITS,), lambda operation: list(source.list(operation))):
        return {bare(unit["orgUnitId"]): unit["orgUnitPath"] for unit in units}
    return {}


def bare(identity: str) -> str:
    """The id without what the interfaces put before it: `id:03ph8a2z`, `orgUnits/03ph8a2z`."""
    return identity.removeprefix("id:").rpartition("/")[2]
