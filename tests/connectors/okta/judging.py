"""Judges what was gathered by the product's own rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls
from collector.assess.judge import assess
from collector.seal import evidence_leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.assess.outcomes import Outcome
    from tests.connectors.okta.gathering import Gathered


def judged(found: Sequence[Gathered], control: str) -> dict[str, Outcome]:
    """The outcomes of a control by item, without the parts that no evidence can judge."""
    contents = {digest: body for one in found for digest, body in one.kept.items()}
    evidence = [Evidence(index, evidence_leaf(one.snapshot, "run")) for index, one in enumerate(found)]
    chosen = [one for one in load_controls() if one.id == control]
    (assessment,) = assess(chosen, evidence, contents.__getitem__, [], ())
    return {one.item: one for one in assessment.outcomes if not one.item.startswith("part: ")}


def having(outcomes: dict[str, Outcome], word: str) -> set[str]:
    """The items with an outcome."""
    return {item for item, one in outcomes.items() if one.outcome == word}
