"""The period engine's front: all there is to say of a control over a period, from sealed leaves alone. Pure.

What it gives is the same for the same leaves. Beside `control_over`, each from a file of its own:

- `gaps.gaps_in(leaves, content, period)`: what was due and not done, and what became of it
- `assembling.population_over(evidence_type, leaves, content, period)`: one population for each scope
- `sample`: how a sample is drawn, what it says; `whatif`: the period under one rule
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector.period.clues import Clues
from collector.period.documents import Documents
from collector.period.exceptions import statements
from collector.period.history import holes_of, over
from collector.period.instances import instances_of
from collector.period.laws import changes, laws_of
from collector.period.looks import looks
from collector.period.own_time import AT_ONCE, own_time
from collector.period.registering import Sources, register_of
from collector.period.told import told_of
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.period.exceptions import Granted, Response
    from collector.period.holes import Holes
    from collector.period.instances import Instance
    from collector.period.intervals import Interval
    from collector.period.laws import Change, Law
    from collector.period.looks import Item, Leaf, Seen
    from collector.period.narrowed import Log
    from collector.period.register import Register
    from collector.period.span import Period
    from collector.period.told import Told

ONE_TICK = timedelta.resolution


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
    happened: Mapping[Item, datetime]
    """When each of these events happened, where the row that is the item tells it: that puts it into the period."""
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


def control_over(
    control: str,
    leaves: Sequence[Leaf],
    content: Callable[[str], bytes],
    period: Period,
    as_of: datetime,
    log: Log | None = None,
) -> ControlPeriod:
    """Everything about one control. `leaves` are those that `history.about` gives, in the order of the log.

    `as_of` is the time of the newest leaf (`newest`); `log`, where given, narrows when states changed. ValueError when
    a leaf is not as FORMAT.md says.
    """
    seen = looks(control, leaves, content)
    holes = holes_of(control, leaves, content, max(as_of, period.end))
    laws = laws_of(control, leaves)
    told = told_of(control, leaves, content, laws)
    granted, responses = statements(control, leaves)
    documents = Documents(leaves, content)
    whole = {item: (one, _whole(one, holes, as_of)) for item, one in seen.items()}
    happened = dict(_happened(seen, told, documents))
    register = register_of(
        Sources(
            control=control,
            period=period,
            as_of=as_of,
            laws=laws,
            told=told,
            happened=happened,
            clues=Clues(told, documents, log),
            granted=granted,
            responses=responses,
        ),
        whole,
    )
    end = min(period.end, max(as_of, period.start + ONE_TICK))
    found = {item: over(one, holes, period.start, end) for item, one in seen.items()}
    of_period = {item for item in found if (happened[item] in period if item in happened else found[item])}
    shown = of_period | {one.item for one in register.deviations}
    return ControlPeriod(
        control,
        period,
        as_of,
        items={item: found[item] for item in sorted(shown)},
        events=frozenset(item for item in shown if seen[item].event),
        happened={item: at for item, at in happened.items() if item in shown},
        told={item: told.get(item, ()) for item in sorted(shown)},
        register=register,
        laws=laws,
        changes=changes(control, laws, period, content),
        instances=instances_of(control, laws, leaves, content, period, as_of),
        exceptions=granted,
        responses=responses,
    )


def newest(leaves: Iterable[Leaf]) -> datetime:
    """When the newest leaf of a run, a judgement or a schedule was made: up to then an archive tells of anything.

    What people say tells nothing of what was collected.
    """
    members = {"genesis": "created", "schedule": "at", "missed": "at", "run": "ended", "outcome": "assessed"}
    return max(moment(body[members[body["kind"]]]) for _, body in leaves if body["kind"] in members)


def _whole(seen: Seen, holes: Holes, as_of: datetime) -> list[Interval]:
    if seen.event or not seen.looks:
        return []
    return over(seen, holes, seen.looks[0].begin, max(as_of, seen.looks[-1].begin + ONE_TICK))


def _happened(
    seen: Mapping[Item, Seen], told: Mapping[Item, Sequence[Told]], documents: Documents
) -> Iterator[tuple[Item, datetime]]:
    """When each event happened: by the one row that is it, which every outcome of it rests on."""
    for item, one in seen.items():
        if not one.event or not one.looks:
            continue
        always = set.intersection(*(set(said.rows) for said in told[item] if said.rows))
        rows = documents.rows(one.looks[0], sorted(always))
        timed = [row for row in rows if row.get("table") in AT_ONCE and own_time(row)]
        named = [row for row in timed if item.item in row.values()] or timed
        times = {own_time(row) for row in named}
        if len(times) == 1 and (at := times.pop()):
            yield item, at
