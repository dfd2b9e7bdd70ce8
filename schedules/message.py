"""What a notification says of one run: its gaps, the slots that were missed, and the deviations that are new.

README, "Notifications", documents the payload. It is JSON, and bounded: of each list at most `MOST` are spelled out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.model import Verdict
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.archive.reader import Reader
    from collector.assess.judge import Assessment
    from schedules.passed import Passed

MOST = 50
VERSION = 1
Item = tuple[str | None, str | None, str]


def message(passed: Passed, reader: Reader) -> dict[str, Any] | None:
    """The payload of a run; None when there is nothing to tell. `reader` finds what was judged before."""
    finished = passed.finished
    if finished is None:
        return None
    gaps: list[dict[str, Any]] = [{"type": None, "unit": None, **_gap(gap)} for gap in finished.gaps] + [
        {"type": one.evidence_type, "unit": one.scope.unit_id, **_gap(gap)}
        for one in finished.snapshots
        for gap in one.gaps
    ]
    missed = [
        {"type": one.series.type, "unit": one.series.unit, "count": one.count, "cause": one.cause.value}
        | {"first": timestamp(one.first), "last": timestamp(one.last)}
        for one in finished.missed
    ]
    deviations = _new_deviations(finished.assessments, finished.run, reader)
    findings = [{"object": one.object, "problem": one.problem} for one in finished.findings]
    lists: dict[str, list[dict[str, Any]]] = {"gaps": gaps, "missed": missed}
    lists |= {"new_deviations": deviations, "findings": findings}
    if not any(lists.values()):
        return None
    return {
        "version": VERSION,
        "archive": passed.origin,
        "run": finished.run,
        "at": timestamp(passed.turn.at),
        "counts": {name: len(rows) for name, rows in lists.items()},
        **{name: rows[:MOST] for name, rows in lists.items()},
    }


def _gap(gap: Any) -> dict[str, str]:  # noqa: ANN401 - a model.Gap
    return {"cause": gap.cause.value, "subject": gap.subject, "detail": gap.detail}


def _new_deviations(assessments: Sequence[Assessment], run: str, reader: Reader) -> list[dict[str, Any]]:
    """Items that deviate now and did not when their control was judged the last time before, whoever did that."""
    deviating = {
        one.control.id: [item for item in one.outcomes if item.outcome is Verdict.DEVIATION] for one in assessments
    }
    deviating = {control: items for control, items in deviating.items() if items}
    before: dict[str, str] = {}
    if deviating:
        for leaf in reader.leaves():
            body = leaf.body
            if body["kind"] == "outcome" and body["control"] in deviating and body["run"] != run:
                before[body["control"]] = body["outcomes"]["sha256"]
    return [
        {"control": control, "item": one.item, "provider": one.provider, "unit": one.unit, "because": one.because}
        for control, items in deviating.items()
        for known in [_known(reader, before.get(control))]
        for one in items
        if (one.provider, one.unit, one.item) not in known
    ]


def _known(reader: Reader, outcomes: str | None) -> set[Item]:
    if outcomes is None:
        return set()
    rows = map(canonical.decode, reader.content(outcomes).splitlines())
    return {(row["provider"], row["unit"], row["item"]) for row in rows if row["outcome"] == Verdict.DEVIATION.value}
