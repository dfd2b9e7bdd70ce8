"""Populations over time: where the next window goes on, and what no source remembers any more. Pure.

FORMAT.md, "Windows", has the rules.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from collector.model import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Reading(StrEnum):
    """What became of a stretch of time."""

    READ = "read"
    """A complete window covers it."""
    LOST = "lost"
    """Its source forgot it before anything read it whole."""
    OPEN = "open"
    """Nothing has read it whole yet."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a population's time, with the leaf by which it became what it is."""

    span: Window
    reading: Reading
    leaf: int | None
    """Index of the evidence leaf that first read it whole, or that shows it to be lost; None for an open one."""
    collected: str | None
    """When that snapshot was made, RFC 3339."""


def reached(before: str | None, body: Mapping[str, Any]) -> str | None:
    """Up to where a population has been read whole, after one more evidence leaf of it in the log; RFC 3339.

    `before` is the same for the leaves before; None: nothing was read whole yet. So the newest leaf that goes on from
    another window tells it alone, and nothing older has to be read.
    """
    window, continues = body.get("window"), body.get("continues")
    if window is None or (continues is None and before is not None):
        return before  # what goes on from nothing may have left a hole behind it
    end: str | None = window["to"] if body["complete"] else continues
    return end


def window_of(body: Mapping[str, Any]) -> Window | None:
    """The window of an evidence leaf; None for a state at one instant. ValueError when it is not as FORMAT.md says."""
    window = body.get("window")
    return Window(_moment(window["from"]), _moment(window["to"])) if window else None


def lost(body: Mapping[str, Any]) -> Window | None:
    """The stretch that an evidence leaf shows to be lost; None when there is none."""
    window, continues = window_of(body), body.get("continues")
    return window.lost_since(continues and _moment(continues)) if window else None


def history(leaves: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Stretch]:
    """The time of one population, in order, without a hole: from its first window to the end of its last one.

    `leaves` are the index and body of its evidence leaves, in the order of the log. Each instant is in one stretch:
    that of the first complete window over it; without one it is lost if a leaf shows it to be, and open otherwise.
    """
    known: list[Stretch] = []
    missing: list[Stretch] = []
    asked: list[Window] = []
    for index, body in leaves:
        window, gone = window_of(body), lost(body)
        if window is None:
            continue
        asked.append(window)
        if gone:
            missing.append(Stretch(gone, Reading.LOST, index, body["ended"]))
        if body["complete"]:
            _add(known, Stretch(window, Reading.READ, index, body["ended"]))
    for one in missing:
        _add(known, one)
    if asked:
        span = Window(min(one.start for one in asked), max(one.end for one in asked))
        _add(known, Stretch(span, Reading.OPEN, None, None))
    return known


def _add(known: list[Stretch], one: Stretch) -> None:
    """Add the parts of a stretch that no known one covers. The known ones are in order, and do not overlap."""
    start, end = one.span.start, one.span.end
    at = max(bisect_left(known, start, key=_start) - 1, 0)
    parts = []
    while start < end:
        while at < len(known) and known[at].span.end <= start:
            at += 1
        until = min(end, known[at].span.start) if at < len(known) else end
        if start < until:
            parts.append(replace(one, span=Window(start, until)))
        start = known[at].span.end if at < len(known) else end
    for part in parts:
        insort(known, part, key=_start)


def _start(one: Stretch) -> datetime:
    return one.span.start


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found
