"""Controls that operate by the calendar: the instances a period should have, and which of them are there. Pure.

An instance is shown by a row that says when somebody did it. That the collector looked at something shows none.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.ledger import moment
from collector.period.span import midnight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.period.laws import Law
    from collector.period.looks import Leaf
    from collector.period.span import Period

PERFORMED: Mapping[str, tuple[str, str | None]] = {
    "access_review": ("completed_at", "reviewer"),
    "acknowledgement": ("accepted_at", None),
    "assessment": ("reviewed_at", "reviewer"),
    "document": ("approved_at", "owner"),
    "exercise": ("held_at", None),
    "meeting": ("held_at", "body"),
    "person_check": ("completed_at", None),
    "reconciliation": ("run_at", "performed_by"),
    "restore_test": ("tested_at", "verified_by"),
    "review": ("performed_at", "reviewer"),
    "training": ("completed_at", None),
    "vendor": ("last_review_at", "owner"),
}
"""By table: the column that says when somebody did it, and the one that says who."""
MONTHS: Mapping[str, int] = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
_HEADER = re.compile(r"\s*/\*(.*?)\*/", re.DOTALL)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Happened(StrEnum):
    """What is known of an instance."""

    DONE = "done"
    MISSING = "missing"
    """Its time is over, what would show it was read whole afterwards, and there is none."""
    CANNOT_TELL = "cannot_tell"
    """There is none, and nothing that would show it was read whole after its time."""
    RUNNING = "not over"
    """There is none, and its time is not over yet."""


@dataclass(frozen=True, slots=True)
class Performed:
    """A row that shows an operation of the control."""

    at: datetime
    table: str
    row_id: str
    leaf: int
    """The first evidence leaf that holds it."""
    who: str | None


@dataclass(frozen=True, slots=True)
class Instance:
    """One expected operation of a control: the second quarter's review."""

    control: str
    label: str
    """`2026-Q2`, `2026-05`, `2026-W07`, `2026-H1`, `2026`."""
    first: date
    last: date
    """Its days, in the time zone of the period; not cut at the edges of the period."""
    partial: bool
    """Whether the period has not all of its days: then it may have been done on a day outside, which counts."""
    happened: Happened
    because: str
    performed: Sequence[Performed] = ()
    """What shows it, oldest first."""


def instances_of(
    control: str,
    laws: Sequence[Law],
    leaves: Sequence[Leaf],
    content: Callable[[str], bytes],
    period: Period,
    as_of: datetime,
) -> list[Instance]:
    """Each instance of the calendar that touches the period; none for a control that is not by the calendar.

    The frequency is that of the newest rule. `leaves` are those about the control.
    """
    header = _header(content(laws[-1].rule)) if laws else {}
    slots = list(calendar(header.get("frequency", ""), period.first, period.last))
    if not slots:
        return []
    types = {*header.get("evidence", ()), *header.get("helps", ())}
    evidence = [(index, body) for index, body in leaves if body["kind"] == "evidence" and body["type"] in types]
    performed = sorted(_performed(evidence, content), key=lambda one: (one.at, one.row_id))
    return [_instance(control, slot, performed, evidence, period, as_of) for slot in slots]


def calendar(frequency: str, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    """Label, first and last day of each week, month, quarter, half or year that touches these days."""
    if frequency == "weekly":
        day = first - first.weekday() * _DAY
        while day <= last:
            year, week, _ = day.isocalendar()
            yield f"{year}-W{week:02}", day, day + _WEEK - _DAY
            day += _WEEK
    if months := MONTHS.get(frequency):
        day = date(first.year, (first.month - 1) // months * months + 1, 1)
        while day <= last:
            following = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
            yield _label(day, months), day, following - _DAY
            day = following


def _label(day: date, months: int) -> str:
    number = (day.month - 1) // months + 1
    return {1: f"{day:%Y-%m}", 3: f"{day.year}-Q{number}", 6: f"{day.year}-H{number}"}.get(months, f"{day.year}")


def _header(rule: bytes) -> dict[str, Any]:
    """The header of a sealed rule. One that cannot be read has no calendar."""
    found = _HEADER.match(rule.decode("utf-8", "replace"))
    try:
        return tomllib.loads(found[1]) if found else {}
    except tomllib.TOMLDecodeError:
        return {}


def _performed(evidence: Sequence[Leaf], content: Callable[[str], bytes]) -> Iterator[Performed]:
    """Each row once, as the newest leaf that holds it has it, with the first one's number."""
    found: dict[tuple[str, str], Performed] = {}
    read: set[str] = set()
    for index, body in evidence:
        if body["records"]["sha256"] in read:
            continue
        read.add(body["records"]["sha256"])
        for row in map(canonical.decode, content(body["records"]["sha256"]).splitlines()):
            column, who = PERFORMED.get(row.get("table", ""), ("", None))
            if at := row.get(column):
                new = Performed(moment(at), row["table"], row["row_id"], index, row.get(who) if who else None)
                key = (row["row_id"], at)
                found[key] = replace(new, leaf=found[key].leaf) if key in found else new
    yield from found.values()


def _instance(
    control: str,
    slot: tuple[str, date, date],
    performed: Sequence[Performed],
    evidence: Sequence[Leaf],
    period: Period,
    as_of: datetime,
) -> Instance:
    label, first, last = slot
    start, end = midnight(first, period.zone), midnight(last + _DAY, period.zone)
    shown = [one for one in performed if start <= one.at < end]
    partial = first < period.first or last > period.last
    if shown:
        happened, because = Happened.DONE, f"{len(shown)} rows say so"
    elif as_of < end:
        happened, because = Happened.RUNNING, "its time is not over, and nothing shows it yet"
    else:
        happened, because = _none(evidence, start, end)
    return Instance(control, label, first, last, partial, happened, because, tuple(shown))


def _none(evidence: Sequence[Leaf], start: datetime, end: datetime) -> tuple[Happened, str]:
    """What it means that no row shows an instance: it is missing only where one would be there."""
    later = [(index, body) for index, body in evidence if _whole(body) and moment(body["ended"]) >= end]
    told = [index for index, body in later if not body["window"]]
    reached = start
    for window, index in sorted((body["window"]["from"], index) for index, body in later if body["window"]):
        until = moment(dict(later)[index]["window"]["to"])
        if moment(window) <= reached < until:
            reached = until
            told += [index] if reached >= end else []
    if told:
        return Happened.MISSING, f"evidence leaf {told[-1]}, read whole after its time, has no row of it"
    return Happened.CANNOT_TELL, "nothing that would show it was read whole after its time"


def _whole(body: Mapping[str, Any]) -> bool:
    return bool(body["complete"]) and body["type_kind"] != "configuration"
