"""Finds the connectors that are installed, by entry point: the one place that imports them."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from collector.connector import Connector, Per
from collector.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.model import Gap

GROUP = "evidence_collector.connectors"


def installed() -> list[str]:
    """The names of the installed connectors, in order; none of them is imported."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def load(names: Iterable[str]) -> tuple[dict[str, Connector], list[tuple[str, Gap]]]:
    """The connectors by name, each with all its evidence types; and a gap for each that cannot be imported."""
    connectors: dict[str, Connector] = {}
    broken: list[tuple[str, Gap]] = []
    for name in names:

        def bring(name: str = name) -> None:
            (entry,) = {entry.value: entry for entry in entry_points(group=GROUP, name=name)}.values()
            connector = entry.load()
            if not isinstance(connector, Connector):
                raise TypeError(f"{entry.value} is not a Connector")
            package = import_module(entry.module)
            for module in pkgutil.walk_packages(package.__path__, f"{entry.module}."):
                if "._" not in module.name:  # what a name marks as private, whoever needs it loads
                    import_module(module.name)
            connectors[name] = connector

        guarded(f"connector {name}", bring, lambda gap, name=name: broken.append((name, gap)))  # type: ignore[misc]
    return connectors, broken


def read_once() -> frozenset[str]:
    """The evidence types of all installed connectors that are read once for all scopes of their provider."""
    connectors, _ = load(installed())
    return frozenset(
        one.id for connector in connectors.values() for one in connector.types.values() if one.per is Per.ESTATE
    )
