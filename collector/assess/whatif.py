"""Judges sealed snapshots once more, by one rule up to the end of a period. Nothing of it is sealed. Pure.

What comes out are the same leaves, with the control's outcomes replaced; so all that is worked out from leaves (the
register, the intervals) is worked out of these in the same way. What was judged before the period is judged again too:
only so is what it would have carried in told apart from what would have opened in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.assess.completeness import Evidence
from collector.assess.judge import assess
from collector.model import Cause, Gap
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.assess.controls import Control

Leaf = tuple[int, "Mapping[str, Any]"]


def replaced(
    control: Control,
    leaves: Sequence[Leaf],
    content: Callable[[str], bytes],
    end: datetime,
    estate: Collection[str],
) -> tuple[list[Leaf], dict[str, bytes]]:
    """The leaves of a log with every judgement of the control up to `end` made by this rule instead.

    Later judgements are left out, since they were made by others. With the leaves come the documents they cite.
    Each judgement is of the very evidence that the sealed one was of. `estate`: see `assess`.
    """
    documents: dict[str, bytes] = {}

    def cited(document: bytes) -> dict[str, Any]:
        digest = canonical.digest(document)
        documents[digest] = document
        return {"sha256": digest, "count": document.count(b"\n")}

    rule = cited(control.text.encode())
    made: list[Leaf] = []
    runs = _Runs(leaves)
    for index, body in leaves:
        if body["kind"] != "outcome" or body["control"] != control.id:
            made.append((index, body))
        elif moment(body["assessed"]) < end:
            (judged,) = assess([control], runs.evidence(body), content, runs.unreachable(body), estate)
            said = {"rule": rule, "parameters": dict(control.parameters), "outcomes": cited(judged.document)}
            made.append((index, {**body, **said, "counts": {}, "catalogue": None}))
    return made, documents


class _Runs:
    """What each run had before it when it judged."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._evidence = {index: body for index, body in leaves if body["kind"] == "evidence"}
        self._of: dict[str, list[int]] = {}
        for index, body in self._evidence.items():
            self._of.setdefault(body["run"], []).append(index)
        self._ends = {body["run"]: body for _, body in leaves if body["kind"] == "run"}

    def evidence(self, outcome: Mapping[str, Any]) -> list[Evidence]:
        """All that the run read, which says what scopes there are, and what it judged along of earlier runs."""
        run = outcome["run"]
        names = [run, *self._ends.get(run, {}).get("shards", ())]
        indices = {*(index for name in names for index in self._of.get(name, ())), *outcome["evidence"]}
        return [Evidence(index, self._evidence[index]) for index in sorted(indices)]

    def unreachable(self, outcome: Mapping[str, Any]) -> list[tuple[str, Gap]]:
        """The providers that could not even be started."""
        return list(_broken(self._ends.get(outcome["run"], {}).get("gaps", ())))


def _broken(gaps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Gap]]:
    for gap in gaps:
        yield gap["subject"].removeprefix("connector "), Gap(**{**gap, "cause": Cause(gap["cause"])})
