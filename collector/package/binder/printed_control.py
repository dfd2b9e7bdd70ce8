"""What the PDF says of each control: its text, results, deviations, what could not be told, and the evidence."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any

from collector.model import Verdict
from collector.package.binder.printed import Table, cell, day, listed, many
from collector.package.binder.register import named
from collector.package.binder.section_controls import folder
from collector.package.binder.tested import evidence_of
from collector.package.page import plain, when
from collector.slots import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.register import Deviation
    from collector.package.binder.tested import Tested
    from collector.period.intervals import Look

_SHOWN = 2
_LABELS = (
    ("deviation", "Deviation"), ("cannot_tell", "Cannot tell"), ("pass", "Pass"), ("not_applicable", "Not applicable"),
)  # fmt: skip


def controls(binder: Binder) -> list[dict[str, Any]]:
    """Each control, in the order of the pages."""
    return [_control(binder, one) for one in binder.controls]


def _control(binder: Binder, one: Tested) -> dict[str, Any]:
    header, home = one.rule.header, folder(one.id)
    found = chain(
        _deviations(binder, one), _operations(one, home), _untold(one, home), _lacking(binder, one, home),
        _evidence(binder, one, home),
    )  # fmt: skip
    return {
        "id": one.id,
        "title": header.title,
        "criteria": ", ".join(header.criteria),
        "statement": header.statement,
        "counts": [(name, label, f"{one.counts[name]:,}") for name, label in _LABELS],
        "judged": _judged(binder, one),
        "meta": list(_meta(binder, one)),
        "tables": [asdict(table) for table in found],
        "decisions": list(header.decisions),
        "home": home,
    }


def _judged(binder: Binder, one: Tested) -> str:
    whole = binder.whole[one.id]
    said = (
        f"{many(len(one.items), 'item')} of the {'date' if binder.period.one_date else 'period'}, each by its last "
        f"outcome; judged {many(len(one.judgements), 'time')}, last at {when(one.last.said.assessed)}."
    )
    if one.outside:
        more = many(one.outside, "item")
        said += f" {more} more were judged that are not of the period: they happened before or after it."
    if one.items:
        return said
    if whole.complete and not one.limits:
        return (
            f"{said} The population is proved empty: all evidence is whole, and no item in it falls under this rule. "
            "That is no pass: there was nothing to judge."
        )
    return f"{said} No item was seen, and it cannot be told whether there are any."


def _meta(binder: Binder, one: Tested) -> Iterator[tuple[str, str]]:
    header, whole, register = one.rule.header, binder.whole[one.id], one.over.register
    words = f"{header.nature}, {header.frequency}; severity {header.severity}".replace("_", " ")
    yield "Nature, frequency", words
    yield "A deviation is", header.deviation_unit
    failed = len(whole.failed)
    tests = f"{many(len(whole.tests), 'test')}, {failed:,} of which {'does' if failed == 1 else 'do'} not hold"
    absent = f"; not collected at all: {', '.join(whole.absent)}" if whole.absent else ""
    yield "Population", f"{'complete' if whole.complete else 'INCOMPLETE'}: {tests}{absent}"
    found = len(binder.register.of(one))
    yield (
        "Deviations in period",
        f"{found:,}: {register.carried_in:,} carried in, {register.opened:,} opened, {register.closed:,} closed, "
        f"{register.open:,} open at the end"
        if found
        else "none was seen",
    )
    yield "Rule in force", "\n".join(_rules(one))


def _rules(one: Tested) -> Iterator[str]:
    for version in one.versions:
        given = "; ".join(f"{name} = {plain(value)}" for name, value in sorted(version.said.parameters.items()))
        yield (
            f"from {when(version.said.assessed)}: SHA-256 {version.said.rule.sha256[:16]}…"
            f"{f', {given}' if given else ''}"
        )


_DEVIATIONS = (
    ("No.", "count", 0.0), ("Item, scope", "text", 1.5), ("Began after,\nfirst seen", "text", 0.0),
    ("Last seen,\nover by", "text", 0.0), ("Hours, least,\nmost", "count", 0.0), ("Leaves", "text", 0.55),
    ("Because", "text", 2.1),
)  # fmt: skip
_CHANGES = (("First by the new", "text", 1.0), ("Last by the old", "text", 1.0), ("What changed", "text", 2.2),
            ("Approved by", "text", 1.4))  # fmt: skip
_INSTANCES = (("Instance", "text", 1.0), ("Days", "text", 1.4), ("State", "text", 0.8), ("Because", "text", 2.6))
_UNTOLD = (("Item", "text", 1.6), ("Scope", "text", 1.1), ("Because", "text", 2.4))
_TESTS = (("Evidence", "code", 1.3), ("Scope", "text", 1.0), ("Test", "text", 1.3), ("What is missing", "text", 2.4))
_EVIDENCE = (
    ("Evidence", "code", 1.5), ("Scope", "text", 1.2), ("Snapshots", "count", 0.0), ("Whole", "count", 0.0),
    ("Leaves", "text", 0.9), ("First collected", "text", 1.1), ("Last collected", "text", 1.1),
)  # fmt: skip


def _deviations(binder: Binder, one: Tested) -> Iterator[Table]:
    note = "Each may have begun and ended at any time within those given. Leaves: the first and last that show it."
    if rows := [_deviation(found) for found in binder.register.of(one)]:
        yield listed("Deviations", _DEVIATIONS, rows, "06-exceptions/deviations.csv", mark="deviation", note=note)


def _deviation(one: Deviation) -> tuple[object, ...]:
    found = one.found
    because = [found.cause, *([f"The company found: {found.found_cause}"] if found.found_cause else [])]
    if found.owner or found.response:
        because.append(f"{found.owner or 'No owner'}: {found.response or 'no response yet'}")
    if found.exceptions:
        because.append("Under an approved exception.")
    leaves = dict.fromkeys((_leaves(found.first), _leaves(found.last)))
    return (
        one.number, f"{one.item.place.item}\n{one.item.place.provider} {one.item.place.unit}",
        f"{day(found.opened_after) or 'not known'}\n{day(found.opened_by)}",
        f"{day(found.closed_after)}\n{day(found.closed_by) or 'open'}",
        f"{cell(one.least)}\n{'not known' if one.most is None else cell(one.most)}", " to ".join(leaves),
        "\n".join(because),
    )  # fmt: skip


def _leaves(look: Look) -> str:
    """The evidence of a look; the register has all of it."""
    more = len(look.leaves) - _SHOWN
    return f"{look.leaves[0]} and {more + _SHOWN - 1} more" if more > 0 else named(look)


def _operations(one: Tested, home: str) -> Iterator[Table]:
    """What the control is by now: changes of its rule, and the times at which the calendar expects it."""
    changed = [
        (
            day(change.at), day(change.not_before),
            "; ".join([
                *([f"its text, {change.before.rule[:12]}… to {change.after.rule[:12]}…"] if change.text else []),
                *(f"{name} from {plain(old)} to {plain(new)}" for name, (old, new) in change.parameters.items()),
            ]),
            change.approved_by or "not on record: it came with a release, or nobody is named",
        )
        for change in one.over.changes
    ]  # fmt: skip
    if changed:
        note = "What was judged by the old rule stays as it was judged."
        yield listed("Changes of the rule", _CHANGES, changed, f"{home}/judgements.csv", note=note)
    expected = [
        (f"{it.label}{' (cut by the period)' if it.partial else ''}", f"{it.first} to {it.last}",
         it.happened.value.replace("_", " "), it.because)
        for it in one.over.instances
    ]  # fmt: skip
    if expected:
        yield listed("Expected operations", _INSTANCES, expected, f"{home}/index.html")


def _untold(one: Tested, home: str) -> Iterator[Table]:
    limits = [
        (it.item, " ".join(filter(None, (it.provider, it.unit))) or "no single scope", it.because) for it in one.limits
    ]
    if limits:
        yield listed("What could not be judged", _UNTOLD, limits, f"{home}/judgements.csv", mark="cannot_tell")
    items = [
        (it.place.item, f"{it.place.provider} {it.place.unit}", it.last.because)
        for it in one.items
        if it.last.outcome is Verdict.CANNOT_TELL
    ]
    if items:
        yield listed("Items that cannot be told", _UNTOLD, items, f"{home}/results.csv", mark="cannot_tell")


def _lacking(binder: Binder, one: Tested, home: str) -> Iterator[Table]:
    whole, file = binder.whole[one.id], f"{home}/completeness.csv"
    rows = [(name, "", "it was collected at all", "nothing of it is sealed") for name in whole.absent]
    rows += [(it.series.type, f"{it.series.provider} {it.series.unit}", it.name, it.detail) for it in whole.failed]
    if rows:
        held = len(whole.tests) - len(whole.failed)
        do = "does" if held == 1 else "do"
        note = f"The tests of completeness that do not hold; {many(held, 'other')} {do}, and {file} lists them too."
        yield listed("What the population lacks", _TESTS, rows, file, mark="gap", note=note)


def _evidence(binder: Binder, one: Tested, home: str) -> Iterator[Table]:
    found: dict[Series, list[int]] = {}
    for leaf in evidence_of(one.used):
        said = binder.log.evidence[leaf]
        found.setdefault(Series(said.type, said.provider, said.unit), []).append(leaf)
    rows = [_snapshots(binder, series, leaves) for series, leaves in sorted(found.items())]
    file = f"{home}/snapshots.csv"
    note = f"The snapshots that the results rest on; {file} names each, {home}/requests.csv what was asked."
    yield listed("Evidence", _EVIDENCE, rows, file, note=note)


def _snapshots(binder: Binder, series: Series, leaves: Sequence[int]) -> tuple[object, ...]:
    read = [binder.log.evidence[leaf] for leaf in leaves]
    ended = sorted(one.ended for one in read)
    return (
        series.type, f"{series.provider} {series.unit}", len(leaves), sum(one.complete for one in read),
        " to ".join(map(str, dict.fromkeys((leaves[0], leaves[-1])))), when(ended[0])[:16], when(ended[-1])[:16],
    )  # fmt: skip
