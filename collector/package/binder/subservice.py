"""What is not the company's to show: organisations it builds on, under the carve-out method.

Criteria that their controls meet, the report each gave and its period, and what each leaves to its users. The report,
bridge letter and register come from uploaded records; where one is missing, that is said. What a provider lists of its
own reports stands apart: a report that can be fetched is not one that anybody here has read.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from collector.package.binder.assurance import report_of, uncovered
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.package.binder.assurance import Report
    from collector.package.binder.binder import Binder
    from collector.package.binder.log import Version

_REPORTS = ("records.assurance_reports", "records.vendor_reviews")
_LISTED = "aws.artifact.reports"
_TABLES = ("assurance_report", "assessment", "document")
_DUTIES = "records.user_entity_controls"
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
    not_needed: str | None = None
    """Why no control has to answer, as the company says."""
    leaf: int | None = None
    """The upload that says so; None for what is the program's proposal."""


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
    uncovered: Sequence[tuple[str, str]]
    """The stretches of the period that no SOC report or bridge letter covers, by those that state both their ends."""
    listed: Sequence[Report]
    """What a provider lists as there to be fetched. It covers nothing here: nothing says that anybody did."""

    @property
    def bridged(self) -> bool:
        """Whether a bridge letter is on record."""
        return any(one.bridge for one in self.reports)


def subservices(binder: Binder) -> list[Subservice]:
    """Each organisation that evidence was read from, and each that the register of vendors marks as one."""
    known = _known()
    register = list(_rows(binder, (_REGISTER,), "vendor"))
    reports = [one for table in _TABLES for one in _rows(binder, _REPORTS, table)]
    letters = [one for one in _rows(binder, (_DOCUMENTS,), "document") if "bridge" in _text(one.row)]
    records = [*reports, *letters, *_duties_uploaded(binder)]
    read: dict[str, set[str]] = {}
    for said in binder.log.evidence.values():
        if said.type_kind != "record" and moment(said.started) < binder.period.end and said.provider in known["by"]:
            read.setdefault(said.provider, set()).add(said.unit)
    found = []
    for kind, scopes in sorted(read.items()):
        about = known["by"][kind]
        mine = [one for one in register if _is(one.row.get("vendor"), about["words"])]
        found.append(_one(binder, kind, about["name"], sorted(scopes), mine, records, about["words"]))
    named = {one.registered.row_id for one in found if one.registered}
    for version in register:
        vendor = str(version.row["vendor"])
        if version.row.get("subservice") and version.row_id not in named:
            found.append(_one(binder, "", vendor, [], [version], records, [vendor.lower()]))
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
    expected = [
        Expected(one["criterion"], one["control"], own.get(one["criterion"], []))
        for one in _known()["expected"]
        if kind in one["kinds"]
    ]
    about = [one for one in records if _is(_subject(one.row), words)]
    duties = [one for one in about if one.row["table"] == "user_entity_control"]
    mine = [report_of(one, binder.period) for one in about if one not in duties]
    mine.sort(key=lambda one: (one.period_end or "", one.reviewed_at or ""))
    return Subservice(
        kind,
        name,
        scopes,
        registered[-1] if registered else None,
        expected,
        list(_duties(binder, kind, duties)),
        mine,
        uncovered(mine, binder.period),
        _listed(binder, words),
    )


def _duties(binder: Binder, kind: str, mine: Sequence[Version]) -> Iterator[Duty]:
    """What the company says that a report expects of it; where it has said nothing, the program's proposal."""
    judged = {control.id for control in binder.controls}
    for version in sorted(mine, key=lambda one: str(one.row["reference"])):
        row = version.row
        own = list(row.get("own_controls") or ())
        yield Duty(
            f"{row['reference']}: {row.get('duty') or 'what it expects is not given'}",
            own,
            [control for control in own if control in judged],
            row.get("not_needed"),
            version.leaf,
        )
    for one in _known()["duties"] if not mine else ():
        if kind in one["kinds"]:
            yield Duty(one["duty"], one["controls"], [control for control in one["controls"] if control in judged])


def _rows(binder: Binder, types: Sequence[str], table: str) -> Iterator[Version]:
    """Each row of these types as it was last uploaded before the period ended."""
    newest: dict[str, Version] = {}
    for index, said in binder.log.evidence.items():
        if said.type in types and moment(said.started) < binder.period.end:
            newest |= {one.row_id: one for one in binder.log.rows(index).values() if one.row["table"] == table}
    yield from newest.values()


def _listed(binder: Binder, words: Sequence[str]) -> list[Report]:
    """What the last whole list of each unit before the period ended has on an organisation; what several list, once."""
    last = {
        said.unit: index
        for index, said in binder.log.evidence.items()
        if said.type == _LISTED and said.complete and moment(said.started) < binder.period.end
    }
    found: dict[str, Version] = {}
    for index in last.values():
        for one in binder.log.rows(index).values():
            if _is(_subject(one.row), words):
                found.setdefault(str(one.row["source_id"]), one)
    return sorted((report_of(one, binder.period) for one in found.values()), key=lambda one: one.kind or "")


def _duties_uploaded(binder: Binder) -> list[Version]:
    """The last upload alone: a new list takes the place of the one before."""
    end = binder.period.end
    found = [
        index for index, said in binder.log.evidence.items() if said.type == _DUTIES and moment(said.started) < end
    ]
    return list(binder.log.rows(found[-1]).values()) if found else []


def _is(name: object, words: Sequence[str]) -> bool:
    text = f" {re.sub(r'[^a-z0-9]+', ' ', str(name).lower())} "
    return any(f" {re.sub(r'[^a-z0-9]+', ' ', word)} " in text for word in words)


def _subject(row: Mapping[str, Any]) -> object:
    """Whom a record is about."""
    return row.get("organisation") or row.get("subject") or row.get("document")


def _text(row: Mapping[str, Any]) -> str:
    return f"{row.get('document')} {row.get('version')}".lower()


@cache
def _known() -> dict[str, Any]:
    read = tomllib.loads((files("collector.package.binder") / "subservice.toml").read_text("utf-8"))
    expected, duties = read.pop("expected"), read.pop("duties")
    return {"by": read, "expected": expected, "duties": duties}
