"""06-exceptions: the register of deviations, also of those that are over, and the exceptions that were approved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.ledger import moment
from collector.package.binder import cells
from collector.package.binder.register import named
from collector.package.binder.render import page
from collector.package.binder.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder

_REGISTER = (
    "number", "control", "row_id", "provider", "scope", "item", "carried_in", "opened_not_before", "opened_by",
    "detected", "last_seen", "closed_by", "open", "least_hours", "most_hours", "cause", "evidence_before",
    "first_evidence", "last_evidence", "evidence_after", "evidence",
)  # fmt: skip
_APPROVED = (
    "leaf", "row_id", "control", "item", "reason", "approved_by", "approved_at", "expires_at", "compensating_control",
)  # fmt: skip


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
        stretch = one.interval
        yield (
            one.number, one.tested.id, one.item.row_id, *one.item.place, one.carried, stretch.not_before,
            stretch.seen_from, one.detected, stretch.seen_to, stretch.not_after if one.over else None, not one.over,
            f"{one.least:.1f}", f"{one.most:.1f}", stretch.because,
            *(named(look) for look in (stretch.before, stretch.first, stretch.last, stretch.after)),
            f"../03-controls/{one.tested.id}/evidence/{one.item.row_id}/index.html",
        )  # fmt: skip


def _shown(binder: Binder) -> Sequence[Sequence[object]]:
    return [
        (
            one.number, one.tested.id, one.item.row_id, one.item.place[2], " ".join(one.item.place[:2]),
            f"{one.interval.not_before:%Y-%m-%d %H:%M}", f"{one.interval.seen_from:%Y-%m-%d %H:%M}",
            f"{one.interval.seen_to:%Y-%m-%d %H:%M}",
            f"{one.interval.not_after:%Y-%m-%d %H:%M}" if one.over else "open",
            f"{one.least:,.1f}", f"{one.most:,.1f}", one.interval.because,
        )
        for one in binder.register.rows
    ]  # fmt: skip


def _approved(binder: Binder) -> Iterator[tuple[object, ...]]:
    """What people approved, as the newest register of it that was uploaded says."""
    newest: dict[str, tuple[int, dict[str, Any]]] = {}
    for index, said in binder.log.evidence.items():
        if said.type != "records.exception_register" or moment(said.started) >= binder.period.end:
            continue
        for version in binder.log.rows(index).values():
            if version.row["table"] == "approved_exception":
                newest[version.row_id] = (index, dict(version.row))
    for row_id, (index, row) in sorted(newest.items()):
        names = ("control_id", "item", "reason", "approved_by", "approved_at", "expires_at", "compensating_control")
        yield index, row_id, *(row.get(name) for name in names)
