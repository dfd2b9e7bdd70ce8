"""Runs every control's rule over the sealed evidence, and never lets what is missing look like what is right.

Pure over its inputs: the same snapshots, controls and parameters give the same outcomes, to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

from collector.assess import outcomes
from collector.assess.completeness import Completeness, Evidence, causes, named, provider_of
from collector.assess.outcomes import Outcome, out_of_scope
from collector.assess.provenance import Provenance
from collector.assess.tables import judges_units, loaded, named_in, text
from collector.excluded import is_register
from collector.model import Cause, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from collector.assess.completeness import Missing
    from collector.assess.controls import Control
    from collector.assess.header import Value
    from collector.assess.tables import Tables
    from collector.model import Gap

__all__ = ["Assessment", "Evidence", "assess", "set_variables"]

_ANSWER = ["provider", "scope_unit", "item", "outcome", "because", "rows"]


@dataclass(frozen=True, slots=True)
class Assessment:
    """One control, judged."""

    control: Control
    outcomes: tuple[Outcome, ...]
    leaves: tuple[int, ...]
    """The evidence leaves that were judged, by index; the scope register's among them, which says what counts."""

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The parameters in force."""
        return self.control.parameters

    @property
    def document(self) -> bytes:
        """The outcomes document: one canonical line for each item."""
        return outcomes.document(self.outcomes)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many items have each outcome."""
        return outcomes.counts(self.outcomes)

    @property
    def empty(self) -> bool:
        """Whether there was nothing to judge. That is not a pass: no item of this control was seen to be right."""
        return not self.outcomes


def assess(
    controls: Iterable[Control],
    evidence: Sequence[Evidence],
    content: Callable[[str], bytes],
    unreachable: Sequence[tuple[str, Gap]],
    estate: Collection[str],
) -> Iterator[Assessment]:
    """Judge each control by the parameters it carries, over `evidence`: the newest snapshot of each type and scope.

    `content` gives a sealed document by its SHA-256. `unreachable` are providers that could not even be started.
    `estate` are the evidence types read once for all scopes of a provider: what one lacks, every scope lacks.
    """
    controls = list(controls)
    register = {one.index for one in evidence if is_register((one.index, one.body), content)}
    with loaded(evidence, content, estate, named_in(one.query for one in controls)) as tables:
        tables.lock()
        out = {one.evidence.index: one.evidence.scope for one in tables.taken_out if one.whole}
        counted = [one for one in evidence if one.index not in out]
        completeness = Completeness(counted, content, tables.unreadable, estate, frozenset(out.values()))
        provenance = Provenance(evidence, content)
        for control in controls:
            leaves = tuple(sorted(register | {one.index for one in evidence if one.type in control.evidence}))
            units = judges_units(control.query)
            beyond = out_of_scope(tables.taken_out, control.evidence, units=units)
            judged = (*beyond, *_scopes(control, tables, completeness), *_out_of_reach(control, unreachable))
            told = sorted(map(provenance.told, judged), key=lambda one: one.place)
            yield Assessment(control, tuple(told), leaves)


def set_variables(parameters: Mapping[str, Value]) -> list[str]:
    """The statements that put parameters in force, as any DuckDB understands them."""
    return [f"SET VARIABLE {name} = {_literal(value)};" for name, value in sorted(parameters.items())]


class _DefectError(Exception):
    """The rule did not give an answer that can be used."""


def _scopes(control: Control, tables: Tables, completeness: Completeness) -> Iterator[Outcome]:
    providers = {provider_of(one) for one in control.evidence}
    everywhere = completeness.across(control)
    if everywhere:
        because = f"incomplete evidence, on which every item rests: {named(everywhere)}"
        yield _unknown("the whole of the control", (None, None), because)
    missing = {scope: completeness.of(control, scope) for scope in completeness.scopes if scope[0] in providers}
    if control.header.across:  # its items belong together, wherever they are: so does what it does not judge
        yield from (_part((None, None), one.part, one.needs) for one in control.header.unseen)
    # What only helps, such as the register of the agent's own, has no items of this control, nor parts of it.
    judged = {provider_of(one) for one in control.required}
    for scope, gaps in missing.items():
        if not control.header.across and scope[0] in judged and scope not in completeness.out:
            yield from (_part(scope, one.part, one.needs) for one in control.header.unseen)
        if gaps:
            yield _unknown(f"the whole of {scope[0]} {scope[1]}", scope, f"incomplete evidence: {named(gaps)}")
    for scope, stretch in completeness.lost(control):
        yield _unknown(f"lost: {stretch}", scope, "never read whole, and its source does not remember it any more")
    try:
        items = _answer(control, tables, missing)
    except (duckdb.Error, _DefectError) as error:
        yield _unknown("the rule itself", (None, None), f"{Cause.DEFECT}: the rule gave no usable answer: {error}")
        return
    for one in items:
        gaps = list(dict.fromkeys([*everywhere, *missing[one.provider or "", one.unit or ""]]))
        yield _clouded(one, causes(gaps)) if gaps else one


def _answer(control: Control, tables: Tables, missing: Mapping[tuple[str, str], Sequence[Missing]]) -> list[Outcome]:
    """What the rule itself says, checked. An item twice is a mistake of the rule, unless the source gave it twice."""
    tables.narrow(control.evidence, control.query)
    for statement in set_variables(control.parameters):
        tables.connection.execute(statement)
    try:
        answer = tables.connection.execute(control.query)
        names = [str(column[0]) for column in answer.description or ()]
        if names != _ANSWER:
            raise _DefectError(f"it must return {', '.join(_ANSWER)}, and returns {', '.join(names)}")
        rows = answer.fetchall()
    finally:
        for name in control.parameters:
            tables.connection.execute(f"RESET VARIABLE {name}")
    found: dict[tuple[str, str, str], Outcome] = {}
    for row in rows:
        one = _outcome(row)
        scope = (one.provider or "", one.unit or "")
        if scope not in missing:
            raise _DefectError(f"it judges {one.item!r} in {' '.join(scope)}, which is not among the scopes")
        if (twin := found.get(one.place)) is not None:
            if not missing[scope]:
                raise _DefectError(f"it judges {one.item!r} in {' '.join(scope)} more than once")
            one = _joined(twin, one)
        found[one.place] = one
    return list(found.values())


def _outcome(row: tuple[Any, ...]) -> Outcome:
    provider, unit, item, word, because, rows = row
    if not all(isinstance(one, str) and one for one in (provider, unit, item, because)):
        raise _DefectError(f"it leaves provider, scope_unit, item or because empty: {row!r}")
    if word not in list(Verdict):
        raise _DefectError(f"it says {word!r} of {item!r}, which is no outcome")
    if not isinstance(rows, list) or not all(isinstance(one, str) for one in rows):
        raise _DefectError(f"its rows for {item!r} are not a list of row_ids")
    verdict, used = Verdict(word), tuple(sorted(set(rows)))
    return Outcome(item=item, provider=provider, unit=unit, outcome=verdict, seen=verdict, because=because, rows=used)


def _joined(one: Outcome, other: Outcome) -> Outcome:
    """An item that came twice, which is one of the gaps of its scope: both accounts of it are kept."""
    return replace(
        one,
        seen=one.seen if one.seen == other.seen else Verdict.CANNOT_TELL,
        because=" / ".join(sorted({one.because, other.because})),
        rows=tuple(sorted({*one.rows, *other.rows})),
    )


def _clouded(one: Outcome, lacks: str) -> Outcome:
    """An item of a scope whose evidence is not whole: what was seen of it is kept, and decides nothing."""
    because = f"incomplete evidence ({lacks}); of what was read: {one.because}"
    return replace(one, outcome=Verdict.CANNOT_TELL, because=because)


def _part(scope: tuple[str | None, str | None], part: str, needs: Sequence[str]) -> Outcome:
    read = f"needs {', '.join(needs)}, which this rule does not read"
    return _unknown(f"part: {part}", scope, read if needs else "nothing that is collected tells it")


def _out_of_reach(control: Control, unreachable: Sequence[tuple[str, Gap]]) -> Iterator[Outcome]:
    """One item for each provider that the control relies on and that could not even be started."""
    gaps: dict[str, list[str]] = {}
    for provider, gap in unreachable:
        if provider in {provider_of(one) for one in control.evidence}:
            gaps.setdefault(provider, []).append(f"{gap.cause}: {gap.subject}: {gap.detail}")
    for provider, told in gaps.items():
        yield _unknown(f"the whole of {provider}", (provider, None), f"nothing could be read: {'; '.join(told)}")


def _unknown(item: str, scope: tuple[str | None, str | None], because: str) -> Outcome:
    provider, unit = scope
    return Outcome(item=item, provider=provider, unit=unit, outcome=Verdict.CANNOT_TELL, seen=None, because=because)


def _literal(value: Value) -> str:
    match value:
        case str():
            return text(value)
        case list():
            return f"[{', '.join(text(one) for one in value)}]::VARCHAR[]"
        case _:
            return str(value)
