"""Puts the populations of an evidence type together, and looks for every part that could be missing. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical, windows
from collector.excluded import BESIDE, Decided
from collector.model import Kind
from collector.model import Window as Span
from collector.normalise import timestamp
from collector.period.own_time import own_time
from collector.period.populations import Hole, Part, Population, Window
from collector.population import assembled
from collector.slots import Series, moment, read_entries
from collector.windows import Reading, Stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.excluded import Entry
    from collector.period.looks import Leaf
    from collector.period.span import Period
    from collector.population import Item


def population_over(
    evidence_type: str,
    leaves: Iterable[Leaf],
    content: Callable[[str], bytes],
    period: Period,
    decided: Decided | None = None,
) -> list[Population]:
    """The population of this type in each scope that it was ever read in, or was to be, in order of the scopes.

    `leaves` are those of the whole log, in its order: an item that is read again after the period is as it was last
    seen. What the scope register takes out stands beside its rows; `decided` is that, where it was worked out before.
    ValueError when a leaf is not as FORMAT.md says.
    """
    leaves = list(leaves)
    decided = decided or Decided(leaves, content, period.end)
    found: dict[Series, list[Leaf]] = {}
    for index, body in leaves:
        if body["kind"] == "evidence" and body["type"] == evidence_type and body["window"]:
            found.setdefault(Series(evidence_type, body["provider"], body["unit"]), []).append((index, body))
        elif body["kind"] == "schedule" and moment(body["at"]) < period.end:
            entries = read_entries(content(body["entries"]["sha256"]))
            for series in (one.series for one in entries if one.series.type == evidence_type):
                found.setdefault(series, [])
    return [_population(series, found[series], content, period, decided) for series in sorted(found)]


def _population(
    series: Series, leaves: Sequence[Leaf], content: Callable[[str], bytes], period: Period, decided: Decided
) -> Population:
    documents = _Documents(content)
    everything, excluded = _in_scope(assembled(leaves, documents.rows), dict(leaves), decided)
    inside = [leaf for leaf in leaves if _touches(leaf[1], period)]
    stretches = list(_stretches(leaves, period))
    rows, beside, undated = _parted(everything, inside, period)
    names = {one.row["row_id"] for one in _parted((one for one, _ in excluded), inside, period)[0]}
    holes = [*_unread(stretches, inside, documents), *_unchained(leaves, period)]
    for leaf in inside:
        holes += documents.holes(leaf)
    if not leaves:
        holes = [
            Hole(Part.SCOPE, f"{series.provider} {series.unit}", "a schedule names it, and nothing was read of it")
        ]
    uploaded = any(body["type_kind"] == Kind.RECORD for _, body in leaves)
    if not uploaded and decided.throughout(series.unit, period.start, period.end):
        holes = []  # nothing of it is in the population, so nothing of it can be missing there
    return Population(
        series,
        leaves[-1][1]["unit_name"] if leaves else "",
        rows,
        beside,
        undated,
        outside=len(everything) + len(excluded) - len(rows) - len(beside) - len(names),
        excluded=[(one, entry) for one, entry in excluded if one.row["row_id"] in names],
        windows=[documents.window(leaf) for leaf in inside],
        stretches=stretches,
        holes=holes,
    )


def _in_scope(
    items: Iterable[Item], bodies: Mapping[int, Mapping[str, Any]], decided: Decided
) -> tuple[list[Item], list[tuple[Item, Entry]]]:
    """The items that count, and those that the scope register takes out, each with the entry that does."""
    counted: list[Item] = []
    out: list[tuple[Item, Entry]] = []
    for one in items:
        entry = decided.of_row(one.row, bodies[one.leaf], moment(one.first_collected))
        if entry:
            out.append((one, entry))
        else:
            counted.append(one)
    return counted, out


def _parted(everything: Iterable[Item], inside: Sequence[Leaf], period: Period) -> tuple[list[Item], list[Item], int]:
    """The items of the period, the rows that belong to them, and how many of the items have no time of their own."""
    near = {index for index, _ in inside}
    rows: list[Item] = []
    others: list[Item] = []
    undated = 0
    for one in everything:
        at = own_time(one.row)
        if one.row["table"] in BESIDE:
            others.append(one)
        elif at in period or (at is None and one.leaf in near):
            rows.append(one)
            undated += at is None
    names = {one.row["source_id"] for one in rows}
    return _ordered(rows), _ordered(one for one in others if one.row.get(BESIDE[one.row["table"]]) in names), undated


def _ordered(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda one: (one.row["table"], one.row["source_id"], one.row["row_id"]))


def _touches(body: Mapping[str, Any], period: Period) -> bool:
    return moment(body["window"]["from"]) < period.end and moment(body["window"]["to"]) > period.start


def _stretches(leaves: Iterable[Leaf], period: Period) -> Iterator[Stretch]:
    """The time of the period in order, without a hole: what no window was ever asked for is open."""
    reached = period.start
    for one in windows.history(leaves):
        start, end = max(one.span.start, period.start), min(one.span.end, period.end)
        if start >= end:
            continue
        if reached < start:
            yield Stretch(Span(reached, start), Reading.OPEN, None, None)
        yield Stretch(Span(start, end), one.reading, one.leaf, one.collected)
        reached = end
    if reached < period.end:
        yield Stretch(Span(reached, period.end), Reading.OPEN, None, None)


def _unread(stretches: Iterable[Stretch], inside: Sequence[Leaf], documents: _Documents) -> Iterator[Hole]:
    """Every stretch that no complete window covers, with what kept the windows over it from being complete."""
    told: set[int] = set()
    for one in stretches:
        if one.reading is Reading.READ:
            continue
        start, end = one.span.start, one.span.end
        why = "its source forgot it" if one.reading is Reading.LOST else "no complete window covers it"
        yield Hole(Part.WINDOW, f"{timestamp(start)} to {timestamp(end)}", why, start, end, one.leaf)
        for index, body in inside:
            asked = windows.window_of(body)
            if asked and asked.start < end and asked.end > start and not body["complete"] and index not in told:
                told.add(index)
                yield from documents.gaps(index, body)


def _unchained(leaves: Iterable[Leaf], period: Period) -> Iterator[Hole]:
    """Each window that goes on from one which is not here: whatever that one read alone is not in the population."""
    ends: set[str] = set()
    for index, body in leaves:
        continues, window = body.get("continues"), body["window"]
        if continues and continues not in ends and _touches(body, period):
            why = f"leaf {index} goes on from a window that ends then, and none that does is here"
            yield Hole(Part.WINDOW, f"a window up to {continues}", why, None, moment(continues), index)
        if body["complete"]:
            ends.add(window["to"])


@dataclass(slots=True)
class _Documents:
    """The documents of the windows, read when they are asked for."""

    content: Callable[[str], bytes]

    def rows(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The records of a leaf."""
        return [canonical.decode(line) for line in self.content(body["records"]["sha256"]).splitlines()]

    def window(self, leaf: Leaf) -> Window:
        """What there is to say of one snapshot."""
        index, body = leaf
        span = windows.window_of(body)
        if span is None:
            raise ValueError(f"leaf {index} has no window")
        totals = [line["total"] for line in self._completeness(body) if "total" in line]
        return Window(
            index,
            span.start,
            span.end,
            moment(body["continues"]) if body.get("continues") else None,
            moment(body["ended"]),
            bool(body["complete"]),
            body["records"]["count"],
            body["exchanges"]["count"],
            [(one["name"], one["expected"], one["found"]) for one in totals],
        )

    def gaps(self, index: int, body: Mapping[str, Any]) -> Iterator[Hole]:
        """What kept a snapshot from being whole."""
        for line in self._completeness(body):
            if gap := line.get("gap"):
                part = Part.PAGE if gap["cause"] == "truncated" else Part.WINDOW
                yield Hole(part, gap["subject"], f"{gap['cause']}: {gap['detail']}", leaf=index)
            elif not line["total"]["ties"]:
                total = line["total"]
                yield Hole(Part.ITEM, total["name"], f"{total['expected']} stated, {total['found']} found", leaf=index)

    def holes(self, leaf: Leaf) -> Iterator[Hole]:
        """What a leaf says that its documents do not have: rows, pages, or the page that a row was read from."""
        index, body = leaf
        rows, pages = self.rows(body), self._lines(body, "exchanges")
        if len(rows) != body["records"]["count"]:
            why = f"the leaf counts {body['records']['count']} rows, and its document has {len(rows)}"
            yield Hole(Part.ITEM, f"rows of leaf {index}", why, leaf=index)
        if len(pages) != body["exchanges"]["count"]:
            why = f"the leaf counts {body['exchanges']['count']} pages, and its document has {len(pages)}"
            yield Hole(Part.PAGE, f"pages of leaf {index}", why, leaf=index)
        there = {(one["request"], one["page"]) for one in pages}
        for request, last in sorted(_last_pages(there).items()):
            for page in sorted(set(range(1, last + 1)) - {number for name, number in there if name == request}):
                yield Hole(Part.PAGE, f"{request} page {page}", "pages after it are there, and it is not", leaf=index)
        missing = Counter((request, page) for row in rows for request, page, _ in row["origins"])
        for request, page in sorted(missing.keys() - there):
            why = f"{missing[request, page]} rows were read from it, and it is not there"
            yield Hole(Part.PAGE, f"{request} page {page}", why, leaf=index)

    def _completeness(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._lines(body, "completeness")

    def _lines(self, body: Mapping[str, Any], member: str) -> list[dict[str, Any]]:
        return [canonical.decode(line) for line in self.content(body[member]["sha256"]).splitlines()]


def _last_pages(there: Iterable[tuple[str, int]]) -> dict[str, int]:
    last: dict[str, int] = {}
    for request, page in there:
        last[request] = max(page, last.get(request, 0))
    return last
