"""A control over a period: the intervals of each of its items, from sealed leaves alone. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collector import ledger
from collector.kept import uploaded
from collector.period.holes import Holes
from collector.period.intervals import State, intervals
from collector.period.looks import looks
from collector.slots import series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.period.intervals import Interval
    from collector.period.looks import Item, Leaf, Seen


_OF_SLOTS = frozenset({"schedule", "claim", "missed", "run"})


def about(control: str, leaves: Callable[[], Iterable[Leaf]]) -> list[Leaf]:
    """The leaves that tell of a control: its outcomes, all evidence of the types that they cite, and the slots.

    `leaves` gives every leaf of the log, and is called twice: the others need not be held.
    """
    types: dict[int, str] = {}
    cited: set[str] = set()
    for index, body in leaves():
        if body["kind"] == "evidence":
            types[index] = body["type"]
        elif body["kind"] == "outcome" and body["control"] == control:
            cited |= {types[one] for one in body["evidence"]}
    return [leaf for leaf in leaves() if _tells(leaf[1], control, cited)]


def history(
    control: str, leaves: Sequence[Leaf], content: Callable[[str], bytes], start: datetime, end: datetime
) -> dict[Item, list[Interval]]:
    """Every item that was ever judged under the control, with its intervals from `start` up to, but without, `end`.

    `leaves` are those `about` it, in the order of the log. Items without an interval in the period are left
    out. ValueError when a leaf is not as FORMAT.md says.
    """
    holes = holes_of(control, leaves, content, end)
    found = ((item, over(seen, holes, start, end)) for item, seen in looks(control, leaves, content).items())
    return {item: stretches for item, stretches in found if stretches}


def holes_of(control: str, leaves: Sequence[Leaf], content: Callable[[str], bytes], end: datetime) -> Holes:
    """What was due of the control's evidence up to `end` and not read, or not judged."""
    outcomes = [body for _, body in leaves if body["kind"] == "outcome" and body["control"] == control]
    judged = {index for body in outcomes for index in body["evidence"]}
    standing = {series_of(body) for _, body in leaves if body["kind"] == "evidence" and uploaded(body)}
    return Holes(ledger.read(leaves, content), judged, standing, end)


def over(seen: Seen, holes: Holes, start: datetime, end: datetime) -> list[Interval]:
    """The intervals of one item in a period."""
    if seen.event:
        return _events(seen, start, end)
    return intervals(seen.looks, start, end, lambda after, upto: holes.between(seen.series, after, upto))


def _tells(body: Mapping[str, Any], control: str, cited: Collection[str]) -> bool:
    match body["kind"]:
        case "evidence":
            return body["type"] in cited
        case "outcome" | "exception" | "response":
            return bool(body["control"] == control)
        case kind:
            return kind in _OF_SLOTS


def _events(seen: Seen, start: datetime, end: datetime) -> list[Interval]:
    """What has happened has a time and no state that lasts: nobody has to look at it again, and nothing bounds it."""
    made = intervals(seen.looks, start, end, lambda _after, _upto: "")
    return [
        replace(one, not_before=one.first.begin, not_after=one.last.end, before=None, after=None)
        for one in made
        if one.state is not State.NOT_LOOKED and one.first and one.last and one.last.end >= start
    ]
