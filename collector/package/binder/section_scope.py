"""02-scope: what is there against the register, what evidence was read from, what other organisations answer for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.package.binder import cells
from collector.package.binder.leaf_page import put_leaf
from collector.package.binder.render import page
from collector.package.binder.section_units import put_units
from collector.package.binder.subservice import subservices
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.subservice import Subservice

_SCOPES = ("provider", "scope", "name", "evidence_types", "snapshots", "first_collected", "last_collected", "callers")
_OTHERS = (
    "organisation", "read_here", "criterion", "expected_control", "own_controls_on_the_criterion", "report",
    "report_period_from", "report_period_to", "bridge_letter", "in_vendor_register",
)  # fmt: skip
_REPORTS = (
    "organisation", "report", "auditor", "period_from", "period_to", "bridge_letter", "exceptions_noted", "impact",
    "reviewed_at", "reviewer", "decision", "leaf", "row_id",
)  # fmt: skip
_LISTED = ("organisation", "report", "period_from", "period_to", "leaf", "row_id")
_DUTIES = (
    "organisation", "duty_of_its_users", "own_controls", "judged_in_the_period", "not_needed_because", "said_by",
    "leaf",
)  # fmt: skip


@dataclass(slots=True)
class Scope:
    """An account, organisation or tenant that evidence was read from."""

    provider: str
    unit: str
    name: str
    types: set[str]
    callers: set[str]
    snapshots: int
    first: str
    last: str


def put_scope(binder: Binder) -> None:
    """Write the scopes, the organisations and their page."""
    shelf, found, scopes = binder.shelf, subservices(binder), scopes_of(binder)
    cited = {one.leaf for other in found for one in other.reports}
    cited |= {one.leaf for other in found for one in other.duties if one.leaf is not None}
    cited |= {one.leaf for other in found for one in other.listed}
    for leaf in sorted(cited):
        put_leaf(binder, leaf)
    for leaf in sorted({other.registered.leaf for other in found if other.registered}):
        put_leaf(binder, leaf)
    rows = [
        (one.provider, one.unit, one.name, " ".join(sorted(one.types)), one.snapshots, one.first, one.last,
         " ".join(sorted(one.callers)))
        for one in scopes
    ]  # fmt: skip
    shelf.put("02-scope/scopes.csv", cells.document(_SCOPES, rows))
    shelf.put("02-scope/subservice-organisations.csv", cells.document(_OTHERS, _others(found)))
    duties = [
        (one.name, duty.duty, " ".join(duty.controls), " ".join(duty.judged), duty.not_needed,
         "the program's proposal" if duty.leaf is None else "the company", duty.leaf)
        for one in found for duty in one.duties
    ]  # fmt: skip
    shelf.put("02-scope/assurance-reports.csv", cells.document(_REPORTS, _reports(found)))
    listed = [
        (other.name, one.kind, one.period_start, one.period_end, one.leaf, one.row_id)
        for other in found for one in other.listed
    ]  # fmt: skip
    shelf.put("02-scope/reports-listed-by-providers.csv", cells.document(_LISTED, listed))
    shelf.put("02-scope/user-entity-controls.csv", cells.document(_DUTIES, duties))
    place = "02-scope/index.html"
    known = {"binder": binder, "scopes": scopes, "others": found, **put_units(binder)}
    shelf.put(place, lambda: page("binder/scope.html.j2", place, **known))


def scopes_of(binder: Binder) -> list[Scope]:
    """Every scope that evidence was read from up to the end of the period."""
    found: dict[tuple[str, str], Scope] = {}
    for said in binder.log.evidence.values():
        if moment(said.started) >= binder.period.end or moment(said.ended) < binder.period.start:
            continue
        one = found.setdefault(
            (said.provider, said.unit),
            Scope(said.provider, said.unit, said.unit_name, set(), set(), 0, said.started, said.ended),
        )
        one.types.add(said.type)
        one.callers.add(said.caller)
        one.snapshots, one.last, one.name = one.snapshots + 1, said.ended, said.unit_name or one.name
    return [found[place] for place in sorted(found)]


def _reports(found: Sequence[Subservice]) -> Iterator[tuple[object, ...]]:
    for other in found:
        for one in other.reports:
            yield (
                other.name, one.kind, one.auditor, one.period_start, one.period_end, one.bridge, one.exceptions,
                one.impact, one.reviewed_at, one.reviewer, one.decision, one.leaf, one.row_id,
            )  # fmt: skip


def _others(found: Sequence[Subservice]) -> Iterator[tuple[object, ...]]:
    for one in found:
        report = next((told for told in reversed(one.reports) if not told.bridge), None)
        for expected in one.expected:
            yield (
                one.name, " ".join(one.scopes), expected.criterion, expected.control, " ".join(expected.own),
                report.kind if report else "none on record", report.period_start if report else None,
                report.period_end if report else None, "on record" if one.bridged else "none on record",
                one.registered is not None,
            )  # fmt: skip
