"""03-controls: for each control its page, its population and results, what they rest on, and the rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector import canonical
from collector.package.binder import cells, tables
from collector.package.binder.item_page import put_item
from collector.package.binder.leaf_page import put_leaf
from collector.package.binder.register import named
from collector.package.binder.render import page
from collector.package.binder.samples import put_samples
from collector.package.binder.tested import evidence_of
from collector.package.binder.timeline import timeline
from collector.period.intervals import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.register import Deviation
    from collector.package.binder.tested import Item, Tested

POPULATION = (
    "row_id", "row_sha256", "provider", "scope", "item", "first_judged", "last_judged", "judgements", "records",
    "tables", "evidence_leaves", "leaf_hashes", "objects", "origins", "evidence",
)  # fmt: skip
RESULTS = (
    "row_id", "row_sha256", "provider", "scope", "item", "outcome", "seen", "because", "judged_in", "assessed",
    "rule_sha256", "parameters", "outcomes_before", "deviation_in_period", "evidence",
)  # fmt: skip
_INTERVALS = (
    "row_id", "provider", "scope", "item", "state", "because", "seen_from", "seen_to", "not_before", "not_after",
    "least_hours", "most_hours", "looks", "evidence_before", "first_evidence", "last_evidence", "evidence_after",
)  # fmt: skip
_HISTORY = (
    "row_id", "provider", "scope", "item", "outcome", "seen", "because", "first_assessed", "last_assessed",
    "judgements", "first_leaf", "last_leaf", "rule_sha256",
)  # fmt: skip
_HOUR = timedelta(hours=1)


def folder(control: str) -> str:
    """Where a control's files are."""
    return f"03-controls/{control}"


def put_controls(binder: Binder) -> None:
    """Write every control's folder, and the list of them."""
    place = "03-controls/index.html"
    for control in binder.controls:
        _put(binder, control)
    binder.shelf.put(place, lambda: page("binder/controls.html.j2", place, binder=binder))


def _put(binder: Binder, control: Tested) -> None:
    home, shelf, held = folder(control.id), binder.shelf, binder.whole[control.id]
    deviations = binder.register.of(control)
    for leaf in _leaves(control, deviations):
        put_leaf(binder, leaf)
    for item in control.items:
        put_item(binder, control, item)
    rules = tables.put(binder, control, home)
    samples = put_samples(binder, control, home)
    shelf.put(f"{home}/population.csv", lambda: cells.document(POPULATION, _population(binder, control)))
    shelf.put(f"{home}/results.csv", lambda: cells.document(RESULTS, results(control)))
    shelf.put(f"{home}/outcomes.csv", lambda: cells.document(_HISTORY, _history(control)))
    shelf.put(f"{home}/intervals.csv", lambda: cells.document(_INTERVALS, _intervals(control)))
    shelf.put(f"{home}/requests.csv", lambda: cells.document(_REQUESTS, _requests(binder, control)))
    totals = [(one.leaf, *one.series, one.name, one.expected, one.found, one.ties) for one in held.totals]
    shelf.put(f"{home}/totals.csv", cells.document(_TOTALS, totals))
    tests = [(*one.series, one.name, "holds" if one.holds else "INCOMPLETE", one.detail) for one in held.tests]
    tests += [
        (name, "", "", "it was collected at all", "INCOMPLETE", "nothing of it is sealed") for name in held.absent
    ]
    shelf.put(f"{home}/completeness.csv", cells.document(_TESTS, tests))
    stretches = [
        (*series, one.span.start, one.span.end, one.reading.value, one.leaf, one.collected)
        for series, one in held.windows
    ]
    shelf.put(f"{home}/windows.csv", cells.document(_WINDOWS, stretches))
    known = {
        "binder": binder, "control": control, "whole": held, "deviations": deviations, "rules": rules,
        "samples": samples, "home": home, "timeline": timeline(deviations, binder.period),
    }  # fmt: skip
    shelf.put(f"{home}/index.html", lambda: page("binder/control.html.j2", f"{home}/index.html", **known))
    place = f"{home}/population.html"
    shelf.put(place, lambda: page("binder/population.html.j2", place, rows=_shown(control), **known))


def _leaves(control: Tested, deviations: Sequence[Deviation]) -> list[int]:
    """The evidence leaves that the control's files name."""
    found = set(evidence_of(control.used))
    for item in control.items:
        for one in item.intervals:
            for look in (one.before, one.first, one.last, one.after):
                found.update(look.leaves if look and one.state is not State.NOT_LOOKED else ())
    for deviation in deviations:
        for look in (deviation.found.before, deviation.found.first, deviation.found.last, deviation.found.after):
            found.update(look.leaves if look else ())
    return sorted(found)


def _population(binder: Binder, control: Tested) -> Iterator[tuple[object, ...]]:
    for item in control.items:
        leaves = sorted({one.leaf for one in item.records})
        said = [log_exchange(binder, one.leaf, origin) for one in item.records for origin in one.row["origins"]]
        yield (
            item.row_id,
            item.row_sha256,
            *item.place,
            item.told[0].first.said.assessed,
            item.told[-1].last.said.assessed,
            sum(one.count for one in item.told),
            " ".join(one.row_id for one in item.records),
            " ".join(sorted({str(one.row["table"]) for one in item.records})),
            " ".join(map(str, leaves)),
            " ".join(binder.log.leaves[leaf].hash for leaf in leaves),
            " ".join(sorted({binder.answers.located(body) for body, _ in said})),
            " ".join(dict.fromkeys(f"{body}#{path.replace(' ', '%20')}" for body, path in said)),
            f"evidence/{item.row_id}/index.html",
        )


def log_exchange(binder: Binder, leaf: int, origin: tuple[str, int, str]) -> tuple[str, str]:
    """The raw answer's digest, and the place inside it."""
    request, number, path = origin
    return binder.log.exchanges(leaf)[request, number].body or "", path


def results(control: Tested) -> Iterator[tuple[object, ...]]:
    """The line of each item, under the head RESULTS."""
    for item in control.items:
        last, line = item.told[-1].last, item.last
        yield (
            item.row_id,
            item.row_sha256,
            *item.place,
            line.outcome.value,
            line.seen.value if line.seen else None,
            line.because,
            last.leaf.index,
            last.said.assessed,
            last.said.rule.sha256,
            canonical.encode(last.said.parameters).decode(),
            " ".join(one.line.outcome.value for one in item.told[:-1]),
            item.failed,
            f"evidence/{item.row_id}/index.html",
        )


def _history(control: Tested) -> Iterator[tuple[object, ...]]:
    for item in control.items:
        for one in item.told:
            yield (
                item.row_id, *item.place, one.line.outcome.value, one.line.seen.value if one.line.seen else None,
                one.line.because, one.first.said.assessed, one.last.said.assessed, one.count, one.first.leaf.index,
                one.last.leaf.index, one.last.said.rule.sha256,
            )  # fmt: skip


def _intervals(control: Tested) -> Iterator[tuple[object, ...]]:
    for item in control.items:
        for one in item.intervals:
            yield (
                item.row_id, *item.place, one.state.value, one.because, one.seen_from, one.seen_to, one.not_before,
                one.not_after, f"{one.least / _HOUR:.1f}", f"{one.most / _HOUR:.1f}", one.looks,
                *(named(look) for look in (one.before, one.first, one.last, one.after)),
            )  # fmt: skip


_REQUESTS = (
    "leaf", "evidence_type", "provider", "scope", "operation", "place", "parameters", "page", "as", "asked", "answered",
    "attempts", "status", "error", "request_id", "server_date", "answer_sha256", "object",
)  # fmt: skip
_TOTALS = ("leaf", "evidence_type", "provider", "scope", "total", "expected", "found", "ties")
_TESTS = ("evidence_type", "provider", "scope", "test", "state", "detail")
_WINDOWS = ("evidence_type", "provider", "scope", "from", "to", "reading", "leaf", "collected")


def _requests(binder: Binder, control: Tested) -> Iterator[tuple[object, ...]]:
    """Of the evidence that the results rest on: each request with its parameters, and its answer."""
    for leaf in evidence_of(control.used):
        said = binder.log.evidence[leaf]
        for one in binder.log.exchanges(leaf).values():
            yield (
                leaf, said.type, said.provider, said.unit, one.operation, one.place,
                canonical.encode(one.parameters).decode(), one.page, one.caller, one.started_at, one.ended_at,
                one.attempts, one.status, one.error, one.request_id, one.server_date, one.body,
                binder.answers.located(one.body) if one.body else None,
            )  # fmt: skip


def _shown(control: Tested) -> list[tuple[object, ...]]:
    return [_row(item) for item in control.items]


def _row(item: Item) -> tuple[object, ...]:
    provider, unit, name = item.place
    before = list(dict.fromkeys(one.line.outcome.value for one in item.told[:-1]))
    return item.row_id, name, f"{provider} {unit}", item.last.outcome.value, item.last.because, " ".join(before)
