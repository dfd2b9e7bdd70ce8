"""What is not the company's to show: organisations it builds on, under the carve-out method.

Criteria that their controls meet, the report each gave and its period, and what each leaves to its users. The report,
bridge letter and register come from uploaded records; where one is missing, that is said.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.log import Version

_REPORTS = ("records.vendor_reviews", "aws.artifact.reports")
_REGISTER = "records.vendor_register"
_DOCUMENTS = "records.vendor_contracts"


@dataclass(frozen=True, slots=True)
class Expected:
    """A control that the organisation is expected to have, and the criterion that it meets."""

    criterion: str
    control: str
    own: Sequence[str]
    """Controls of the company that bear on the same criterion."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What the organisation leaves to its users, and the company's controls that answer for it."""

    duty: str
    controls: Sequence[str]
    judged: Sequence[str]
    """Those of them that were judged in the period."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was uploaded of the organisation's own report, with the leaf that holds it."""

    leaf: int
    row_id: str
    kind: str | None
    period_start: str | None
    period_end: str | None
    reviewed_at: str | None
    reviewer: str | None
    exceptions: str | None
    decision: str | None
    days_open: int | None
    """From the end of the report's period to the end of this one; None where the report does not say its end."""
    bridge: bool


@dataclass(frozen=True, slots=True)
class Subservice:
    """One organisation."""

    kind: str
    name: str
    scopes: Sequence[str]
    """What of it evidence was read from."""
    registered: Version | None
    """Its row in the company's register of vendors."""
    expected: Sequence[Expected]
    duties: Sequence[Duty]
    reports: Sequence[Report]

    @property
    def bridged(self) -> bool:
        """Whether a bridge letter is on record."""
        return any(one.bridge for one in self.reports)


def subservices(binder: Binder) -> list[Subservice]:
    """Each organisation that evidence was read from, and each that the register of vendors marks as one."""
    known = _known()
    register = list(_rows(binder, (_REGISTER,), "vendor"))
    reports = list(_rows(binder, _REPORTS, "assessment"))
    letters = [one for one in _rows(binder, (_DOCUMENTS,), "document") if "bridge" in _text(one.row)]
    read: dict[str, set[str]] = {}
    for said in binder.log.evidence.values():
        if said.type_kind != "record" and moment(said.started) < binder.period.end and said.provider in known["by"]:
            read.setdefault(said.provider, set()).add(said.unit)
    found = []
    for kind, scopes in sorted(read.items()):
        about = known["by"][kind]
        mine = [one for one in register if _is(one.row.get("vendor"), about["words"])]
        found.append(_one(binder, kind, about["name"], sorted(scopes), mine, [*reports, *letters], about["words"]))
    named = {one.registered.row_id for one in found if one.registered}
    for version in register:
        vendor = str(version.row["vendor"])
        if version.row.get("subservice") and version.row_id not in named:
            found.append(_one(binder, "", vendor, [], [version], [*reports, *letters], [vendor.lower()]))
    return found


def _one(
    binder: Binder,
    kind: str,
    name: str,
    scopes: Sequence[str],
    registered: Sequence[Version],
    records: Sequence[Version],
    words: Sequence[str],
) -> Subservice:
    own: dict[str, list[str]] = {}
    for control in binder.controls:
        for criterion in control.rule.header.criteria:
            own.setdefault(criterion, []).append(control.id)
    judged = {control.id for control in binder.controls}
    expected = [
        Expected(one["criterion"], one["control"], own.get(one["criterion"], []))
        for one in _known()["expected"]
        if kind in one["kinds"]
    ]
    duties = [
        Duty(one["duty"], one["controls"], [control for control in one["controls"] if control in judged])
        for one in _known()["duties"]
        if kind in one["kinds"]
    ]
    mine = [_report(binder, one) for one in records if _is(one.row.get("subject") or one.row.get("document"), words)]
    mine.sort(key=lambda one: (one.period_end or "", one.reviewed_at or ""))
    return Subservice(kind, name, scopes, registered[-1] if registered else None, expected, duties, mine)


def _report(binder: Binder, version: Version) -> Report:
    row = version.row
    end = row.get("report_period_end") or row.get("period_end")
    days = (binder.period.end - moment(end)).days if end else None
    kind = row.get("report_type") or row.get("series") or row.get("document")
    return Report(
        leaf=version.leaf,
        row_id=version.row_id,
        kind=kind,
        period_start=row.get("period_start"),
        period_end=end,
        reviewed_at=row.get("reviewed_at") or row.get("approved_at"),
        reviewer=row.get("reviewer") or row.get("owner"),
        exceptions=row.get("exceptions_noted"),
        decision=row.get("decision"),
        days_open=days if days is None else max(days, 0),
        bridge="bridge" in f"{kind}".lower(),
    )


def _rows(binder: Binder, types: Sequence[str], table: str) -> Iterator[Version]:
    """Each row of these types as it was last uploaded before the period ended."""
    newest: dict[str, Version] = {}
    for index, said in binder.log.evidence.items():
        if said.type in types and moment(said.started) < binder.period.end:
            newest |= {one.row_id: one for one in binder.log.rows(index).values() if one.row["table"] == table}
    yield from newest.values()


def _is(name: object, words: Sequence[str]) -> bool:
    text = f" {re.sub(r'[^a-z0-9]+', ' ', str(name).lower())} "
    return any(f" {re.sub(r'[^a-z0-9]+', ' ', word)} " in text for word in words)


def _text(row: Mapping[str, Any]) -> str:
    return f"{row.get('document')} {row.get('version')}".lower()


@cache
def _known() -> dict[str, Any]:
    read = tomllib.loads((files("collector.package.binder") / "subservice.toml").read_text("utf-8"))
    expected, duties = read.pop("expected"), read.pop("duties")
    return {"by": read, "expected": expected, "duties": duties}
