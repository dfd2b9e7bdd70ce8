"""The deviations of a period on one line of time: how long each lasted at least, and at most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collector.package.picture import LEFT, WIDTH, ticks, x_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.package.binder.register import Deviation
    from collector.package.binder.span import Span
    from collector.package.picture import Tick

MOST = 60
"""How many are drawn; the list beside the picture has all."""
_LEAST = 2.4


@dataclass(frozen=True, slots=True)
class Bar:
    """One deviation: the outer bounds, and within them what was seen."""

    deviation: Deviation
    outer: tuple[float, float]
    """x and width."""
    inner: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the template draws."""

    bars: Sequence[Bar]
    left_out: int
    ticks: Sequence[Tick]


def timeline(deviations: Sequence[Deviation], period: Span) -> Timeline:
    """The picture; with too many, those that lasted longest."""
    longest = sorted(deviations, key=lambda one: (-one.least, one.number))[:MOST]
    shown = sorted(longest, key=lambda one: (one.found.opened_by, one.number))
    bars = [
        Bar(
            one,
            _placed(*one.span(period.start, period.end), period),
            _placed(one.found.opened_by, one.found.closed_after, period),
        )
        for one in shown
    ]
    marks = [replace(one, word=one.word.replace(" 20", " \u2019")) for one in ticks(period.start, period.end)]
    return Timeline(bars, len(deviations) - len(shown), marks)


def _placed(start: datetime, end: datetime, period: Span) -> tuple[float, float]:
    edges = (period.start, period.end)
    x = x_of(min(max(start, period.start), period.end), *edges)
    width = max(x_of(min(max(end, period.start), period.end), *edges) - x, _LEAST)
    return round(min(x, LEFT + WIDTH - width), 2), round(width, 2)
