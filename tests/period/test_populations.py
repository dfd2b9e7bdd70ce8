"""A population over a period is whole or says what is missing: a page, a window, an item, a scope, each by name."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import canonical
from collector.normalise import timestamp
from collector.period.assembling import population_over
from collector.period.populations import Part, Population
from collector.period.span import Period
from collector.slots import moment
from tests.doubles.github.estate.build import build
from tests.doubles.github.estate.size import SMALL
from tests.doubles.year.almanac import END
from tests.doubles.year.office import EXCLUDED
from tests.period.written import EVENTS, START, Log, at

if TYPE_CHECKING:
    from tests.period.conftest import Year

PERIOD = Period.of(date(2026, 1, 3), date(2026, 1, 8))
HOUR = timedelta(hours=1)


def row(number: float, table: str = "access_event") -> dict[str, Any]:
    """Something that happened on day `number`, counted from the first of January."""
    return {"table": table, "row_id": f"{number:06.2f}", "at": timestamp(at(number))}


def daily(days: int = 12, *, without: int | None = None, **changed: Any) -> Log:
    """Four events a day, read in a window a day that overlaps the one before; `changed` is that of day 5."""
    log = Log()
    for day in range(1, days):
        rows = [row(day - 1 + quarter / 4) for quarter in range(4)]
        said = {"pages": 2, "total": len(rows)} | (changed if day == 5 else {})
        if day != without:
            log.window(day - 1 - 1 / 24, day, rows, continues=day - 1 if day > 1 else None, **said)
    return log


def over(log: Log, period: Period = PERIOD) -> Population:
    (found,) = population_over(EVENTS, log.leaves, log.contents.__getitem__, period)
    return found


def test_aq_02_what_was_read_whole_is_whole_and_has_the_items_of_the_period_alone() -> None:
    found = over(daily())
    assert found.complete
    assert [one.row["row_id"] for one in found.rows] == [row(2 + quarter / 4)["row_id"] for quarter in range(24)]
    assert found.outside == 44 - 24
    assert all(one.span.end == other.span.start for one, other in pairwise(found.stretches))
    assert (found.stretches[0].span.start, found.stretches[-1].span.end) == (PERIOD.start, PERIOD.end)
    assert all(one.ties and one.totals == [("counted", 4, 4)] for one in found.windows)


def test_aq_02_the_edges_are_midnights_of_the_stated_zone() -> None:
    """In Tokyo the third of January begins nine hours earlier than in UTC, and so ends the eighth."""
    found = over(daily(), Period.of(PERIOD.first, PERIOD.last, "Asia/Tokyo"))
    times = [one.row["at"] for one in found.rows]
    assert (times[0], times[-1]) == (timestamp(at(1.75)), timestamp(at(7.5)))
    assert found.complete


def test_aq_02_a_window_that_is_dropped_is_named_by_its_time() -> None:
    holes = over(daily(without=5)).holes
    assert {one.part for one in holes} == {Part.WINDOW}
    assert (holes[0].start, holes[0].end) == (at(4), at(5) - HOUR), "what no other window overlaps"
    assert f"a window up to {timestamp(at(5))}" in {one.subject for one in holes}, "the next one goes on from it"


def test_aq_02_a_page_that_did_not_come_is_named() -> None:
    found = over(daily(gap="GET /events page 3"))
    assert ("GET /events page 3", Part.PAGE) in {(one.subject, one.part) for one in found.holes}
    assert (found.holes[0].start, found.holes[0].end) == (at(4), at(5) - HOUR)


def test_aq_02_an_item_that_the_source_counts_and_did_not_give_is_named() -> None:
    holes = over(daily(total=5)).holes
    assert ("counted", "5 stated, 4 found") in {(one.subject, one.detail) for one in holes if one.part is Part.ITEM}


def dropped(log: Log, member: str, line: int) -> Population:
    """The population where one line is taken out of a document of day 5's window after it was sealed."""
    body = [body for _, body in log.leaves if body["kind"] == "evidence"][4]
    sha256 = body[member]["sha256"]
    lines = log.contents[sha256].splitlines(keepends=True)
    log.contents[sha256] = b"".join(lines[:line] + lines[line + 1 :])
    return over(log)


@pytest.mark.parametrize("line", range(2))
def test_aq_02_a_page_that_is_taken_out_afterwards_is_named(line: int) -> None:
    holes = dropped(daily(), "exchanges", line).holes
    assert {one.part for one in holes} == {Part.PAGE}
    assert f"q page {line + 1}" in {one.subject for one in holes}


@pytest.mark.parametrize("line", range(4))
def test_aq_02_an_item_that_is_taken_out_afterwards_is_named(line: int) -> None:
    (hole,) = dropped(daily(), "records", line).holes
    assert hole.part is Part.ITEM
    assert hole.detail == "the leaf counts 4 rows, and its document has 3"


def test_what_the_source_forgot_is_a_hole_that_says_so() -> None:
    log = daily(4)
    log.window(6, 7, [], continues=3)
    (lost, rest) = over(log).holes
    assert (lost.detail, lost.start, lost.end) == ("its source forgot it", at(3), at(6))
    assert (rest.detail, rest.start, rest.end) == ("no complete window covers it", at(7), at(8))


def test_a_scope_of_the_schedule_that_nothing_read_is_no_empty_population() -> None:
    found = over(Log())
    assert not found.complete
    assert [one.part for one in found.holes] == [Part.SCOPE]


def test_whole_windows_without_items_prove_that_there_are_none() -> None:
    log = Log()
    log.window(0, 9, [], continues=None)
    found = over(log)
    assert (found.complete, found.rows) == (True, [])


def test_a_row_counts_once_as_it_was_last_seen_and_its_reviews_stand_beside() -> None:
    log = Log()
    change = {"table": "change", "row_id": "c", "source_id": "one#1", "merged_at": timestamp(at(3))}
    review = {"table": "change_review", "row_id": "r", "change_id": "one#1", "submitted_at": timestamp(at(0))}
    stranger = review | {"row_id": "x", "change_id": "one#9"}
    log.window(0, 4, [change | {"title": "before"}], continues=None)
    log.window(3, 9, [change | {"title": "after"}, review, stranger], continues=4)
    found = over(log)
    assert [(one.row["title"], one.snapshots, one.first_collected) for one in found.rows] == [
        ("after", 2, timestamp(at(4)))
    ]
    assert [one.row["row_id"] for one in found.beside] == ["r"], "though it was submitted before the period"


def test_a_row_without_a_time_is_kept_and_counted() -> None:
    log = Log()
    log.window(0, 9, [{"table": "access_event", "row_id": "u", "at": None}], continues=None)
    found = over(log)
    assert (len(found.rows), found.undated) == (1, 1)


WINDOWS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12), st.booleans()), max_size=10)


@settings(deadline=None)
@given(WINDOWS)
def test_complete_means_that_each_hour_of_the_period_is_in_a_complete_window(
    windows: list[tuple[int, int, bool]],
) -> None:
    """For windows of any order; counted once more, hour by hour of a period of two days."""
    log, period = Log(), Period.of(START.date(), START.date() + timedelta(days=1))
    for begin, length, whole in windows:
        log.window(begin / 24, (begin + length) / 24, [], continues=None, gap="" if whole else "x")
    found = over(log, period)
    read = {hour for begin, length, whole in windows if whole for hour in range(begin, begin + length)}
    missing = set(range(48)) - read
    assert found.complete == (not missing)
    if windows:
        named = {
            hour
            for one in found.holes
            if one.start and one.end
            for hour in range(48)
            if one.start <= START + (hour + 0.5) * HOUR < one.end
        }
        assert named == missing, "every hole is named, and nothing that was read"


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestTheYear:
    """The same of a year that the real program collected over HTTP, in pages; the estate is the oracle."""

    QUARTER = Period.of(date(2026, 1, 1), date(2026, 3, 31), "Europe/Berlin")
    TYPE = "github.pulls.merged"

    def population(self, year: Year, leaves: list[Any] | None = None, content: Any = None) -> Population:
        pairs = [(leaf.index, leaf.body) for leaf in year.leaves] if leaves is None else leaves
        (found,) = population_over(self.TYPE, pairs, content or year.reader.content, self.QUARTER)
        return found

    def windows(self, year: Year) -> list[Any]:
        """The leaves inside the quarter that hold changes."""
        ids = {one.leaf for one in self.population(year).windows if one.rows and one.pages}
        return [leaf for leaf in year.leaves if leaf.index in ids]

    def test_aq_02_the_population_is_what_the_source_has_on_both_sides_of_its_edges(self, year: Year) -> None:
        org = build(SMALL, seed=year.figures["facts"]["github"]["manifest"]["seed"], end=END).org
        expected = {
            f"{org.login}/{name}#{number}"
            for name, repo in org.repos.items()
            if f"{org.login}/{name}" not in EXCLUDED
            for number, pull in repo.pulls.items()
            if pull.merged_at and pull.merged_at in self.QUARTER
        }
        found = self.population(year)
        assert found.complete, found.holes
        assert {one.row["source_id"] for one in found.rows} == expected
        assert len(found.rows) == len(expected) > 20
        assert found.outside > len(expected), "there are changes on both sides"
        stated = {name for one in found.windows for name, *_ in one.totals}
        assert stated, "each window was counted a second time"
        assert all(one.ties for one in found.windows)

    def test_aq_02_a_window_that_is_shifted_leaves_a_hole_as_long(self, year: Year) -> None:
        leaf = self.windows(year)[3]
        moved = dict(leaf.body["window"])
        moved["from"] = timestamp(moment(moved["from"]) + 3 * HOUR)
        shifted = [
            (one.index, one.body | {"window": moved} if one.index == leaf.index else one.body) for one in year.leaves
        ]
        found = self.population(year, shifted)
        assert not found.complete
        ends = [timestamp(one.end) for one in found.holes if one.part is Part.WINDOW and one.end]
        assert ends == [moved["from"]], "up to where it now begins"

    def test_aq_02_a_dropped_window_a_dropped_page_and_a_dropped_item_are_each_named(self, year: Year) -> None:
        leaf = self.windows(year)[3]
        without = self.population(year, [(one.index, one.body) for one in year.leaves if one.index != leaf.index])
        assert not without.complete
        assert leaf.body["window"]["to"] in " ".join(one.subject for one in without.holes)
        for member, part in (("exchanges", Part.PAGE), ("records", Part.ITEM)):
            lines = year.reader.content(leaf.body[member]["sha256"]).splitlines(keepends=True)
            for line in range(len(lines)):
                cut = {leaf.body[member]["sha256"]: b"".join(lines[:line] + lines[line + 1 :])}
                found = self.population(
                    year, None, lambda sha256, cut=cut: cut.get(sha256) or year.reader.content(sha256)
                )
                assert part in {one.part for one in found.holes if one.leaf == leaf.index}, (member, line)
                if member == "exchanges":
                    page = canonical.decode(lines[line])
                    rows = [one for one in year.rows(leaf.index) for name, number, _ in one["origins"]
                            if (name, number) == (page["request"], page["page"])]  # fmt: skip
                    named = f"{page['request']} page {page['page']}"
                    assert bool(rows) == (named in {one.subject for one in found.holes})
