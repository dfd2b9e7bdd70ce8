"""Which rule was in force when: the text, the parameters and the catalogue that each judgement went by. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.ledger import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.period.looks import Leaf
    from collector.period.span import Period


@dataclass(frozen=True, slots=True)
class Law:
    """What a control was judged by, over a stretch of judgements one after another."""

    place: int
    """Its place among the control's laws, from 0."""
    rule: str
    """SHA-256 of the rule's text, which is sealed under it."""
    parameters: Mapping[str, Any]
    catalogue: str | None
    """SHA-256 of the list of all rules and parameters of the run, sealed too; None from before it was kept."""
    since: datetime
    """The first judgement by it."""
    until: datetime
    """The last one."""
    first_leaf: int
    last_leaf: int
    judgements: int
    configuration: str | None
    """SHA-256 of the configuration of the first run that judged by it, which is sealed: who set what."""

    def same_as(self, other: Law) -> bool:
        """Whether both judge alike, whatever else changed in the catalogue."""
        return (self.rule, self.parameters) == (other.rule, other.parameters)


@dataclass(frozen=True, slots=True)
class Change:
    """From one law to the next."""

    at: datetime
    """The first judgement by the new one."""
    not_before: datetime
    """The last by the old one."""
    before: Law
    after: Law
    text: bool
    """Whether the text of the rule changed."""
    parameters: Mapping[str, tuple[Any, Any]]
    """Each parameter that changed, with its value before and after; None where it was not there."""
    approved_by: str | None
    """Who approved it, as the configuration of the run that first judged by it says; None where it says nothing."""


def laws_of(control: str, leaves: Iterable[Leaf]) -> list[Law]:
    """Every law that the control was judged by, in the order of the log."""
    found: list[Law] = []
    configurations: dict[str, str] = {}
    for index, body in leaves:
        if body["kind"] == "run":
            configurations[body["run"]] = body["configuration"]["sha256"]
        elif body["kind"] == "outcome" and body["control"] == control:
            catalogue = (body.get("catalogue") or {}).get("sha256")
            at, known = moment(body["assessed"]), (body["rule"]["sha256"], body["parameters"], catalogue)
            if found and (found[-1].rule, found[-1].parameters, found[-1].catalogue) == known:
                found[-1] = replace(found[-1], until=at, last_leaf=index, judgements=found[-1].judgements + 1)
            else:
                run = configurations.get(body["run"])
                found.append(Law(len(found), *known, at, at, index, index, judgements=1, configuration=run))
    return found


def law_at(laws: Sequence[Law], leaf: int) -> Law:
    """The one that an outcome leaf went by."""
    return next(law for law in laws if law.first_leaf <= leaf <= law.last_leaf)


def changes(control: str, laws: Sequence[Law], period: Period, content: Callable[[str], bytes]) -> list[Change]:
    """Each change of the rule or of a parameter that a judgement in the period was the first to go by."""
    return [
        Change(
            after.since,
            before.until,
            before,
            after,
            before.rule != after.rule,
            dict(_differing(before.parameters, after.parameters)),
            _approver(control, after, content),
        )
        for before, after in pairwise(laws)
        if not before.same_as(after) and after.since in period
    ]


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, (before.get(name), after.get(name))


def _approver(control: str, law: Law, content: Callable[[str], bytes]) -> str | None:
    """`[controls.ID] approved_by` of the configuration in force. What came with a release, the release answers for."""
    if law.configuration is None:
        return None
    said = canonical.decode(content(law.configuration).rstrip(b"\n"))
    found = said.get("controls", {}).get(control, {}).get("approved_by")
    return found if isinstance(found, str) else None
