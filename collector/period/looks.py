"""Every look at every item of a control, from sealed outcomes and the evidence that they cite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from collector import canonical
from collector.kept import COLLECTION
from collector.period.intervals import Look, State
from collector.slots import Series, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Leaf = tuple[int, "Mapping[str, Any]"]


class Item(NamedTuple):
    """One item of a control."""

    provider: str
    unit: str
    item: str


@dataclass(slots=True)
class Seen:
    """What is known of one item."""

    looks: list[Look] = field(default_factory=list)
    series: set[Series] = field(default_factory=set)
    """The evidence that it was found in; for one without rows, all that it may have been judged on."""
    rows: bool = False
    """Whether any row was ever named for it."""
    event: bool = False
    """Whether it is of a population over time: judged once, and without a state that lasts."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One judgement of the control."""

    index: int
    rule: str
    cited: Mapping[int, Mapping[str, Any]]
    """The evidence that was judged."""
    scopes: Mapping[tuple[str, str], Mapping[int, Mapping[str, Any]]]
    """The same by provider and unit; under an empty unit, all of a provider."""
    said: Mapping[Item, Mapping[str, Any]]

    def around(self, item: Item) -> Mapping[int, Mapping[str, Any]]:
        """The evidence of the item's own scope; of its provider, or all there was, where that has none."""
        scope = self.scopes.get((item.provider, item.unit)) or self.scopes.get((item.provider, ""))
        return scope or self.cited


def looks(control: str, leaves: Iterable[Leaf], content: Callable[[str], bytes]) -> dict[Item, Seen]:
    """Every item that any outcome of this control names, with the looks at it in the order of the log.

    `leaves` are index and body of all leaves, in the order of the log. A run that judges evidence of an earlier one
    again, because nothing newer was due, has not looked again.
    """
    evidence: dict[int, Mapping[str, Any]] = {}
    known: dict[str, Mapping[Item, Mapping[str, Any]]] = {}
    rounds: list[_Round] = []
    for index, body in leaves:
        if body["kind"] == "evidence":
            evidence[index] = body
        elif body["kind"] == "outcome" and body["control"] == control:
            sha256 = body["outcomes"]["sha256"]
            if sha256 not in known:
                known[sha256] = _lines(content(sha256))
            cited = {one: evidence[one] for one in body["evidence"]}
            rounds.append(_Round(index, body["rule"]["sha256"], cited, _by_scope(cited), known[sha256]))
    rows = _Rows(content)
    items = {item for said in known.values() for item in said}
    return {item: _seen(item, rounds, rows) for item in sorted(items)}


def _lines(document: bytes) -> Mapping[Item, Mapping[str, Any]]:
    lines = (canonical.decode(line) for line in document.splitlines())
    return {Item(line["provider"] or "", line["unit"] or "", line["item"]): line for line in lines}


def _by_scope(cited: Mapping[int, Mapping[str, Any]]) -> Mapping[tuple[str, str], Mapping[int, Mapping[str, Any]]]:
    found: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = {}
    for index, body in cited.items():
        for unit in (body["unit"], ""):
            found.setdefault((body["provider"], unit), {})[index] = body
    return found


def _seen(item: Item, rounds: Sequence[_Round], rows: _Rows) -> Seen:
    """Every round, from the first of the archive: an item that joined late is known not to have been there before."""
    seen, held = Seen(), [_holding(item, one, rows) for one in rounds]
    seen.rows = any(held)
    for one, holding in zip(rounds, held, strict=True):
        if item in one.said or seen.rows:
            found = holding if seen.rows else one.around(item)
            seen.series |= {_series(leaf) for leaf in found.values()}
        seen.event = seen.event or any(leaf["type_kind"] == "population" for leaf in holding.values())
    for one, holding in zip(rounds, held, strict=True):
        if item in one.said:
            _told(seen, item, one, holding)
        elif not seen.event:
            _left_out(seen, item, one)
    return seen


def _holding(item: Item, one: _Round, rows: _Rows) -> dict[int, Mapping[str, Any]]:
    """The evidence that holds the rows by which the item was judged: mostly that of its own scope."""
    wanted = set(one.said[item]["rows"]) if item in one.said else set()
    found: dict[int, Mapping[str, Any]] = {}
    for evidence in (one.around(item), one.cited):
        if not wanted:
            break
        for index, body in evidence.items():
            if held := wanted & rows.of(body):
                found[index] = body
                wanted -= held
    return found


def _told(seen: Seen, item: Item, one: _Round, holding: Mapping[int, Mapping[str, Any]]) -> None:
    state, because = State(one.said[item]["outcome"]), one.said[item]["because"]
    if state is State.CANNOT_TELL or not holding:
        holding = {**one.around(item), **holding}  # what is missing may be in any of them
    _look(seen, one, holding, state, because)


def _left_out(seen: Seen, item: Item, one: _Round) -> None:
    """An item that the judgement does not name: it was not there, if the evidence of its scope was whole.

    But for a series of which no slot was due at the time: what a run tells of its own slots tells nothing of others.
    """
    if {series.type for series in seen.series} == {COLLECTION}:
        return
    around = one.around(item)
    own = {leaf: body for leaf, body in around.items() if _series(body) in seen.series}
    if whole := one.said.get(Item(item.provider, item.unit, f"the whole of {item.provider} {item.unit}")):
        _look(seen, one, around, State.CANNOT_TELL, whole["because"])
    else:
        _look(seen, one, own, State.ABSENT, "It is not in the evidence, which is whole.")


class _Rows:
    """Which rows a snapshot holds. Most snapshots are like the one before, and are read once."""

    def __init__(self, content: Callable[[str], bytes]) -> None:
        self._content = content
        self._known: dict[str, frozenset[str]] = {}

    def of(self, body: Mapping[str, Any]) -> frozenset[str]:
        """The row_ids of an evidence leaf."""
        sha256 = body["records"]["sha256"]
        if sha256 not in self._known:
            lines = self._content(sha256).splitlines()
            self._known[sha256] = frozenset(canonical.decode(line)["row_id"] for line in lines)
        return self._known[sha256]


def _look(seen: Seen, one: _Round, leaves: Mapping[int, Mapping[str, Any]], state: State, why: str) -> None:
    if not leaves:
        return
    if seen.looks and max(leaves) <= max(seen.looks[-1].leaves) and not (seen.event and state != seen.looks[-1].state):
        return  # the same evidence as before, judged again; of what has happened, something else said of it counts
    known = set(seen.looks[-1].leaves) if seen.looks else set()
    begin = min(moment(leaf["started"]) for leaf in leaves.values())
    renewed = min((moment(leaf["started"]) for index, leaf in leaves.items() if index not in known), default=begin)
    end = max(moment(leaf["ended"]) for leaf in leaves.values())
    seen.looks.append(Look(begin, end, state, why, tuple(sorted(leaves)), one.index, one.rule, renewed))


def _series(body: Mapping[str, Any]) -> Series:
    return Series(body["type"], body["provider"], body["unit"])
