"""Every paging style, read to the provider's own end mark over real HTTP; and what each says when that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.model import Cause
from collector.source.rest.api import Operation
from collector.source.rest.paging import LinkHeader, NextLink, Numbered, Offset, Token
from tests.doubles.rest import Given
from tests.source.rest.lists import QUERIES, STYLES, Living, items

if TYPE_CHECKING:
    from tests.source.rest.conftest import Forge

LINKED = STYLES["link"][0]
TOKENS = STYLES["token"][0]
same_forge = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_a_list_that_stands_still_is_read_whole(forge: Forge, style: str, count: int) -> None:
    forge.queries = QUERIES
    Living(items(count)).serve(forge.double, style)
    read = forge.list(STYLES[style][0])
    assert read.complete, read.recorder.gaps
    assert read.ids == [one["id"] for one in items(count)]
    assert not forge.double.complaints


@pytest.mark.parametrize("style", STYLES)
@same_forge
@given(
    count=st.integers(0, 14),
    moves=st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.integers(0, 13)), max_size=3),
    etags=st.booleans(),
)
def test_a_list_that_moves_is_whole_or_says_so(
    forge: Forge, style: str, count: int, moves: list[tuple[int, bool, int]], *, etags: bool
) -> None:
    """Items come and go between the pages. Those that were there all the time are read, or the list is not complete."""
    forge.queries = QUERIES
    living = Living(items(count), etags=etags)
    fresh = iter(range(1000, 2000))
    steady = {one["id"] for one in living.items}

    def move(served: int) -> None:
        for moment, inserted, place in moves:
            if moment != served:
                continue
            if inserted:
                living.items.insert(min(place, len(living.items)), {"id": next(fresh)})
            elif place < len(living.items):
                steady.discard(living.items.pop(place)["id"])

    living.before = move
    living.serve(forge.double, style)
    read = forge.list(STYLES[style][0])
    assert read.causes <= {Cause.TRUNCATED}
    if read.complete:
        assert steady <= set(read.ids)
        assert len(set(read.ids)) == len(read.ids)


def test_what_is_deleted_behind_the_reader_hides_an_item_and_is_noticed(forge: Forge) -> None:
    living = Living(items(7))
    living.before = lambda served: living.items.pop(0) if served == 1 else None
    living.serve(forge.double, "link")
    read = forge.list(LINKED)
    assert 4 not in read.ids, "the fourth has moved to the first page, and no item came twice"
    assert read.gap.cause is Cause.TRUNCATED
    assert "changed while it was read" in read.gap.detail


def test_a_second_look_costs_nothing_where_there_are_etags_and_is_on_record(forge: Forge) -> None:
    Living(items(7), etags=True).serve(forge.double, "link")
    read = forge.list(LINKED)
    assert read.complete
    statuses = [exchange.status for exchange in read.recorder.exchanges]
    assert statuses == [200, 200, 200, 304, 304]
    bodies = [exchange.body for exchange in read.recorder.exchanges]
    assert bodies[3:] == bodies[:2], "a 304 names the body that was sealed before"
    assert [asked.headers.get("if-none-match") is not None for asked in forge.double.asked] == [False] * 3 + [True] * 2


def test_a_first_page_that_changes_without_moving_anything_is_no_gap(forge: Forge) -> None:
    living = Living(items(5), etags=True)

    def touch(served: int) -> None:
        if served == 1:
            living.items[0]["touched"] = True

    living.before = touch
    living.serve(forge.double, "link")
    assert forge.list(LINKED).complete


NO_END: dict[str, tuple[Any, list[Given]]] = {
    "link header gone on page 2": (
        LinkHeader(),
        [Given(200, [{"id": 1}], {"Link": '<?page=2>; rel="next"'}), Given(200, [{"id": 2}])],
    ),
    "no self link": (LinkHeader(marks=frozenset({"self"}), single=False), [Given(200, [{"id": 1}])]),
    "broken link header": (LinkHeader(), [Given(200, [{"id": 1}], {"Link": "<?page=2; rel=next"})]),
    "empty page, more promised": (LinkHeader(), [Given(200, [], {"Link": '<?page=2>; rel="next"'})]),
    "no total": (Offset(total="/total"), [Given(200, {"list": [{"id": 1}]})]),
    "total that is no number": (Offset(total="/total"), [Given(200, {"list": [{"id": 1}], "total": True})]),
    "more than the total": (Offset(total="/total"), [Given(200, {"list": [{"id": 1}, {"id": 2}], "total": 1})]),
    "empty before the total": (Offset(total="/total"), [Given(200, {"list": [], "total": 1})]),
    "a short page in the middle": (Numbered(total="/total"), [Given(200, {"list": [{"id": 1}], "total": 2})]),
    "more but not where": (Token(parameter="c", at="/c", more="/more"), [Given(200, {"list": [], "more": True})]),
    "more not said": (Token(parameter="c", at="/c", more="/more"), [Given(200, {"list": [], "c": "x"})]),
    "mark missing": (Token(parameter="c", at="/c", always=True), [Given(200, {"list": [{"id": 1}]})]),
    "token of no kind": (Token(parameter="c", at="/c"), [Given(200, {"list": [{"id": 1}], "c": {"a": 1}})]),
    "link of no kind": (NextLink(), [Given(200, {"list": [{"id": 1}], "nextLink": 5})]),
}


@pytest.mark.parametrize("what", NO_END)
def test_a_list_without_its_end_mark_is_truncated(forge: Forge, what: str) -> None:
    pages, answers = NO_END[what]
    operation = Operation("GET /x", items="" if isinstance(answers[0].body, list) else "/list", pages=pages)
    answer = iter(answers)
    forge.double.route("GET /x", lambda _: next(answer))
    read = forge.list(operation)
    assert read.gap.cause is Cause.TRUNCATED, what
    assert read.gap.subject.startswith("GET /x")


def test_a_pager_that_goes_in_a_circle_is_stopped(forge: Forge) -> None:
    forge.double.route("GET /token", Given(200, {"things": [{"id": 1}], "nextPageToken": "string"}))
    read = forge.list(TOKENS)
    assert "circle" in " ".join(gap.detail for gap in read.recorder.gaps)
    assert len(forge.double.asked) == 2


def test_a_list_that_is_not_sparse_but_empty_in_the_middle_goes_on_where_that_is_declared(forge: Forge) -> None:
    answers = iter([Given(200, {"things": [], "nextPageToken": "2"}), Given(200, {"things": [{"id": 1}]})])
    forge.double.route("GET /token", lambda _: next(answers))
    read = forge.list(TOKENS)
    assert read.complete
    assert read.ids == [1]


def test_an_item_without_its_key_is_no_item(forge: Forge) -> None:
    forge.double.route("GET /token", Given(200, {"things": [{"id": 1}, {"name": "no id"}]}))
    assert "by which it is known" in forge.list(TOKENS).gap.detail


def test_a_probe_reads_one_item_of_one_page(forge: Forge) -> None:
    Living(items(9)).serve(forge.double, "link")
    forge.probe = True
    read = forge.list(LINKED)
    assert read.complete
    assert read.ids == [1]
    assert len(forge.double.asked) == 1


def test_google_leaves_out_an_empty_list_and_others_may_not(forge: Forge) -> None:
    forge.double.route("GET /token", Given(200, {}))
    assert "no list" in forge.list(TOKENS).gap.detail
    google = Operation("GET /token", items="/things", pages=TOKENS.pages, omits_empty=True)
    assert forge.list(google).complete
    forge.double.route("GET /token", Given(200, {"things": None}))
    assert not forge.list(google).complete


def test_an_empty_list_that_is_left_out_still_says_what_it_is(forge: Forge) -> None:
    google = Operation("GET /token", items="/things", pages=TOKENS.pages, omits_empty=True, has=("/kind",))
    forge.double.route("GET /token", Given(200, {}))
    assert forge.list(google).causes == {"truncated"}
    forge.double.route("GET /token", Given(200, {"kind": "things"}))
    assert forge.list(google).complete


def test_a_call_that_is_not_paged_says_so_when_there_is_more(forge: Forge) -> None:
    once = Operation("GET /x", items="/value")
    forge.double.route("GET /x", Given(200, {"value": [], "nextLink": "https://elsewhere/"}))
    assert "goes on" in forge.list(once).gap.detail
    for link in ('<https://elsewhere/>; rel="next"', "<https://elsewhere/>;rel=next", "<broken"):
        forge.double.route("GET /x", Given(200, {"value": []}, {"Link": link}))
        assert "goes on" in forge.list(once).gap.detail


FULL = Operation("GET /full", items="", pages=LinkHeader(), parameters={"per_page": 2})


@pytest.mark.parametrize(
    ("second", "complete"), [([], True), ([{"id": 3}], False)], ids=["there is none", "its header was lost"]
)
def test_a_full_first_page_without_a_link_header_is_not_taken_for_the_whole(
    forge: Forge, second: list[Any], *, complete: bool
) -> None:
    forge.double.route(
        "GET /full", lambda asked: Given(200, second if "page" in asked.query else [{"id": 1}, {"id": 2}])
    )
    read = forge.list(FULL)
    assert read.complete is complete
    assert [asked.query.get("page") for asked in forge.double.asked][:2] == [None, "2"]
    assert complete or read.gap.cause is Cause.TRUNCATED


def test_a_first_page_that_is_not_full_needs_no_link_header(forge: Forge) -> None:
    forge.double.route("GET /full", Given(200, [{"id": 1}]))
    assert forge.list(FULL).complete
    assert len(forge.double.asked) == 1


def test_a_full_page_by_cursor_without_a_link_header_is_no_end(forge: Forge) -> None:
    forge.double.route("GET /full", Given(200, [{"id": 1}, {"id": 2}]))
    operation = Operation("GET /full", items="", pages=LinkHeader(shifts=False), parameters={"per_page": 2})
    assert "no Link header says whether there is more" in forge.list(operation).gap.detail
