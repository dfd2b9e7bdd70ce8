"""Judges what was gathered by the product's own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.assess.judge import assess
from collector.seal import evidence_leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.connectors.azure.gathering import Gathered


def judged(found: Sequence[Gathered], control: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Each item's outcome and why, by its subscription and name, without the parts that no evidence can judge."""
    chosen = with_parameters([one for one in load_controls() if one.id == control], {})
    found = [one for one in found if one.snapshot.evidence_type in chosen[0].evidence]
    contents = {digest: body for one in found for digest, body in one.kept.items()}
    evidence = [Evidence(index, evidence_leaf(one.snapshot, "run")) for index, one in enumerate(found)]
    (assessment,) = assess(chosen, evidence, contents.__getitem__, [], ())
    return {
        (one.unit or "", one.item): (one.outcome.value, one.because)
        for one in assessment.outcomes
        if not one.item.startswith("part: ")
    }


def items(found: dict[tuple[str, str], tuple[str, str]], outcome: str) -> set[str]:
    return {item for (_, item), (verdict, _) in found.items() if verdict == outcome}
