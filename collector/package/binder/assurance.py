"""Reports of other organisations' auditors, and letters that bridge to the next: what is on record, what they cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.package.binder.log import Version
    from collector.package.binder.span import Span

_TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Report:
    """What was uploaded of a report or a letter, or what a provider lists of it, with the leaf that holds it."""

    leaf: int
    row_id: str
    kind: str | None
    auditor: str | None
    period_start: str | None
    period_end: str | None
    """As the record has them, RFC 3339; the end is the end of the last day."""
    first_day: str | None
    last_day: str | None
    """The same as days, by the clocks of the package."""
    reviewed_at: str | None
    reviewer: str | None
    exceptions: str | None
    impact: str | None
    decision: str | None
    days_open: int | None
    """From the end of the report's period to the end of this one; None where the report does not say its end."""
    bridge: bool


def report_of(version: Version, period: Span) -> Report:
    """Whichever record it is: a report of its own, a review of a vendor, or a document."""
    row = version.row
    start, end = row.get("period_start"), row.get("period_end") or row.get("report_period_end")
    days = (period.end - moment(end)).days if end else None
    kind = row.get("report_type") or row.get("series") or row.get("document")
    zone = ZoneInfo(period.zone)
    return Report(
        leaf=version.leaf,
        row_id=version.row_id,
        kind=kind,
        auditor=row.get("auditor"),
        period_start=start,
        period_end=end,
        first_day=f"{moment(start).astimezone(zone):%Y-%m-%d}" if start else None,
        last_day=f"{(moment(end) - _TICK).astimezone(zone):%Y-%m-%d}" if end else None,
        reviewed_at=row.get("reviewed_at") or row.get("approved_at"),
        reviewer=row.get("reviewer") or row.get("owner"),
        exceptions=row.get("exceptions_noted"),
        impact=row.get("impact"),
        decision=row.get("decision"),
        days_open=days if days is None else max(days, 0),
        bridge="bridge" in f"{kind}".lower(),
    )


def uncovered(reports: Iterable[Report], period: Span) -> Sequence[tuple[str, str]]:
    """The stretches of the period, as first and last days, that no SOC report and no bridge letter covers.

    One that does not say both its ends covers nothing that is known.
    """
    spans = sorted(
        (moment(one.period_start), moment(one.period_end))
        for one in reports
        if one.period_start and one.period_end and (one.bridge or "soc" in f"{one.kind}".lower())
    )
    found: list[tuple[datetime, datetime]] = []
    reached = period.start
    for start, end in [*spans, (period.end, period.end)]:
        if min(start, period.end) > reached:
            found.append((reached, min(start, period.end)))
        reached = max(reached, end)
    zone = ZoneInfo(period.zone)
    return [
        (f"{start.astimezone(zone):%Y-%m-%d}", f"{(end - _TICK).astimezone(zone):%Y-%m-%d}") for start, end in found
    ]
