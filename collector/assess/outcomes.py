"""What is said of one item under one control, and the document that keeps it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector import canonical
from collector.excluded import OUT_OF_SCOPE, UNITS
from collector.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from collector.assess.tables import TakenOut


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


def out_of_scope(taken_out: Iterable[TakenOut], evidence_types: Collection[str], *, units: bool) -> Iterator[Outcome]:
    """For each unit that the register takes out: which entry does, who approved it, and how much does not count.

    It has no rows and no verdict of the rule: it is no item of the control, and nothing is passed or failed by it.
    `units`: see `tables.views`; the rows that say which units there are count for such a rule.
    """
    found: dict[tuple[str, str, str], dict[str, Counter[str]]] = {}
    for one in taken_out:
        for (unit, entry, table), count in one.counts.items():
            if one.evidence.type not in evidence_types or (units and table in UNITS):
                continue
            by_type = found.setdefault((*one.evidence.scope, unit), {}).setdefault(entry, Counter())
            by_type[one.evidence.type] += count
    for (provider, scope, unit), entries in found.items():
        because = "; ".join(f"{_number(by_type)} {entry}" for entry, by_type in sorted(entries.items()))
        yield Outcome(
            item=f"{OUT_OF_SCOPE}{unit}",
            provider=provider,
            unit=scope,
            outcome=Verdict.NOT_APPLICABLE,
            seen=None,
            because=because,
        )


def _number(by_type: Counter[str]) -> str:
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(by_type.items()))
    return f"{by_type.total()} rows do not count ({told}):"


def counts(outcomes: Iterable[Outcome]) -> dict[Verdict, int]:
    """How many items have each outcome; every outcome is a key."""
    counted = Counter(one.outcome for one in outcomes)
    return {verdict: counted[verdict] for verdict in Verdict}
