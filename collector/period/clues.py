"""What a provider's own log tells of a change between two looks at an item: one answer for whoever asks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from collector.period.documents import Documents
from collector.period.laws import laws_of
from collector.period.narrowed import names_of
from collector.period.told import told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.period.intervals import Look
    from collector.period.looks import Item, Leaf
    from collector.period.narrowed import Clue, Log
    from collector.period.told import Told


@dataclass(frozen=True, slots=True)
class Clues:
    """Narrows the bounds of what looks tell of a control's items."""

    told: Mapping[Item, Sequence[Told]]
    documents: Documents
    log: Log | None
    """Without one nothing is narrowed."""

    @classmethod
    def of(cls, control: str, leaves: Sequence[Leaf], content: Callable[[str], bytes], log: Log) -> Self:
        """For a control of which nothing else is asked. `leaves` are those about it, in the order of the log."""
        told = told_of(control, leaves, content, laws_of(control, leaves))
        return cls(told, Documents(leaves, content), log)

    def between(self, item: Item, one: Look | None, other: Look | None) -> Clue | None:
        """What the log has of the item later than the one look began and not later than the other ended.

        None where there are no two looks, or the log has nothing. An item is known there by its own name and by what
        the rows of either look call it.
        """
        if self.log is None or one is None or other is None:
            return None
        rows = [row for look in (one, other) for row in self.documents.rows(look, self._rows_of(item, look))]
        return self.log.between(item.provider, names_of(item.item, rows), one.begin, other.end)

    def _rows_of(self, item: Item, look: Look) -> tuple[str, ...]:
        said = [one for one in self.told.get(item, ()) if one.leaf <= look.outcome <= one.last_leaf]
        return said[0].rows if said else ()
