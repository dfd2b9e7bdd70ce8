"""The provider's own log, where it tells when an item changed: narrower than two looks. Pure.

It narrows and never widens, and it is no look: what it says stands beside the bounds that the looks give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clue:
    """One event of a provider's log that names the item, between the two looks that bound a change."""

    at: datetime
    event_id: str
    action: str | None
    actor: str | None
    row_id: str
    leaf: int
    """The evidence leaf that holds it."""
    among: int
    """How many events name the item between these two looks: with more than one, which of them it was is not told."""
