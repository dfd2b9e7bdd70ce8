"""06-exceptions: the register of deviations, also of those that are over, and the exceptions that were approved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.normalise import timestamp
from collector.package.binder import cells
from collector.package.binder.register import named
from collector.package.binder.render import page
from collector.package.binder.timeline import timeline
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collector.package.binder.binder import Binder
    from collector.package.binder.register import Deviation

_REGISTER = (
    "number", "id", "control", "row_id", "provider", "scope", "item", "carried_in", "opened_after", "opened_by",
    "detected", "closed_after", "closed_by", "open", "least_hours", "most_hours", "cause", "closed_because",
    "rule_changed", "provider_log", "found_cause", "owner", "response", "exceptions", "evidence_before",
    "first_evidence", "last_evidence", "evidence_after", "evidence",
)  # fmt: skip
_APPROVED = ("leaf", "sealed_as", "control", "item", "reason", "approved_by", "approved_at", "expires_at")


def put_exceptions(binder: Binder) -> None:
    """Write the register and its page."""
    shelf, rows = binder.shelf, binder.register.rows
    approved = list(_approved(binder))
    shelf.put("06-exceptions/deviations.csv", lambda: cells.document(_REGISTER, _lines(binder)))
    shelf.put("06-exceptions/exceptions.csv", cells.document(_APPROVED, approved))
    place = "06-exceptions/index.html"
    known: dict[str, Any] = {
        "binder": binder, "timeline": timeline(rows, binder.period), "approved": approved, "rows": _shown(binder),
    }  # fmt: skip
    shelf.put(place, lambda: page("binder/exceptions.html.j2", place, **known))


def _lines(binder: Binder) -> Iterator[tuple[object, ...]]:
    for one in binder.register.rows:
        found = one.found
        changed = [word for word, did in (("opened", found.opened_by_rule), ("closed", found.closed_by_rule)) if did]
        yield (
            one.number, found.id, one.tested.id, one.item.row_id, *one.item.place, found.carried_in, found.opened_after,
            found.opened_by, found.detected, found.closed_after, found.closed_by, found.open, f"{one.least:.1f}",
            None if one.most is None else f"{one.most:.1f}", found.cause, found.closed_because or None,
            " ".join(changed) or None, "; ".join(clues(one)) or None, found.found_cause, found.owner, found.response,
            " ".join(str(granted.leaf) for granted in found.exceptions) or None,
            *(named(look) or None for look in (found.before, found.first, found.last, found.after)),
            f"../03-controls/{one.tested.id}/evidence/{one.item.row_id}/index.html",
        )  # fmt: skip


def clues(one: Deviation) -> list[str]:
    """What the provider's own log has at its edges, in words."""
    edges = (("opened", one.found.opening), ("closed", one.found.closing))
    return [
        f"{word}: {timestamp(clue.at)} {clue.action or 'changed'} by {clue.actor or 'unknown'} (row {clue.row_id})"
        for word, clue in edges
        if clue
    ]


def _shown(binder: Binder) -> Sequence[Sequence[object]]:
    return [
        (
            one.number,
            one.tested.id,
            f"{one.tested.id}/evidence/{one.item.row_id}",
            one.item.place.item,
            f"{one.item.place.provider} {one.item.place.unit}",
            _day(one.found.opened_after),
            _day(one.found.opened_by),
            _day(one.found.closed_after),
            _day(one.found.closed_by) or "open",
            f"{one.least:,.1f}",
            "not known" if one.most is None else f"{one.most:,.1f}",
            one.found.cause,
            one.found.owner or "",
            one.found.response or "",
            "yes" if one.found.exceptions else "",
        )
        for one in binder.register.rows
    ]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _approved(binder: Binder) -> Iterator[tuple[object, ...]]:
    """What was granted and sealed for itself; and what the newest register of it that was uploaded says."""
    for control in binder.controls:
        for one in control.over.exceptions:
            yield one.leaf, "exception", control.id, one.item, one.reason, one.approver, one.at, one.expires
    newest: dict[str, tuple[int, dict[str, Any]]] = {}
    for index, said in binder.log.evidence.items():
        if said.type != "records.exception_register" or moment(said.started) >= binder.period.end:
            continue
        for version in binder.log.rows(index).values():
            if version.row["table"] == "approved_exception":
                newest[version.row_id] = (index, dict(version.row))
    for _, (index, row) in sorted(newest.items()):
        names = ("control_id", "item", "reason", "approved_by", "approved_at", "expires_at")
        yield index, "uploaded register", *(row.get(name) for name in names)
