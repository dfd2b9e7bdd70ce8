"""A control over the period: its judgements, its items with every outcome they had, and what each was in between.

An item's outcome may change as later evidence arrives. Every outcome stays; the last one in the period counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.errors import ArchiveError
from collector.model import Verdict
from collector.package import rule as rules
from collector.package.sealed import OutcomeLine, lines
from collector.period.engine import control_over
from collector.period.history import about
from collector.period.intervals import State
from collector.period.looks import Item as Place
from collector.period.sample import item_id
from collector.period.span import Period
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from collector.archive.reader import Leaf
    from collector.package.binder.log import Log, Version
    from collector.package.binder.span import Span
    from collector.package.rule import Rule
    from collector.package.sealed import OutcomeBody
    from collector.period.engine import ControlPeriod
    from collector.period.intervals import Interval


@dataclass(frozen=True, slots=True)
class Judgement:
    """One time the control was judged."""

    leaf: Leaf
    said: OutcomeBody
    rule: Rule
    inside: bool
    """Whether it was made in the period."""


@dataclass(slots=True)
class Told:
    """Judgements in a row that said the same of an item, under the same rule."""

    first: Judgement
    last: Judgement
    line: OutcomeLine
    """Of the last of them."""
    count: int = 1


@dataclass(slots=True)
class Item:
    """One item of the population."""

    place: Place
    row_id: str
    """The first 32 hex digits of SHA-256 over the canonical JSON `[control, provider, unit, item]`."""
    told: list[Told] = field(default_factory=list)
    """Every outcome it had, in order; the last one counts."""
    intervals: Sequence[Interval] = ()
    records: Sequence[Version] = ()
    """What the last judgement rests on."""

    @property
    def last(self) -> OutcomeLine:
        """The outcome that counts."""
        return self.told[-1].line

    @property
    def row_sha256(self) -> str:
        """Of the lines of its records, one after another, as `evidence/<row_id>/records.ndjson` holds them."""
        return canonical.digest(self.document)

    @property
    def document(self) -> bytes:
        """The lines of its records; nothing, where the rule names none: it is about what is not there."""
        return b"".join(one.line + b"\n" for one in self.records)

    @property
    def failed(self) -> bool:
        """Whether it was ever a deviation in the period."""
        return any(one.line.outcome is Verdict.DEVIATION for one in self.told) or any(
            one.state is State.DEVIATION for one in self.intervals
        )


@dataclass(frozen=True, slots=True)
class Tested:
    """One control."""

    id: str
    judgements: Sequence[Judgement]
    items: Sequence[Item]
    limits: Sequence[OutcomeLine]
    """What the last judgement could not judge at all: parts that nothing collected shows, scopes that are not whole."""
    out_of_scope: Sequence[OutcomeLine]
    """What the last judgement says of each unit that the scope register takes out."""
    over: ControlPeriod
    """What the period engine tells of it."""
    outside: int
    """How many items were judged in the period that are not of it: they happened before or after."""

    @property
    def last(self) -> Judgement:
        """The last judgement of the period."""
        return self.judgements[-1]

    @property
    def rule(self) -> Rule:
        """The rule in force at the end of the period."""
        return self.last.rule

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items have each outcome."""
        counted = Counter(item.last.outcome.value for item in self.items)
        return {verdict.value: counted[verdict.value] for verdict in Verdict}

    @property
    def used(self) -> Sequence[Judgement]:
        """The judgements by which items have the outcome that counts, in order."""
        wanted = {item.told[-1].last.leaf.index for item in self.items} or {self.last.leaf.index}
        return [one for one in self.judgements if one.leaf.index in wanted]

    @property
    def versions(self) -> Sequence[Judgement]:
        """The first judgement under each rule and set of parameters, in order."""
        found: dict[Any, Judgement] = {}
        for one in self.judgements:
            found.setdefault((one.said.rule.sha256, canonical.encode(one.said.parameters)), one)
        return list(found.values())


def tested(log: Log, control: str, period: Span) -> Tested | None:
    """The control over the period; None when it was not judged up to its end."""
    judged = list(_judgements(log, control, period))
    if not judged:
        return None
    over = _over(log, control, period)
    last = judged[-1].leaf.index
    inside = {last, *(one.leaf.index for one in judged if one.inside and not period.one_date)}
    items: dict[Place, Item] = {}
    limits: list[OutcomeLine] = []
    for one in judged:
        limits = []
        where = f"leaf {one.leaf.index}, control {control}"
        for line in lines(log.reader, one.said.outcomes, OutcomeLine, f"{where}: outcomes"):
            if line.seen is None:
                limits.append(line)
                continue
            place = Place(line.provider or "", line.unit or "", line.item)
            _tell(items.setdefault(place, Item(place, item_id(control, place))), one, line)
    deviating = {one.item for one in over.register.deviations}
    mine = {
        place: item for place, item in items.items() if item.told[-1].last.leaf.index in inside or place in deviating
    }
    outside = [place for place in mine if place not in over.items]
    for place in outside:
        del mine[place]
    for place, item in mine.items():
        item.intervals = over.items[place]
        item.told = _of_period(item.told, inside)
        item.records = tuple(_records(log, item))
    kept = inside | {told.last.leaf.index for item in mine.values() for told in item.told}
    judgements = [one for one in judged if one.leaf.index in kept]
    beyond = [line for line in limits if line.outcome is Verdict.NOT_APPLICABLE]
    limits = [line for line in limits if line.outcome is not Verdict.NOT_APPLICABLE]
    return Tested(control, judgements, [mine[place] for place in sorted(mine)], limits, beyond, over, len(outside))


def _of_period(told: list[Told], inside: Collection[int]) -> list[Told]:
    """Those that a judgement of the period said last; of an item that none judged, the last of all."""
    return [one for one in told if one.last.leaf.index in inside] or told[-1:]


def _judgements(log: Log, control: str, period: Span) -> Iterator[Judgement]:
    """All up to the end of the period."""
    known: dict[str, Rule] = {}
    until = [pair for pair in log.outcomes[control] if moment(pair[1].assessed) < period.end]
    for leaf, said in until:
        sha256 = said.rule.sha256
        if sha256 not in known:
            where = f"leaf {leaf.index}, control {control}"
            known[sha256] = rules.parse(log.reader.content(sha256), where)
            if known[sha256].id != control:
                raise ArchiveError(f"{where}: its rule is that of {known[sha256].id}")
        yield Judgement(leaf, said, known[sha256], moment(said.assessed) >= period.start)


def _tell(item: Item, one: Judgement, line: OutcomeLine) -> None:
    before = item.told[-1] if item.told else None
    if (
        before
        and before.last.inside == one.inside
        and before.line.outcome is line.outcome
        and before.line.seen is line.seen
        and before.last.said.rule == one.said.rule
    ):
        before.last, before.line, before.count = one, line, before.count + 1
    else:
        item.told.append(Told(one, one, line))


def _over(log: Log, control: str, period: Span) -> ControlPeriod:
    leaves = about(control, lambda: log.pairs)
    days = Period(period.start, period.end, period.zone, period.first, period.last)
    return control_over(control, leaves, log.reader.content, days, log.known_until, log.events)


def _records(log: Log, item: Item) -> Iterator[Version]:
    """The rows that the last judgement names, as the evidence it was made on holds them."""
    last = item.told[-1]
    provider, unit, _ = item.place
    leaves = sorted(
        last.last.said.evidence,
        key=lambda index: (log.evidence[index].provider, log.evidence[index].unit) != (provider, unit),
    )
    for row_id in last.line.rows:
        found = next((log.rows(index)[row_id] for index in leaves if row_id in log.rows(index)), None)
        if found is None:
            raise ArchiveError(
                f"leaf {last.last.leaf.index}, control {last.last.said.control}: the item {item.place[2]} stands on "
                f"row {row_id}, which no judged evidence has"
            )
        yield found


def evidence_of(judgements: Iterable[Judgement]) -> list[int]:
    """The evidence leaves that these were made on."""
    return sorted({index for one in judgements for index in one.said.evidence})
