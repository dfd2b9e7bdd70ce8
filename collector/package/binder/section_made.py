"""01-how-made: how the lists are produced, by which releases, under which configuration, as whom, by which clock."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from collector.package.binder import cells, tables
from collector.package.binder.render import page
from collector.package.sealed import RunBody, body
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder

_RUNS = (
    "run", "leaf", "mode", "started", "ended", "outcome", "expected", "complete", "gaps", "collector", "code_sha256",
    "configuration_sha256",
)  # fmt: skip
_CALLERS = ("provider", "scope", "as", "operations", "first_asked", "last_asked")
_TYPES = ("evidence_type", "title", "kind", "snapshots", "complete", "operations", "parameters")


@dataclass(frozen=True, slots=True)
class Release:
    """Runs in a row by the same program under the same configuration."""

    collector: str
    code: str
    configuration: str
    place: str
    """Of the configuration, in the package."""
    first: str
    last: str
    runs: int


def put_made(binder: Binder) -> None:
    """Write the runs, releases, callers and evidence types, and their page."""
    shelf = binder.shelf
    runs = [(leaf, said) for leaf, said in _runs(binder) if moment(said.ended) >= binder.period.start]
    runs = [(leaf, said) for leaf, said in runs if moment(said.started) < binder.period.end]
    releases = list(_releases(binder, [said for _, said in runs]))
    rows = [
        (said.run, leaf, said.mode, said.started, said.ended, said.outcome, said.expected, said.collected,
         len(said.gaps), said.collector, said.code, said.configuration.sha256)
        for leaf, said in runs
    ]  # fmt: skip
    shelf.put("01-how-made/runs.csv", cells.document(_RUNS, rows))
    asked = Asked(binder)
    shelf.put("01-how-made/callers.csv", cells.document(_CALLERS, asked.callers))
    shelf.put("01-how-made/evidence-types.csv", cells.document(_TYPES, asked.types))
    shelf.put("01-how-made/schema.csv", tables.schema())
    beyond = [
        (said.run, said.started, provider, ahead, said.clock.limit)
        for _, said in runs
        if said.clock
        for provider, ahead in sorted(said.clock.ahead.items())
        if abs(ahead) > said.clock.limit
    ]
    shelf.put("01-how-made/clock.csv", cells.document(("run", "started", "provider", "ahead_seconds", "limit"), beyond))
    place = "01-how-made/index.html"
    outcomes = Counter(said.outcome for _, said in runs)
    known = {
        "binder": binder,
        "releases": releases,
        "asked": asked,
        "beyond": beyond,
        "outcomes": outcomes,
        "runs": runs,
    }
    shelf.put(place, lambda: page("binder/made.html.j2", place, **known))


def _runs(binder: Binder) -> Iterator[tuple[int, RunBody]]:
    for leaf in binder.log.runs.values():
        yield leaf.index, body(leaf, RunBody)


def _releases(binder: Binder, runs: Sequence[RunBody]) -> Iterator[Release]:
    for (collector, code, sha256), group in groupby(
        runs, key=lambda one: (one.collector, one.code, one.configuration.sha256)
    ):
        found = list(group)
        place = binder.answers.document(sha256, "json")
        yield Release(collector, code, sha256, place, found[0].started, found[-1].ended, len(found))


class Asked:
    """What was asked of each source, as whom, over the snapshots that the package's results rest on."""

    def __init__(self, binder: Binder) -> None:
        leaves = sorted({index for control in binder.controls for one in control.used for index in one.said.evidence})
        callers: dict[tuple[str, str, str], tuple[set[str], str, str]] = {}
        operations: dict[str, dict[str, set[str]]] = {}
        for leaf in leaves:
            said = binder.log.evidence[leaf]
            for one in binder.log.exchanges(leaf).values():
                place = (said.provider, said.unit, one.caller)
                names, first, last = callers.get(place, (set(), one.started_at, one.started_at))
                names.add(one.operation)
                callers[place] = (names, min(first, one.started_at), max(last, one.started_at))
                operations.setdefault(said.type, {}).setdefault(one.operation, set()).update(one.parameters)
        self.callers = [
            (*place, " ".join(sorted(names)), first, last) for place, (names, first, last) in sorted(callers.items())
        ]
        self.types = [self._type(binder, name, operations.get(name, {})) for name in sorted(_types(binder))]

    @staticmethod
    def _type(binder: Binder, name: str, asked: dict[str, set[str]]) -> tuple[object, ...]:
        mine = [
            said
            for said in binder.log.evidence.values()
            if said.type == name and moment(said.started) < binder.period.end
        ]
        about = binder.facts.descriptions.get(name)
        parameters = sorted({one for found in asked.values() for one in found})
        return (
            name, about.title if about else "", mine[-1].type_kind, len(mine), sum(one.complete for one in mine),
            " ".join(sorted(asked)), " ".join(parameters),
        )  # fmt: skip


def _types(binder: Binder) -> set[str]:
    return {said.type for said in binder.log.evidence.values() if moment(said.started) < binder.period.end}
