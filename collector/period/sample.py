"""An auditor's sample of a population: drawn so that anyone can draw it again. Pure.

Sort the row_ids by SHA-256 over "SEED:ROW_ID" in UTF-8, as hex digits; take the first n. Or the auditor's own ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from collector.period.looks import Item
    from collector.period.told import Told


class Method(StrEnum):
    """How the items were chosen."""

    SEED = "sha256(seed:row_id)"
    IDS = "the auditor's ids"


@dataclass(frozen=True, slots=True)
class Unit:
    """One member of what is sampled: a row of a population, or an item of a control."""

    row_id: str
    """Of a control's item, the first 32 hex digits of SHA-256 over canonical JSON `[control, provider, unit, item]`."""
    name: str
    provider: str
    scope: str
    leaf: int
    """The evidence leaf that has it."""
    last: Told | None
    """The outcome that counts; None where no control judged it."""
    item: Item | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A sealed choice."""

    leaf: int
    of: str
    """The control or evidence type."""
    period: Mapping[str, str]
    method: Method
    seed: str | None
    size: int
    population: int
    digest: str
    """SHA-256 over the population's row_ids, sorted, one a line."""
    complete: bool
    """Whether the population was whole."""
    ids: Sequence[str]
    """In the order in which they were drawn."""
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """Deviations among items, and the bound that a sample of them gives."""

    items: int
    deviations: int
    undecided: int
    """Those that could not be told; they count as neither."""

    @property
    def share(self) -> Fraction | None:
        """Deviations of all that could be told; None when nothing could."""
        told = self.items - self.undecided
        return Fraction(self.deviations, told) if told else None


def script_columns(unit: Unit) -> dict[str, Any]:
    """What population.csv has of a unit: the column `row_id` is all that the printed script reads."""
    return {"row_id": unit.row_id, "name": unit.name, "provider": unit.provider, "scope": unit.scope}
