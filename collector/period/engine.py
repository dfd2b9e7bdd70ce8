"""The period engine's front: all there is to say of a control over a period, from sealed leaves alone. Pure.

What it gives is the same for the same leaves. The functions, each from a room of its own:

- `control_over(control, frequency, leaves, content, period, as_of) -> ControlPeriod` (here)
- `gaps.gaps_in(leaves, content, period, as_of) -> list[Gap]`
- `populations.population_over(evidence_type, leaves, content, period, as_of) -> list[Population]`, one for each scope
- `instances.instances_of(...)`, `laws.laws_of(...)`, `laws.changes(laws)`, `told.told_of(...)`
- `sample.draw(units_ids, seed, size) -> list[str]`, `sample.upper_bound(deviations, size, confidence) -> float`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from collector.period.exceptions import Granted, Response
    from collector.period.instances import Instance
    from collector.period.intervals import Interval
    from collector.period.laws import Change, Law
    from collector.period.looks import Item
    from collector.period.register import Register
    from collector.period.span import Period
    from collector.period.told import Told


@dataclass(frozen=True, slots=True)
class ControlPeriod:
    """A control over a period."""

    control: str
    period: Period
    as_of: datetime
    """When the newest leaf that was read says it was made."""
    items: Mapping[Item, Sequence[Interval]]
    """The intervals of every item in the period, which together cover every moment of it; see `intervals`."""
    events: frozenset[Item]
    """Those that have happened once, and whose intervals cover only when they were read."""
    told: Mapping[Item, Sequence[Told]]
    """Every outcome of every item in `items`, oldest first: the last one counts, and all are shown."""
    register: Register
    laws: Sequence[Law]
    """Every law of the archive, in order."""
    changes: Sequence[Change]
    """Those whose `at` is in the period."""
    instances: Sequence[Instance]
    """Empty for a control that is not by the calendar."""
    exceptions: Sequence[Granted]
    """All that were ever granted for the control."""
    responses: Sequence[Response]
