"""What the log says of the schedule: which slots were due, who took them up, and how each was answered. Pure.

FORMAT.md, "Schedules and slots", has the rules; the stand-alone verifier applies the same ones.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from collector import cadence, windows
from collector.kept import Kept, keep, stands
from collector.slots import Entry, Missed, Series, State, moment, read_entries, read_missed, series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a slot: the leaf that says so, and for one that was not served, why."""

    leaf: int
    state: State
    run: str
    missed: Missed | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A schedule: it rules the slots after `at`, up to and with the `at` of the next one, which is never earlier."""

    leaf: int
    at: datetime
    entries: Mapping[Series, Entry]


@dataclass(frozen=True, slots=True)
class Claim:
    """A run took up every slot up to `at` that was neither answered nor held; others leave them alone until `until`."""

    leaf: int
    run: str
    at: datetime
    until: datetime


@dataclass(slots=True)
class Ledger:
    """The slots of an archive. Built by `read`; an answer that comes second is in `again` and changes nothing.

    `floor`: it was read from there on only, and says nothing of the slots before; None when it is whole.
    """

    floor: datetime | None = None
    rules: list[Rule] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)
    """Index of the leaf that ends a run, by the run."""
    served: dict[Series, dict[datetime, Answer]] = field(default_factory=dict)
    missed: dict[Series, list[tuple[Missed, Answer]]] = field(default_factory=dict)
    """In the order of their slots."""
    newest: dict[Series, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    """The last evidence leaf that answers a slot, with its index."""
    kept: Kept = field(default_factory=dict)
    """What stands without a slot."""
    reached: dict[Series, str] = field(default_factory=dict)
    """Up to where each population has been read whole, RFC 3339; see `windows.reached`."""
    told: dict[Series, int] = field(default_factory=dict)
    """Index of the leaf that says so."""
    again: list[tuple[Series, datetime, int]] = field(default_factory=list)

    @property
    def series(self) -> list[Series]:
        """Every series that any schedule has had, in order."""
        return sorted({series for rule in self.rules for series in rule.entries})

    def slots(self, series: Series, after: datetime, upto: datetime) -> Iterator[datetime]:
        """Every slot of a series that is later than `after` and not later than `upto`, in order."""
        ends = [rule.at for rule in self.rules[1:]] + [upto]
        for rule, end in zip(self.rules, ends, strict=True):
            if entry := rule.entries.get(series):
                yield from moments(entry.cadence, max(after, rule.at), min(upto, end))

    def answer(self, series: Series, slot: datetime) -> Answer | None:
        """What became of a slot; None as long as nothing did."""
        ranges = self.missed.get(series, [])
        at = bisect_right(ranges, slot, key=_first) - 1
        found = [answer for missed, answer in ranges[max(at, 0) : at + 1] if slot <= missed.last]
        if served := self.served.get(series, {}).get(slot):
            found.append(served)
        return min(found, key=lambda one: one.leaf, default=None)

    @property
    def settled(self) -> datetime | None:
        """Every slot up to here has its answer; None while there is no schedule."""
        if not self.rules:
            return None
        begin = self.floor or self.rules[0].at
        end = max((claim.at for claim in self.claims), default=begin)
        still_open = (
            next((slot for slot in self.slots(series, begin, end) if self.answer(series, slot) is None), None)
            for series in self.series
        )
        first = min((slot for slot in still_open if slot), default=None)
        return max([begin, *(claim.at for claim in self.claims if first is None or claim.at < first)])

    def unanswered(self, upto: datetime) -> Iterator[tuple[Series, datetime]]:
        """Every slot up to `upto` that nothing answers yet."""
        if (settled := self.settled) is not None:
            for series in self.series:
                for slot in self.slots(series, settled, upto):
                    if self.answer(series, slot) is None:
                        yield series, slot

    def holders(self, slot: datetime) -> list[Claim]:
        """Whose turn an unanswered slot was, one after another: the last one is it now. Empty: it is nobody's.

        The first claim on it has it, until that ran out or its run ended and another claim came.
        """
        turns: list[Claim] = []
        for claim in self.claims:
            if slot > claim.at:
                continue
            if not turns or turns[-1].until <= claim.at or self.ended.get(turns[-1].run, claim.leaf) < claim.leaf:
                turns.append(claim)
        return turns


def read(
    leaves: Iterable[tuple[int, Mapping[str, Any]]],
    content: Callable[[str], bytes],
    floor: datetime | None = None,
    known: Ledger | None = None,
) -> Ledger:
    """The ledger of a log, from each leaf's index and body; `content` gives a sealed document by its SHA-256.

    `floor`: see `Ledger`. `known`: of the leaves before these, to go on from. ValueError when a leaf or a
    document is not as FORMAT.md says.
    """
    ledger = known or Ledger(floor)
    for index, body in leaves:
        try:
            _take(ledger, index, body, content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"leaf {index} is not as its kind has to be: {error!r}") from error
    for ranges in ledger.missed.values():
        ranges.sort(key=_first)
    return ledger


@lru_cache(maxsize=64)
def moments(text: str, after: datetime, upto: datetime) -> tuple[datetime, ...]:
    """The slots of a cadence later than `after`, not later than `upto`; many series of a schedule share them."""
    return tuple(cadence.slots(cadence.parse(text), after + _TICK, upto + _TICK)) if after < upto else ()


def _take(ledger: Ledger, index: int, body: Mapping[str, Any], content: Callable[[str], bytes]) -> None:
    match body["kind"]:
        case "schedule":
            entries = list(read_entries(content(body["entries"]["sha256"])))
            for text in {entry.cadence for entry in entries}:
                cadence.parse(text)
            # Clocks can be set back; what was settled under one schedule is not reopened by the next.
            at = max([moment(body["at"]), *(rule.at for rule in ledger.rules), *(claim.at for claim in ledger.claims)])
            ledger.rules.append(Rule(index, at, {entry.series: entry for entry in entries}))
        case "claim":
            ledger.claims.append(Claim(index, body["run"], moment(body["at"]), moment(body["until"])))
        case "run":
            ledger.ended.setdefault(body["run"], index)
        case "evidence":
            _note(ledger, index, body)
            if body.get("slot") is not None:
                _serve(ledger, index, body)
            elif stands(body):
                keep(ledger.kept, series_of(body), index, body)
        case "missed":
            for one in read_missed(content(body["slots"]["sha256"])):
                answer = Answer(index, one.cause.state, body["run"], one)
                ledger.missed.setdefault(one.series, []).append((one, answer))


def _note(ledger: Ledger, index: int, body: Mapping[str, Any]) -> None:
    series = series_of(body)
    before = ledger.reached.get(series)
    reached = windows.reached(before, body)
    if reached and (reached != before or body.get("continues")):
        ledger.reached[series], ledger.told[series] = reached, index


def _serve(ledger: Ledger, index: int, body: Mapping[str, Any]) -> None:
    series, slot = series_of(body), moment(body["slot"])
    answers = ledger.served.setdefault(series, {})
    if slot in answers:
        ledger.again.append((series, slot, index))
        return
    state = State.of(complete=body["complete"], records=body["records"]["count"])
    answers[slot] = Answer(index, state, body["run"])
    ledger.newest[series] = (index, body)


def _first(stretch: tuple[Missed, Answer]) -> datetime:
    return stretch[0].first
