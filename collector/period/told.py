"""Every outcome that was ever sealed of an item. All of them stay; the last one counts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from collector.period.intervals import State


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome of an item, and each later judgement that said the same of it by the same rule."""

    state: State
    because: str
    rows: tuple[str, ...]
    """The row_ids that it rests on."""
    assessed: datetime
    """When it was said first."""
    leaf: int
    """The leaf that said it first."""
    evidence: tuple[int, ...]
    """The evidence leaves that this judgement cites."""
    law: int
    """Place of the rule in force among the control's `laws`."""
    last_assessed: datetime
    """When it was said last before something else was."""
    last_leaf: int
    times: int
    """How many judgements said so, one after another."""
