"""Every outcome that was ever sealed of an item. All of them stay; the last one counts. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.ledger import moment
from collector.period.intervals import State
from collector.period.laws import law_at
from collector.period.looks import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.period.laws import Law
    from collector.period.looks import Leaf


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome of an item, and each later judgement that said the same of it by the same rule."""

    state: State
    because: str
    rows: tuple[str, ...]
    """The row_ids that it rests on."""
    assessed: datetime
    """When it was said first."""
    leaf: int
    """The leaf that said it first."""
    evidence: tuple[int, ...]
    """The evidence leaves that this judgement cites."""
    law: int
    """Place of the rule in force among the control's laws."""
    last_assessed: datetime
    """When it was said last before something else was."""
    last_leaf: int
    times: int
    """How many judgements said so, one after another."""


def told_of(
    control: str, leaves: Iterable[Leaf], content: Callable[[str], bytes], laws: Sequence[Law]
) -> dict[Item, list[Told]]:
    """Every outcome of every item, oldest first; a judgement that leaves an item out says nothing of it."""
    found: dict[Item, list[Told]] = {}
    known: dict[str, list[tuple[Item, Mapping[str, Any]]]] = {}
    for index, body in leaves:
        if body["kind"] != "outcome" or body["control"] != control:
            continue
        sha256 = body["outcomes"]["sha256"]
        if sha256 not in known:
            known[sha256] = [*map(_line, content(sha256).splitlines())]
        law = law_at(laws, index).place
        for item, line in known[sha256]:
            _add(found.setdefault(item, []), index, body, line, law)
    return found


def _line(document: bytes) -> tuple[Item, Mapping[str, Any]]:
    line = canonical.decode(document)
    return Item(line["provider"] or "", line["unit"] or "", line["item"]), line


def _add(told: list[Told], index: int, body: Mapping[str, Any], line: Mapping[str, Any], law: int) -> None:
    at, rows = moment(body["assessed"]), tuple(line["rows"])
    said = (State(line["outcome"]), line["because"], rows, law)
    if told and (told[-1].state, told[-1].because, told[-1].rows, told[-1].law) == said:
        told[-1] = replace(told[-1], last_assessed=at, last_leaf=index, times=told[-1].times + 1)
    else:
        state, because, rows, law = said
        told.append(Told(state, because, rows, at, index, tuple(body["evidence"]), law, at, index, times=1))
