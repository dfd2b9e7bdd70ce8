"""What is said of one item under one control, and the document that keeps it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector import canonical
from collector.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One item, judged."""

    item: str
    provider: str | None
    """None, like `unit`, where the item belongs to no one scope: the rule itself, or a provider out of reach."""
    unit: str | None
    outcome: Verdict
    seen: Verdict | None
    """What the rule made of the rows that were there; the same as `outcome` where nothing was missing."""
    because: str
    rows: tuple[str, ...] = ()
    """The rows the rule used, by row_id."""

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the document."""
        return (self.provider or "", self.unit or "", self.item)


def document(outcomes: Iterable[Outcome]) -> bytes:
    """One canonical line for each outcome, in order of provider, unit and item."""
    return b"".join(
        canonical.encode(
            {
                "item": one.item,
                "provider": one.provider,
                "unit": one.unit,
                "outcome": one.outcome.value,
                "seen": one.seen and one.seen.value,
                "because": one.because,
                "rows": list(one.rows),
            }
        )
        + b"\n"
        for one in sorted(outcomes, key=lambda one: one.place)
    )


def counts(outcomes: Iterable[Outcome]) -> dict[Verdict, int]:
    """How many items have each outcome; every outcome is a key."""
    counted = Counter(one.outcome for one in outcomes)
    return {verdict: counted[verdict] for verdict in Verdict}
