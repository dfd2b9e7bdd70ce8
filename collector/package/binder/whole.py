"""Whether a control's population is whole: each test that completeness rests on, and what fails it by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.model import Kind
from collector.period.assembling import population_over
from collector.period.populations import Part
from collector.period.span import Period
from collector.slots import Series, State, moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from collector.coverage import Coverage
    from collector.excluded import Decided
    from collector.package.binder.log import Log
    from collector.package.binder.span import Span
    from collector.package.binder.tested import Tested
    from collector.period.populations import Population
    from collector.windows import Stretch

_SHOWN = 5
_SLOTS = "every slot of the schedule is done"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of completeness, of one evidence type in one scope."""

    series: Series
    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Total:
    """A number counted in two ways, in one snapshot."""

    leaf: int
    series: Series
    name: str
    expected: int
    found: int
    ties: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """What the completeness of a population rests on."""

    tests: Sequence[Test]
    totals: Sequence[Total]
    windows: Sequence[tuple[Series, Stretch]]
    absent: Sequence[str]
    """Evidence types that the rule names and of which nothing was collected."""

    @property
    def complete(self) -> bool:
        """Whether every test holds and nothing is absent."""
        return all(one.holds for one in self.tests) and not self.absent

    @property
    def failed(self) -> Sequence[Test]:
        """The tests that do not hold."""
        return [one for one in self.tests if not one.holds]


class Reading:
    """What the tests of all controls are made on: worked out once."""

    def __init__(
        self,
        log: Log,
        covered: Mapping[Series, Coverage],
        period: Span,
        decided: Decided,
        read_once: Collection[str],
    ) -> None:
        """`read_once` are the evidence types whose scope does not say what they are of."""
        self.log = log
        self.covered = covered
        self.period = period
        self._decided = decided
        self._read_once = read_once
        self._populations: dict[str, Sequence[tuple[Series, Sequence[Stretch], Sequence[Test]]]] = {}

    def populations(self, name: str) -> Sequence[tuple[Series, Sequence[Stretch], Sequence[Test]]]:
        """The population of an evidence type in each scope: its windows, and its tests. Its rows are not held."""
        if name not in self._populations:
            period = self.period
            days = Period(period.start, period.end, period.zone, period.first, period.last)
            found = population_over(name, self.log.pairs, self.log.reader.content, days, self._decided)
            self._populations[name] = [(read.series, read.stretches, list(_parts(read))) for read in found]
        return self._populations[name]

    def counts(self, series: Series, leaves: Sequence[int]) -> bool:
        """Whether anything of a series can be missing: not where the register takes it out for the whole period."""
        return (
            series.type in self._read_once
            or self.log.evidence[leaves[-1]].type_kind == Kind.RECORD
            or not self._decided.throughout(series.unit, self.period.start, self.period.end)
        )


def whole(reading: Reading, control: Tested) -> Whole:
    """Test the evidence of a control, over the period."""
    log, period = reading.log, reading.period
    names = control.rule.header.evidence
    collected = _in_period(log, {*names, *control.rule.header.helps}, period)
    found = {series: leaves for series, leaves in collected.items() if reading.counts(series, leaves)}
    tests: list[Test] = []
    totals: list[Total] = []
    stretches: list[tuple[Series, Stretch]] = []
    for series, leaves in sorted(found.items()):
        if one := reading.covered.get(series):
            done = one.counts.get(State.DONE, 0)
            told = ", ".join(f"{count} {state.value}" for state, count in one.counts.items() if count)
            tests.append(Test(series, _SLOTS, done == one.due, f"{one.due} due: {told}"))
        else:
            tests.append(Test(series, _SLOTS, holds=True, detail="none was due: attached, or out of schedule"))
        tests += _gaps(log, series, leaves)
        mine = list(_totals(log, series, leaves))
        totals += mine
        tests.append(_tied(series, mine))
    for name in sorted({series.type for series in found if log.evidence[found[series][-1]].type_kind == "population"}):
        for series, windows, parts in reading.populations(name):
            stretches += [(series, stretch) for stretch in windows]
            tests += parts
    absent = [name for name in names if name not in {series.type for series in collected}]
    return Whole(tests, totals, stretches, absent)


def _in_period(log: Log, types: set[str], period: Span) -> dict[Series, list[int]]:
    """The snapshots of these types that are of the period: made in it, or with a window that reaches into it."""
    found: dict[Series, list[int]] = {}
    last: dict[Series, int] = {}
    for index, said in log.evidence.items():
        if said.type not in types or moment(said.started) >= period.end:
            continue
        series = Series(said.type, said.provider, said.unit)
        inside = moment(said.ended) >= period.start
        reaches = said.window is not None and moment(said.window.end) > period.start
        if inside or reaches:
            found.setdefault(series, []).append(index)
        last[series] = index
    for series, index in last.items():
        found.setdefault(series, [index])
    return found


def _gaps(log: Log, series: Series, leaves: Sequence[int]) -> Iterator[Test]:
    counted: Counter[str] = Counter()
    told: list[str] = []
    for index in leaves:
        for line in log.completeness(index) if not log.evidence[index].complete else ():
            if line.gap:
                counted[line.gap.cause] += 1
                told.append(f"leaf {index}: {line.gap.cause}: {line.gap.subject}")
    denied, cut = counted["denied"], counted["truncated"]
    others = counted.total() - denied - cut
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    detail = "; ".join(dict.fromkeys(told[:_SHOWN])) + more
    yield Test(series, "no call was denied", not denied, detail if denied else f"{len(leaves)} snapshots, none")
    ended = detail if cut else f"{len(leaves)} snapshots, all"
    yield Test(series, "each list was read to the provider's own end mark", not cut, ended)
    yield Test(
        series, "nothing else could not be read", not others, detail if others else f"{len(leaves)} snapshots, nothing"
    )


def _totals(log: Log, series: Series, leaves: Sequence[int]) -> Iterator[Total]:
    for index in leaves:
        for line in log.completeness(index):
            if one := line.total:
                yield Total(index, series, one.name, one.expected, one.found, one.ties)


def _tied(series: Series, totals: Sequence[Total]) -> Test:
    apart = [one for one in totals if not one.ties]
    name = "control totals tie"
    if not totals:
        return Test(series, name, holds=True, detail="the source offers no second count")
    told = "; ".join(
        f"leaf {one.leaf}: {one.name}: {one.expected} expected, {one.found} found" for one in apart[:_SHOWN]
    )
    return Test(series, name, not apart, told or f"{len(totals)} totals, all tie")


_PARTS = {
    Part.SCOPE: "it was read at all",
    Part.WINDOW: "windows cover the period without a hole",
    Part.PAGE: "every page of every answer is there",
    Part.ITEM: "as many rows as were counted",
}


def _parts(population: Population) -> Iterator[Test]:
    """Each kind of part that could be missing, and the holes of it by name."""
    held = f"{len(population.windows)} windows, {len(population.rows)} rows of the period"
    for part, name in _PARTS.items():
        holes = [one for one in population.holes if one.part is part]
        told = "; ".join(f"{one.subject}: {one.detail}" for one in holes[:_SHOWN])
        more = f"; and {len(holes) - _SHOWN} more" if len(holes) > _SHOWN else ""
        yield Test(population.series, name, not holes, told + more if holes else held)
