"""The cover's numbers: each a plain count of what the page lists, with the place where it lists it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.model import Verdict
from collector.package.judged import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.package.gathered import Gathered, SealedSnapshot
    from collector.package.judged import Judged


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `mark` is the shape that goes with its word."""

    label: str
    count: int
    anchor: str
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The table of totals, in its three parts."""

    wrong: tuple[Figure, ...]
    controls: tuple[Figure, ...]
    evidence: tuple[Figure, ...]


def count(gathered: Gathered, controls: Sequence[Judged], answers: int) -> Totals:
    """Count what the page lists; `answers` is how many distinct raw answers lie beside it."""
    return Totals(
        wrong=tuple(_wrong(gathered, controls)),
        controls=tuple(_controls(controls)),
        evidence=tuple(_evidence(gathered, answers)),
    )


def of_verdict(controls: Iterable[Judged], verdict: Verdict) -> int:
    """How many items of all controls have this outcome."""
    return sum(len(control.of(verdict)) for control in controls)


def _wrong(gathered: Gathered, controls: Sequence[Judged]) -> Iterable[Figure]:
    deviations = of_verdict(controls, Verdict.DEVIATION)
    untold = of_verdict(controls, Verdict.CANNOT_TELL)
    causes = Counter(one.gap.cause for snapshot in gathered.snapshots for one in snapshot.gaps)
    causes.update(gap.cause for gap in gathered.run.gaps)
    yield Figure("Deviations", deviations, "deviations", "items for which a control did not work", "deviation")
    yield Figure("Items that cannot be told", untold, "untold", "they count neither way", "cannot_tell")
    for reason, label in (
        (Reason.EVIDENCE, "of these over incomplete evidence"),
        (Reason.RULE, "of these by the rule's own word"),
        (Reason.PART, "of these parts that nothing collected can judge"),
    ):
        groups = [group for control in controls for group in control.untold if group.reason is reason]
        yield Figure(label, sum(len(group.items) for group in groups), f"untold-{reason}" if groups else "untold")
    unknown = sum(control.unknown for control in controls)
    yield Figure("Controls with no item seen, though there may be some", unknown, "untold", "", "cannot_tell")
    yield Figure("Gaps", causes.total(), "gaps", "things that could not be read", "gap")
    for cause in sorted(causes):
        yield Figure(f"of these {cause}", causes[cause], "gaps")
    apart = sum(len(snapshot.apart) for snapshot in gathered.snapshots)
    yield Figure("Control totals that do not tie", apart, "gaps", "the same number, counted in two ways", "gap")


def _controls(controls: Sequence[Judged]) -> Iterable[Figure]:
    yield Figure("Controls assessed", len(controls), "controls")
    yield Figure("Items", sum(len(control.items) for control in controls), "controls")
    for verdict, label in (
        (Verdict.PASS, "of these pass"),
        (Verdict.DEVIATION, "of these deviation"),
        (Verdict.NOT_APPLICABLE, "of these not applicable"),
        (Verdict.CANNOT_TELL, "of these cannot tell"),
    ):
        yield Figure(label, of_verdict(controls, verdict), "controls")
    empty = sum(control.proved_empty for control in controls)
    yield Figure("Controls whose population is proved empty", empty, "controls", "no item, over complete evidence")


def _evidence(gathered: Gathered, answers: int) -> Iterable[Figure]:
    snapshots = gathered.snapshots
    whole = sum(snapshot.said.complete for snapshot in snapshots)
    types, broken = _types(snapshots)
    yield Figure("Evidence types", len(types), "evidence")
    yield Figure("of these complete in every scope", len(types - broken), "evidence")
    yield Figure("of these incomplete in at least one", len(broken), "gaps")
    yield Figure("Snapshots", len(snapshots), "evidence", "one evidence type, one scope, one time")
    yield Figure("of these complete", whole, "evidence")
    yield Figure("of these incomplete", len(snapshots) - whole, "gaps")
    earlier = sum(snapshot.said.run != gathered.run.run for snapshot in snapshots)
    if earlier:
        yield Figure("of these from earlier runs", earlier, "evidence", "judged again in this one")
    yield Figure("Snapshots the run had to make", gathered.run.expected, "run")
    yield Figure("of these made and complete", gathered.run.collected, "run")
    yield Figure("Records", sum(len(snapshot.rows) for snapshot in snapshots), "evidence")
    asked = sum(len(snapshot.exchanges) for snapshot in snapshots)
    yield Figure("Exchanges", asked, "evidence", "a request and its answer; a shared one is listed with each snapshot")
    yield Figure("Raw answers kept", answers, "evidence", "distinct, one file each")


def _types(snapshots: Iterable[SealedSnapshot]) -> tuple[set[str], set[str]]:
    types, broken = set(), set()
    for snapshot in snapshots:
        types.add(snapshot.said.type)
        if not snapshot.said.complete:
            broken.add(snapshot.said.type)
    return types, broken
