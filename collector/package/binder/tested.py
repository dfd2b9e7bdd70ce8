"""A control over the period: its judgements, its items with every outcome they had, and what each was in between.

An item's outcome may change as later evidence arrives. Every outcome stays; the last one in the period counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.errors import ArchiveError
from collector.model import Verdict
from collector.package import rule as rules
from collector.package.sealed import OutcomeLine, lines
from collector.period.history import about, history
from collector.period.intervals import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from collector.archive.reader import Leaf
    from collector.package.binder.log import Log, Version
    from collector.package.binder.span import Span
    from collector.package.rule import Rule
    from collector.package.sealed import OutcomeBody
    from collector.period.intervals import Interval

Place = tuple[str, str, str]
"""Provider, unit, item."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One time the control was judged."""

    leaf: Leaf
    said: OutcomeBody
    rule: Rule


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


def identity(control: str, place: Place) -> str:
    """The row_id of an item: the same in every package."""
    return canonical.digest(canonical.encode([control, *place]))[:32]


def tested(log: Log, control: str, period: Span) -> Tested | None:
    """The control over the period; None when it was not judged up to its end."""
    judged = list(_judgements(log, control, period))
    if not judged:
        return None
    items: dict[Place, Item] = {}
    limits: list[OutcomeLine] = []
    for one in judged:
        limits = []
        where = f"leaf {one.leaf.index}, control {control}"
        for line in lines(log.reader, one.said.outcomes, OutcomeLine, f"{where}: outcomes"):
            if line.seen is None:
                limits.append(line)
                continue
            place = (line.provider or "", line.unit or "", line.item)
            _tell(items.setdefault(place, Item(place, identity(control, place))), one, line)
    stretches = _stretches(log, control, period)
    for place, item in items.items():
        item.intervals = stretches.get(place, ())
        item.records = tuple(_records(log, item))
    return Tested(control, judged, [items[place] for place in sorted(items)], limits)


def _judgements(log: Log, control: str, period: Span) -> Iterator[Judgement]:
    """Those in the period; without any, and for a view of one date, the last one before its end."""
    known: dict[str, Rule] = {}
    until = [pair for pair in log.outcomes[control] if datetime.fromisoformat(pair[1].assessed) < period.end]
    inside = [pair for pair in until if datetime.fromisoformat(pair[1].assessed) >= period.start]
    for leaf, said in until[-1:] if period.one_date or not inside else inside:
        sha256 = said.rule.sha256
        if sha256 not in known:
            where = f"leaf {leaf.index}, control {control}"
            known[sha256] = rules.parse(log.reader.content(sha256), where)
            if known[sha256].id != control:
                raise ArchiveError(f"{where}: its rule is that of {known[sha256].id}")
        yield Judgement(leaf, said, known[sha256])


def _tell(item: Item, one: Judgement, line: OutcomeLine) -> None:
    before = item.told[-1] if item.told else None
    if (
        before
        and before.line.outcome is line.outcome
        and before.line.seen is line.seen
        and before.last.said.rule == one.said.rule
    ):
        before.last, before.line, before.count = one, line, before.count + 1
    else:
        item.told.append(Told(one, one, line))


def _stretches(log: Log, control: str, period: Span) -> Mapping[Place, Sequence[Interval]]:
    leaves = about(control, lambda: ((leaf.index, leaf.body) for leaf in log.leaves))
    found = history(control, leaves, log.reader.content, period.start, period.end)
    return {(item.provider, item.unit, item.item): stretches for item, stretches in found.items()}


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
