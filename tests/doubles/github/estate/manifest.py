"""What was seeded, as the oracle of tests: facts to tie to, planted deviations, and near misses that must pass."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


class Manifest:
    """Filled while seeding."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self._deviations: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._near: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def deviates(self, control: str, item: str, why: str, **more: Any) -> None:
        """One item that a control must not pass."""
        self._deviations[control].append({"item": item, "why": why, **more})

    def near_miss(self, control: str, item: str, why: str, **more: Any) -> None:
        """One item that looks like a deviation and is none."""
        self._near[control].append({"item": item, "why": why, **more})

    def deviating(self, control: str) -> set[str]:
        """The items planted for a control so far."""
        return {one["item"] for one in self._deviations[control]}

    def as_json(self) -> dict[str, Any]:
        """Plain, sorted data."""
        return {**self.facts, "deviations": _sorted(self._deviations), "near_misses": _sorted(self._near)}


def _sorted(planted: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    return {
        control: sorted(items, key=lambda one: (one["item"], one["why"])) for control, items in sorted(planted.items())
    }
