"""What was seeded, as the oracle of tests: counts by place, and the deviations that were put in on purpose."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


class Manifest:
    """Filled while seeding."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._deviations: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.facts: dict[str, Any] = {}

    def count(self, account: str, region: str, kind: str, number: int = 1) -> None:
        """So many more items of this kind there; region is "global" for services without one."""
        self._counts[f"{account}/{region}"][kind] += number

    def deviates(self, control: str, account: str, region: str, item: str, why: str) -> None:
        """One item that a control must not pass."""
        place = {"account": account, "region": region, "item": item, "why": why}
        self._deviations[control].append(place)

    def as_json(self) -> dict[str, Any]:
        """Plain, sorted data."""
        counts = {place: dict(sorted(kinds.items())) for place, kinds in sorted(self._counts.items())}
        return {**self.facts, "counts": counts, "deviations": dict(sorted(self._deviations.items()))}
