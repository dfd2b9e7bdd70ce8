"""A population over a period, put together from its windows, with the proof that no part of it is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.excluded import Entry
    from collector.population import Item
    from collector.slots import Series
    from collector.windows import Stretch


class Part(StrEnum):
    """What kind of part is missing."""

    WINDOW = "window"
    """A stretch of the period that no complete window covers."""
    PAGE = "page"
    """A page of an answer that is not there, or one that is not whole."""
    ITEM = "item"
    """Rows that a leaf counts and its document does not have, or totals that do not tie."""
    SCOPE = "scope"
    """A scope that a schedule names and of which there is no window at all."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that makes a population incomplete, by name."""

    part: Part
    subject: str
    """Which: the dates of a stretch, request and page, the total."""
    detail: str
    start: datetime | None = None
    end: datetime | None = None
    leaf: int | None = None
    """The evidence leaf that shows it; None where it is that nothing is there."""


@dataclass(frozen=True, slots=True)
class Window:
    """One snapshot of the population that touches the period."""

    leaf: int
    start: datetime
    end: datetime
    continues: datetime | None
    collected: datetime
    complete: bool
    rows: int
    pages: int
    totals: Sequence[tuple[str, int, int]]
    """Each control total: its name, how many the source stated, how many were found."""

    @property
    def ties(self) -> bool:
        """Whether all totals do."""
        return all(expected == found for _, expected, found in self.totals)


@dataclass(frozen=True, slots=True)
class Population:
    """The items of one evidence type in one scope whose own time is in the period."""

    series: Series
    unit_name: str
    rows: Sequence[Item]
    """Each once, as it was last seen, ordered by table, source_id and row_id; `first_collected` tells when."""
    beside: Sequence[Item]
    """Rows that belong to one of them and are no items of their own, such as the reviews of a change."""
    undated: int
    """How many of the rows have no time of their own, and are kept because nobody can say that they are outside."""
    outside: int
    """How many items of the windows were left out because their own time is outside the period."""
    excluded: Sequence[tuple[Item, Entry]]
    """What the scope register takes out of the period, and by which entry: no row, and not counted."""
    windows: Sequence[Window]
    stretches: Sequence[Stretch]
    """The time of the period in order without a hole: what was read when by which leaf, lost, or open."""
    holes: Sequence[Hole]

    @property
    def complete(self) -> bool:
        """Whether no part is missing. A complete population without rows is proved empty."""
        return not self.holes

    @property
    def row_ids(self) -> list[str]:
        """Of every row, sorted."""
        return sorted(one.row["row_id"] for one in self.rows)

    @property
    def digest(self) -> str:
        """SHA-256 over the row_ids, sorted, one a line: names this population in a sample."""
        return canonical.digest("".join(f"{one}\n" for one in self.row_ids).encode())
