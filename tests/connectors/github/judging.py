"""Judges what was gathered by the product's own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.assess.judge import assess
from collector.seal import evidence_leaf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.assess.outcomes import Outcome
    from tests.connectors.github.gathering import Gathered


def judged(
    found: Sequence[Gathered], *controls: str, parameters: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, list[Outcome]]:
    """The outcomes of each control, without the parts that no evidence can judge."""
    contents = {digest: body for one in found for digest, body in one.kept.items()}
    evidence = [Evidence(index, evidence_leaf(one.snapshot, "run")) for index, one in enumerate(found)]
    chosen = with_parameters([one for one in load_controls() if one.id in controls], dict(parameters or {}))
    return {
        one.control.id: [each for each in one.outcomes if not each.item.startswith("part: ")]
        for one in assess(chosen, evidence, contents.__getitem__, [], ())
    }


def deviating(outcomes: Sequence[Outcome]) -> set[str]:
    return {one.item for one in outcomes if one.outcome == "deviation"}
