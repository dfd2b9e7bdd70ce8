"""An auditor's sample of a population: drawn so that anyone can draw it again, and what it says. Pure.

Sort the row_ids by SHA-256 over "SEED:ROW_ID" in UTF-8, as hex digits; take the first n (`archive.statements.draw`,
which verification repeats). Or the auditor's own ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp, lgamma, log
from typing import TYPE_CHECKING

from collector import canonical
from collector.period.intervals import State
from collector.period.told import told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from collector.period.engine import ControlPeriod
    from collector.period.laws import Law
    from collector.period.looks import Item, Leaf
    from collector.period.populations import Population
    from collector.period.told import Told

_ID = 32
_STEPS = 60
"""Halvings: more than a float can tell apart."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One member of what is sampled: a row of a population, or an item of a control."""

    row_id: str
    name: str
    provider: str
    scope: str
    leaf: int
    """The evidence leaf that has it as it was last seen; of a control's item, the leaf of the outcome that counts."""
    last: Told | None
    """The outcome that counts; None where none is of it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Deviations among items."""

    items: int
    deviations: int
    undecided: int
    """Those that could not be told, or to which the control does not apply: they count as neither."""

    @property
    def told(self) -> int:
        """Of how many it was decided."""
        return self.items - self.undecided

    @property
    def share(self) -> Fraction | None:
        """Deviations of all that were decided; None when nothing was."""
        return Fraction(self.deviations, self.told) if self.told else None


def item_id(control: str, item: Item) -> str:
    """What an item of a control is called in a sample, see FORMAT.md."""
    return canonical.digest(canonical.encode([control, *item]))[:_ID]


def of_control(found: ControlPeriod) -> list[Unit]:
    """The items of a control in a period that any row was ever named for, ordered by row_id.

    What stands for a scope or a part that could not be judged is no item.
    """
    units = [
        Unit(item_id(found.control, item), item.item, item.provider, item.unit, told[-1].last_leaf, told[-1])
        for item, told in found.told.items()
        if any(one.rows for one in told)
    ]
    return sorted(units, key=lambda unit: unit.row_id)


def of_populations(populations: Iterable[Population], outcomes: Mapping[str, Told]) -> list[Unit]:
    """The items of populations, ordered by row_id; `outcomes` are those that count, by row_id."""
    units = [
        Unit(
            one.row["row_id"], one.row["source_id"], population.series.provider, population.series.unit, one.leaf,
            outcomes.get(one.row["row_id"]),
        )
        for population in populations
        for one in population.rows
    ]  # fmt: skip
    return sorted(units, key=lambda unit: unit.row_id)


def by_row(
    control: str, leaves: Sequence[Leaf], content: Callable[[str], bytes], laws: Sequence[Law]
) -> dict[str, Told]:
    """What a control last said of whatever rests on a row; a deviation, where it says one of any of several items."""
    found: dict[str, Told] = {}
    for told in told_of(control, leaves, content, laws).values():
        for row in told[-1].rows:
            if row not in found or told[-1].state is State.DEVIATION:
                found[row] = told[-1]
    return found


def rate(units: Iterable[Unit]) -> Rate:
    """Counted over all of these."""
    states = [unit.last.state if unit.last else State.CANNOT_TELL for unit in units]
    undecided = sum(state not in {State.PASS, State.DEVIATION} for state in states)
    return Rate(len(states), sum(state is State.DEVIATION for state in states), undecided)


def upper_bound(deviations: int, size: int, confidence: float) -> float:
    """The exact one-sided upper bound of Clopper and Pearson for a share, by a sample of `size` of a large population.

    The largest share under which so few deviations have at least the chance 1 - confidence.
    """
    if deviations >= size:
        return 1.0
    low, high = deviations / size, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(deviations, size, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def _at_most(count: int, size: int, share: float) -> float:
    """The chance of `count` deviations or fewer."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return float(count >= size)
    ways = (lgamma(size + 1) - lgamma(k + 1) - lgamma(size - k + 1) for k in range(count + 1))
    return sum(exp(one + k * log(share) + (size - k) * log(1 - share)) for k, one in enumerate(ways))


SCRIPT = """\
import csv, hashlib
SEED, SIZE = {seed}, {size}
with open("population.csv", encoding="utf-8", newline="") as file:
    ids = sorted({{row["row_id"] for row in csv.DictReader(file)}})
print("population", len(ids), hashlib.sha256("".join(f"{{one}}\\n" for one in ids).encode()).hexdigest())
drawn = sorted(ids, key=lambda one: hashlib.sha256(f"{{SEED}}:{{one}}".encode()).hexdigest())[:SIZE]
print("\\n".join(drawn))
"""
"""What draws a sample by seed again, from population.csv."""


def script(seed: str, size: int) -> str:
    """The script for one sample. A seed is written so that no seed can be more than a text in it."""
    return SCRIPT.format(seed=ascii(seed), size=size)
