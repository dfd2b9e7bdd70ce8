"""What the PDF says: the cover, and each control, as words and tables that a template of ours sets.

Everything comes from where the pages have it, and is counted nowhere else. The texts in it are data: the template
shows them, and reads none of them as its own language.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from collector.package.binder import section_cover
from collector.package.binder.section_coverage import gaps_of
from collector.package.picture import LEFT, WIDTH, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.package.binder.binder import Binder
    from collector.package.binder.section_cover import Figure
    from collector.package.picture import Picture

PLACE = "00-cover/cover-and-controls.pdf"
MOST = 500
"""How many rows of one table are printed; what is left out is counted, and the file that has it is named."""

_ON_COVER = 40


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head that is said again on each page. Kinds of columns: text, code, count, mark."""

    title: str
    columns: Sequence[tuple[str, str, float]]
    """Title, kind, and how much of the width it gets against the others; 0 is as much as it needs."""
    rows: Sequence[Sequence[str]]
    mark: str = ""
    note: str = ""
    more: str = ""


def listed(
    title: str,
    columns: Sequence[tuple[str, str, float]],
    rows: Iterable[Sequence[object]],
    file: str,
    *,
    mark: str = "",
    note: str = "",
) -> Table:
    """A table of at most `MOST` rows; what is left out is counted, and `file` has it."""
    every = list(rows)
    shown = [[cell(one) for one in row] for row in every[:MOST]]
    left = len(every) - len(shown)
    are = "is" if left == 1 else "are"
    more = f"{many(left, 'more row')} of this table {are} not printed: {file} has all." if left else ""
    return Table(title, columns, shown, mark, note, more)


def cell(value: object) -> str:
    """A value as a reader wants it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.1f}"
    return str(value)


def many(count: int, one: str, more: str = "") -> str:
    """`1 item`, `2 items`."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def day(at: datetime | None) -> str:
    """To the minute, in UTC as all times of the package are."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""


def document(binder: Binder, controls: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Everything that the template shows."""
    period, facts, known = binder.period, binder.facts, section_cover.known(binder)
    span = str(period.first) if period.one_date else f"{period.first} to {period.last}"
    return {
        "title": facts.organisation or "Evidence package",
        "eyebrow": f"Evidence of {'one date' if period.one_date else 'a period'}, for a Type "
        f"{'I' if period.one_date else 'II'} examination",
        "span": span,
        "simulated": facts.simulated,
        "head": f"{many(facts.size, 'leaf', 'leaves')}, root {facts.root[:12]}…",
        "made": f"evidence-collector {facts.generator}",
        "lead": _LEAD.format(**(_ON_A_DATE if period.one_date else _OVER_A_PERIOD)),
        "meta": list(_meta(binder, known)),
        "wrong": [_figure(one) for one in known["wrong"]],
        "seen": [_figure(one) for one in known["seen"]],
        "tie": f"Carried in, {binder.register.carried:,}, plus opened, {binder.register.opened:,}, less closed, "
        f"{binder.register.closed:,}, is open, {binder.register.open:,}.",
        "words": _WORDS,
        "picture": _picture(binder.covered.picture) if binder.covered else None,
        "gaps": asdict(_gaps(binder)),
        "overview": asdict(_overview(binder)),
        "controls": controls,
    }


_LEAD = (
    "The cover and the controls of an evidence package, for paper. A program, the collector, asked the sources below "
    "what they hold{often}, kept every answer in a write-once log, and judged the records in them by written "
    "rules. These pages show what each rule said {when}, where a control did not work, and what could not be read. "
    "They give no opinion: whether a control operated is for the auditor to say. {beyond}They are a view; the folder "
    "that they came with has every item, every raw answer and what checks them, and each file named here is in it."
)
_OVER_A_PERIOD = {"when": "over the period", "often": ", over and over", "beyond": ""}
_ON_A_DATE = {
    "when": "as of the date",
    "often": "",
    "beyond": "They show how things stood on that date, and nothing of whether any control operated over a period. ",
}
_WORDS = (
    ("Deviation", "A control did not work for one item, by the written rule."),
    ("Gap", "Something that could not be read, and why."),
    ("Cannot tell", "An item whose evidence has such a gap, or which no answer decides. It counts neither way."),
    ("Not applicable", "An item that the rule says nothing of."),
    ("Snapshot", "One evidence type, read in one scope, at one time; one leaf of the log."),
    ("Slot", "A moment at which evidence was due by the schedule in force."),
    ("⟨U+202E⟩", "The number of a letter that shows nothing, turns others round, or that no font here has."),
    (
        "INCOMPLETE",
        "A test of whether a population is whole does not hold. It says nothing of the items that are there.",
    ),
)


def _meta(binder: Binder, known: dict[str, Any]) -> Iterable[tuple[str, str]]:
    period, facts, found = binder.period, binder.facts, binder.facts.verification
    days = "" if period.one_date else f", {many(period.days, 'day')}"
    cut = f" The archive ends {day(period.end)} UTC, before the period does; nothing is said of the time after."
    shown = (
        f"{period.first}{'' if period.one_date else f' to {period.last}'}{days}, by the clocks of {period.zone} "
        f"({day(period.start)} up to {day(period.end)} UTC). All other times are UTC.{cut if period.cut else ''}"
    )
    yield "Date" if period.one_date else "Period", shown
    yield "Categories", f"{', '.join(known['categories']) or 'none'}, of which the judged controls name criteria"
    yield "Criteria", f"{', '.join(known['criteria']) or 'none'}; ids only"
    scopes = [" ".join(filter(None, (one.provider, one.unit, one.name))) for one in known["scopes"]]
    yield "Scopes", "\n".join(_first(scopes, "02-scope/scopes.csv")) or "none"
    yield "Coverage", f"{known['share']}: {known['done']:,} of {many(known['due'], 'slot')} done"
    yield "Archive", f"{facts.origin}, {many(facts.size, 'leaf', 'leaves')}, as it stood at {day(facts.generated)} UTC"
    yield "Root", facts.root
    if found.sound is None:
        said = "Not done before these pages were written."
    elif found.sound:
        said = (
            "No fault was found in the archive when the package was built. Do not take its word: "
            "07-integrity/verify.py checks it again, with Python alone."
        )
    else:
        faults = "; ".join(_first(found.faults, "07-integrity/index.html"))
        said = f"{many(len(found.faults), 'fault')} found. What follows may not be what was collected: {faults}"
    yield "Verification", said
    yield "Lock", facts.lock


def _first(names: Sequence[str], file: str) -> list[str]:
    """As many as a cover has room for."""
    more = len(names) - _ON_COVER
    return [*names[:_ON_COVER], *([f"and {more:,} more: {file}"] if more > 0 else [])]


def _figure(one: Figure) -> dict[str, Any]:
    return {"label": one.label, "count": f"{one.count:,}", "note": one.note, "mark": one.mark, "part": one.part}


def _picture(picture: Picture) -> dict[str, Any]:
    """The calendar, in parts of its own width: 0 is where the time begins, 1 where it ends."""
    left_out = picture.left_out
    more = (
        f"{many(len(left_out), 'more line')}, with {many(sum(one.due for one in left_out), 'slot')}, "
        f"{sum(one.done for one in left_out):,} of them done; those with the most that is not done are drawn."
    )
    return {
        "said": f"{picture.done:,} of {picture.due:,} slots done, {share(picture.done, picture.due)}",
        "legend": [(state.value, f"{count:,}") for state, count in picture.states],
        "ticks": [(_part(one.x), one.word, one.strong) for one in picture.ticks],
        "lines": [
            {
                "name": one.name, "note": one.note, "count": f"{one.done:,} of {one.due:,}",
                "share": share(one.done, one.due),
                "bars": [(_part(bar.x), round(bar.width / WIDTH, 5), bar.state.value) for bar in one.bars],
            }
            for one in picture.lines
        ],
        "more": more if left_out else "",
    }  # fmt: skip


def _part(x: float) -> float:
    return round((x - LEFT) / WIDTH, 5)


_OVERVIEW = (
    ("Control", "code", 0.0), ("Title", "text", 1.0), ("Items", "count", 0.0), ("Pass", "count", 0.0),
    ("Deviation", "count", 0.0), ("Cannot tell", "count", 0.0), ("N/a", "count", 0.0), ("In period", "count", 0.0),
    ("Population", "text", 0.0),
)  # fmt: skip


def _overview(binder: Binder) -> Table:
    rows = [
        (
            one.id, one.rule.header.title, len(one.items), one.counts["pass"], one.counts["deviation"],
            one.counts["cannot_tell"], one.counts["not_applicable"], len(binder.register.of(one)),
            "complete" if binder.whole[one.id].complete else "INCOMPLETE",
        )
        for one in binder.controls
    ]  # fmt: skip
    note = (
        "Items by their last outcome; “in period” counts every deviation that was open at some time in it, those that "
        "are over included."
    )
    return listed("Controls at a glance", _OVERVIEW, rows, "03-controls/index.html", note=note)


_GAPS = (
    ("Evidence", "code", 1.5), ("Scope", "text", 1.2), ("First slot,\nlast slot", "text", 0.0), ("Slots", "count", 0.0),
    ("State", "text", 0.0), ("Because", "text", 1.8), ("Its time is", "text", 0.95),
)  # fmt: skip


def _gaps(binder: Binder) -> Table:
    rows = [
        (
            slots.series.type, f"{slots.series.provider} {slots.series.unit}", f"{day(slots.first)}\n{day(slots.last)}",
            slots.count, slots.state.value, slots.because, recovery.value,
        )
        for slots, recovery in ((one.slots, one.recovery) for one in gaps_of(binder))
    ]  # fmt: skip
    note = "Slots that were due and not done, one after another for the same reason, and what became of their time."
    return listed("Gaps in collection", _GAPS, rows, "05-coverage/gaps.csv", mark="gap", note=note)
