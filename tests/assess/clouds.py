"""Judges what the connectors' own normalisers made of the doubles' answers, beside what people uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from collector.assess.completeness import Evidence
from collector.assess.controls import with_parameters
from collector.assess.judge import assess
from collector.seal import evidence_leaf
from tests.assess.sealed import CONTROLS, Sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.model import Snapshot
    from collector.records import Record

ESTATE = frozenset({"aws.org.accounts", "azure.subscriptions"})
"""Read once, where the whole organisation is known."""


class Gathered(Protocol):
    """One snapshot, and every byte that was kept."""

    @property
    def snapshot(self) -> Snapshot: ...
    @property
    def kept(self) -> Mapping[str, bytes]: ...


def told(
    control: str,
    found: Sequence[Gathered],
    uploaded: Mapping[str, Sequence[Record]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, tuple[str, str]]:
    """Each item's outcome and why; items of several scopes by one name must have one outcome."""
    rule = with_parameters([CONTROLS[control]], {control: parameters or {}})[0]
    sealed = Sealed()
    for evidence_type, records in (uploaded or {}).items():
        sealed.add(evidence_type, records)
    read = [one for one in found if one.snapshot.evidence_type in rule.evidence]
    assert read, "none of it is evidence of this control"
    contents = {**sealed.documents, **{digest: body for one in read for digest, body in one.kept.items()}}
    leaves = [*(one.body for one in sealed.evidence), *(evidence_leaf(one.snapshot, "run") for one in read)]
    evidence = [Evidence(index, leaf) for index, leaf in enumerate(leaves)]
    (assessment,) = assess([rule], evidence, contents.__getitem__, [], ESTATE)
    parts = {f"part: {one.part}" for one in rule.header.unseen}
    outcomes = [one for one in assessment.outcomes if one.item not in parts]
    assert "the rule itself" not in {one.item for one in outcomes}, outcomes
    return {one.item: (one.outcome.value, one.because) for one in outcomes}


def ending(outcomes: Mapping[str, tuple[str, str]], end: str) -> str:
    """The outcome of the one item whose name ends so."""
    (outcome,) = (outcome for item, (outcome, _) in outcomes.items() if item.endswith(end))
    return outcome
