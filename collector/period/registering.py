"""Fills the register of deviations: pure, over what the log says of one control."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from collector import canonical
from collector.period.deviations import chains, runs
from collector.period.laws import law_at
from collector.period.register import Deviation, Register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.period.clues import Clues
    from collector.period.deviations import Chain
    from collector.period.exceptions import Granted, Response
    from collector.period.intervals import Interval, Look
    from collector.period.laws import Law
    from collector.period.looks import Item, Seen
    from collector.period.span import Period
    from collector.period.told import Told

_ID = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a control's register is made from."""

    control: str
    period: Period
    as_of: datetime
    laws: Sequence[Law]
    told: Mapping[Item, Sequence[Told]]
    happened: Mapping[Item, datetime]
    """When events happened, where their own rows tell."""
    clues: Clues
    granted: Sequence[Granted]
    responses: Sequence[Response]


def register_of(sources: Sources, items: Mapping[Item, tuple[Seen, Sequence[Interval]]]) -> Register:
    """The register. The intervals of each item are those of the whole archive, from its first look to `as_of`."""
    found = [
        one
        for item, (seen, stretches) in items.items()
        for one in (_events(sources, item, seen) if seen.event else _states(sources, item, stretches))
        if one.carried_in or one.opened
    ]
    return Register(
        sources.control, sources.as_of, sorted(found, key=lambda one: (one.opened_by, one.item, one.first.outcome))
    )


def _states(sources: Sources, item: Item, stretches: Sequence[Interval]) -> Iterator[Deviation]:
    for one in chains(stretches, sources.as_of):
        yield _deviation(sources, item, one, one.before.begin if one.before else None, one.first.begin, event=False)


def _events(sources: Sources, item: Item, seen: Seen) -> Iterator[Deviation]:
    at = sources.happened.get(item)
    for one in runs(seen.looks):
        if at and not one.before:  # it was so from the first look on: then since it happened, as nothing undoes that
            one.least = max((one.after.begin if one.after else sources.as_of) - one.first.end, timedelta())
            yield _deviation(sources, item, one, at, at, event=True)
        else:
            yield _deviation(sources, item, one, one.before.begin if one.before else None, one.first.begin, event=True)


def _deviation(
    sources: Sources, item: Item, one: Chain, opened_after: datetime | None, counted: datetime, *, event: bool
) -> Deviation:
    """The row of the register. `counted` is the moment by which it is said to be of a period."""
    first, last, after, period = one.first, one.last, one.after, sources.period
    over = max(after.begin, counted) if after else None
    since, until = opened_after or first.end, after.end if after else sources.as_of
    granted = [said for said in sources.granted if covers(said, item) and said.expires > since]
    return Deviation(
        id=canonical.digest(canonical.encode([sources.control, *item, first.outcome]))[:_ID],
        control=sources.control,
        item=item,
        event=event,
        opened_after=opened_after,
        opened_by=first.end,
        detected=_assessed(sources, item, first),
        closed_after=last.begin,
        closed_by=after.end if after else None,
        least=one.least,
        most=until - opened_after if opened_after else None,
        unseen=one.unseen,
        opening=None if event else sources.clues.between(item, one.before, first),
        closing=None if event else sources.clues.between(item, last, after),
        cause=first.because,
        closed_because=after.because if after else "",
        opened_by_rule=_other_law(sources, one.before, first),
        closed_by_rule=_other_law(sources, last, after),
        before=one.before,
        first=first,
        last=last,
        after=after,
        carried_in=counted < period.start and (over is None or over >= period.start),
        opened=counted in period,
        closed=over in period,
        exceptions=[said for said in granted if after is None or said.at < after.end],
        responses=[said for said in sources.responses if covers(said, item) and said.at >= since],
    )


def covers(said: Granted | Response, item: Item) -> bool:
    """Whether what was said of an item is about this one: by its name, and by its scope where one was given."""
    return said.item == item.item and said.provider in {None, item.provider} and said.unit in {None, item.unit}


def _assessed(sources: Sources, item: Item, look: Look) -> datetime:
    told = [one for one in sources.told.get(item, ()) if one.leaf <= look.outcome <= one.last_leaf]
    return told[0].assessed if told and told[0].leaf == look.outcome else look.end


def _other_law(sources: Sources, one: Look | None, other: Look | None) -> bool:
    if one is None or other is None:
        return False
    return not law_at(sources.laws, one.outcome).same_as(law_at(sources.laws, other.outcome))
