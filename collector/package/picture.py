"""The calendar picture: every slot of a period on one line of time, in the colour and the shape of what became of it.

A line is one series or several that came to the same, slot by slot; so an estate in which all went well is one line
for each cadence, and an outage of a connector is one hole, however many evidence types and scopes it has.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from collector.coverage import COLUMNS, Open, spells
from collector.slots import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.coverage import Spell
    from collector.ledger import Ledger
    from collector.slots import Series

LEFT, WIDTH, RIGHT = 262.0, 580.0, 118.0
"""Of the names, the time and the numbers, in the picture's own units."""
HEAD, LINE = 30.0, 36.0
MOST = 40
"""How many lines are drawn; those with the most that is not done come first, and what is left out is counted."""
WORST = (State.MISSED, State.FAILED, State.PARTIAL, State.SKIPPED, Open.OPEN, State.DONE)
"""What a stretch too short to be drawn slot by slot is shown as, of all that its slots came to: the first of these."""
_FINE = 290
_LEAST = 2.4
"""So wide is everything but what is done, however short: a single bad day of a year has to be seen."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Bar:
    """Slots side by side that came to the same."""

    x: float
    width: float
    state: State | Open
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the picture. `series` are those that it stands for."""

    name: str
    note: str
    series: Sequence[Series]
    counts: Mapping[State | Open, int]
    """Of all its series."""
    bars: Sequence[Bar]

    @property
    def due(self) -> int:
        """How many slots it has."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many of them are done."""
        return self.counts.get(State.DONE, 0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the calendar. `strong`: a new month or year."""

    x: float
    word: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template draws."""

    start: datetime
    end: datetime
    lines: Sequence[Line]
    left_out: Sequence[Line]
    ticks: Sequence[Tick]
    counts: Mapping[State | Open, int]

    @property
    def due(self) -> int:
        """Every slot of the period."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """How many are done."""
        return self.counts.get(State.DONE, 0)

    @property
    def states(self) -> Sequence[tuple[State | Open, int]]:
        """Each state with its number, in the order of the legend."""
        return [(state, self.counts.get(state, 0)) for state in COLUMNS]


def pictured(ledger: Ledger, start: datetime, end: datetime) -> Picture:
    """The picture of the slots from `start` up to, but without, `end`."""
    found: dict[tuple[Spell, ...], list[Series]] = {}
    for series in ledger.series:
        if parts := tuple(spells(ledger, series, start, end)):
            found.setdefault(parts, []).append(series)
    lines = [_line(ledger, parts, series, start, end) for parts, series in found.items()]
    lines.sort(key=lambda one: (one.done - one.due, one.name, one.note))
    counts: Counter[State | Open] = Counter()
    for line in lines:
        counts.update(line.counts)
    return Picture(start, end, lines[:MOST], lines[MOST:], list(ticks(start, end)), counts)


def share(done: int, due: int) -> str:
    """Per cent to one place, rounded down: what is not whole never reads 100."""
    return f"{done * 1000 // due / 10:.1f} %" if due else "none"


def _line(ledger: Ledger, parts: Sequence[Spell], series: Sequence[Series], start: datetime, end: datetime) -> Line:
    counts: Counter[State | Open] = Counter()
    for one in parts:
        counts[one.state] += one.count * len(series)
    cadences = {rule.entries[one].cadence for rule in ledger.rules[-1:] for one in series if one in rule.entries}
    scopes = sorted({(one.provider, one.unit) for one in series})
    where = " ".join(scopes[0]) if len(scopes) == 1 else f"{len(scopes)} scopes"
    note = " · ".join([where, *sorted(cadences)[:1], *(["and others"] if len(cadences) > 1 else [])])
    bars = [_bar(one, start, end) for one in parts] if len(parts) <= _FINE else list(_coarse(parts, start, end))
    return Line(_name(series), note, series, counts, bars)


def _name(series: Sequence[Series]) -> str:
    types = sorted({one.type for one in series})
    if len(types) == 1:
        return types[0]
    parts = sorted(one.split(".") for one in types)
    shared = ".".join(one for one, _ in takewhile(lambda two: two[0] == two[1], zip(parts[0], parts[-1], strict=False)))
    return f"{len(types)} evidence types{f' of {shared}' if shared else ''}"


def _bar(spell: Spell, start: datetime, end: datetime) -> Bar:
    counted = f"{spell.count} {'slot' if spell.count == 1 else 'slots'}"
    when = f"{spell.first:%Y-%m-%d %H:%M}" + (f" to {spell.last:%Y-%m-%d %H:%M}" if spell.count > 1 else "")
    words = f"{spell.state.value}: {counted}, {when} UTC{f', {spell.cause}' if spell.cause else ''}"
    return _placed(spell.state, words, (spell.first, spell.until), (start, end))


def _coarse(parts: Sequence[Spell], start: datetime, end: datetime) -> Iterator[Bar]:
    """Too many changes to draw each: stretches of equal length, each as the worst that it holds, and counted."""
    step = (end - start) / _FINE
    for number, group in groupby(parts, key=lambda one: min(int((one.first - start) / step), _FINE - 1)):
        held = list(group)
        counts: Counter[State | Open] = Counter()
        for one in held:
            counts[one.state] += one.count
        worst = next(state for state in WORST if counts[state])
        told = ", ".join(f"{counts[state]} {state.value}" for state in COLUMNS if counts[state])
        words = f"{told}: slots from {held[0].first:%Y-%m-%d %H:%M} to {held[-1].last:%Y-%m-%d %H:%M} UTC"
        yield _placed(
            worst, words, (start + number * step, max(start + (number + 1) * step, held[-1].until)), (start, end)
        )


def _placed(state: State | Open, words: str, span: tuple[datetime, datetime], period: tuple[datetime, datetime]) -> Bar:
    x = x_of(span[0], *period)
    width = x_of(min(span[1], period[1]), *period) - x
    if state is not State.DONE:
        width = max(width, _LEAST)
    return Bar(round(min(x, LEFT + WIDTH - width), 2), round(width, 2), state, words)


def x_of(moment: datetime, start: datetime, end: datetime) -> float:
    """Where a moment of the period is, in the picture's own units."""
    return LEFT + WIDTH * ((moment - start) / (end - start))


def ticks(start: datetime, end: datetime) -> Iterator[Tick]:
    """Days, weeks or months, whichever leave room for their words."""
    days = (end - start) / timedelta(days=1)
    day = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    every = 1 if days <= 10 else 7 if days <= 70 else 0  # noqa: PLR2004 - as many words as fit
    months = max(1, round(days / 365)) if not every else 0
    named = False
    while (day := day + timedelta(days=1)) < end:
        first = day.day == 1
        monthly = bool(months) and first and (day.month - 1) % months == 0
        weekly = bool(every) and (every == 1 or day.weekday() == 0)
        if not (monthly or weekly):
            continue
        year = f" {day.year}" if months and (day.month == 1 or not named) else ""
        word = f"{_MONTHS[day.month - 1]}{year}" if months else f"{day.day} {_MONTHS[day.month - 1]}"
        named = True
        yield Tick(round(x_of(day, start, end), 2), word, first if not months else day.month == 1)
