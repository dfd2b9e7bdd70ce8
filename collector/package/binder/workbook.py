"""One workbook with what people sort and filter. No cell of it is ever taken for a formula or an address."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import xlsxwriter

from collector.package.binder import cells
from collector.package.binder.section_coverage import share_done

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.package.binder.binder import Binder

_WIDTH = 22
_MOST_ROWS = 1_000_000
_MOST_LETTERS = 32_000
_MADE = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_SAFE = {
    "in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
_RESULTS = (
    "control", "row_id", "provider", "scope", "item", "outcome", "because", "assessed", "deviation_in_period",
)  # fmt: skip
_CONTROLS = (
    "control", "title", "criteria", "nature", "frequency", "severity", "items", "pass", "deviation", "cannot_tell",
    "not_applicable", "deviations_in_period", "population", "rule_sha256",
)  # fmt: skip
_DEVIATIONS = (
    "number", "id", "control", "row_id", "item", "opened_after", "opened_by", "closed_after", "closed_by",
    "least_hours", "most_hours", "cause", "owner", "response",
)  # fmt: skip


def workbook(binder: Binder) -> bytes:
    """The workbook; the same package gives the same bytes."""
    written = BytesIO()
    with xlsxwriter.Workbook(written, _SAFE) as book:
        book.set_properties({"title": f"Evidence, {binder.period.first} to {binder.period.last}", "created": _MADE})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": False})
        for name, columns, rows in _sheets(binder):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            for at, column in enumerate(columns):
                sheet.write_string(0, at, column, head)
                sheet.set_column(at, at, _WIDTH)
            count = 0
            for count, row in enumerate(rows, 1):
                if count > _MOST_ROWS:
                    sheet.write_string(count, 0, "A sheet holds no more rows: the CSV files have all.")
                    break
                _write(sheet, count, row)
            if count:
                sheet.autofilter(0, 0, min(count, _MOST_ROWS), len(columns) - 1)
    return written.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: Sequence[object]) -> None:
    for at, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(number, at, value)
        elif isinstance(value, int | float):
            sheet.write_number(number, at, value)
        else:
            text = cells.shown(value) or ""
            cut = "… (cut here; the CSV has it whole)" if len(text) > _MOST_LETTERS else ""
            sheet.write_string(number, at, text[:_MOST_LETTERS] + cut)


def _sheets(binder: Binder) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[object]]]]:
    yield "Cover", ("what", "value"), _cover(binder)
    yield "Controls", _CONTROLS, _controls(binder)
    yield "Results", _RESULTS, _results(binder)
    yield "Deviations", _DEVIATIONS, _deviations(binder)
    yield "Completeness", ("control", "evidence_type", "provider", "scope", "test", "state", "detail"), _tests(binder)


def _cover(binder: Binder) -> Iterator[tuple[object, ...]]:
    period, facts = binder.period, binder.facts
    done, due = share_done(binder)
    yield "organisation", facts.organisation
    yield "simulated", facts.simulated
    yield "period", f"{period.first} to {period.last}, {period.zone}"
    yield "view", "one date (Type I)" if period.one_date else "a period (Type II)"
    yield "slots done", done
    yield "slots due", due
    yield "deviations", len(binder.register.rows)
    yield "archive", facts.origin
    yield "leaves", facts.size
    yield "root", facts.root
    yield "what this is", "A view of sealed evidence. It gives no opinion: that is for the auditor."


def _controls(binder: Binder) -> Iterator[tuple[object, ...]]:
    for one in binder.controls:
        header, counts = one.rule.header, one.counts
        yield (
            one.id, header.title, " ".join(header.criteria), header.nature, header.frequency, header.severity,
            len(one.items), counts["pass"], counts["deviation"], counts["cannot_tell"], counts["not_applicable"],
            len(binder.register.of(one)),
            "complete" if binder.whole[one.id].complete else "INCOMPLETE", one.last.said.rule.sha256,
        )  # fmt: skip


def _results(binder: Binder) -> Iterator[tuple[object, ...]]:
    for control in binder.controls:
        for item in control.items:
            last = item.told[-1].last
            yield (
                control.id, item.row_id, *item.place, item.last.outcome.value, item.last.because, last.said.assessed,
                item.failed,
            )  # fmt: skip


def _deviations(binder: Binder) -> Iterator[tuple[object, ...]]:
    for one in binder.register.rows:
        found = one.found
        yield (
            one.number, found.id, one.tested.id, one.item.row_id, one.item.place.item, found.opened_after,
            found.opened_by, found.closed_after, found.closed_by, round(one.least, 1),
            None if one.most is None else round(one.most, 1), found.cause, found.owner, found.response,
        )  # fmt: skip


def _tests(binder: Binder) -> Iterator[tuple[object, ...]]:
    for control in binder.controls:
        for one in binder.whole[control.id].tests:
            yield control.id, *one.series, one.name, "holds" if one.holds else "INCOMPLETE", one.detail
