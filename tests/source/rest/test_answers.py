"""Whatever comes in place of an answer is a gap with its cause; nothing of it is taken for "nothing there"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.errors import UndeclaredCallError
from collector.model import Cause
from collector.source.rest.api import Api, Operation, Proof
from collector.source.rest.dialect import Dialect
from collector.source.rest.queries import graphql
from tests.doubles.rest import Given
from tests.source.rest.conftest import TOKEN, Forge
from tests.source.rest.lists import QUERIES, STYLES

THINGS = Operation("GET /things", items="")
ONE = Operation("GET /things/{id}", has=("/name",))

NO_LISTS: dict[str, tuple[Given, Cause]] = {
    "403": (Given(403, {"message": "no"}), Cause.DENIED),
    "404": (Given(404, {"message": "Not Found"}), Cause.DENIED),
    "402": (Given(402, {}), Cause.UNLICENSED),
    "429": (Given(429, {}, {"Retry-After": "1"}), Cause.THROTTLED),
    "500": (Given(500, b"<html>", {"Content-Type": "text/html"}), Cause.UNAVAILABLE),
    "503": (Given(503, {}), Cause.UNAVAILABLE),
    "422": (Given(422, {}), Cause.UNAVAILABLE),
    "202": (Given(202, {"message": "wait"}), Cause.TRUNCATED),
    "204": (Given(204), Cause.TRUNCATED),
    "304 that nobody asked for": (Given(304), Cause.UNAVAILABLE),
    "empty": (Given(200, b""), Cause.TRUNCATED),
    "blank": (Given(200, b" \n"), Cause.TRUNCATED),
    "web page": (Given(200, b"<html>[]</html>", {"Content-Type": "text/html"}), Cause.TRUNCATED),
    "json under another name": (Given(200, [], {"Content-Type": "text/plain"}), Cause.TRUNCATED),
    "no type": (Given(200, [], {"Content-Type": ""}), Cause.TRUNCATED),
    "half of it": (Given(200, b'[{"id": 1}, {"id"'), Cause.TRUNCATED),
    "cut": (Given(200, [{"id": 1}], cut=True), Cause.TRUNCATED),
    "object": (Given(200, {"things": []}), Cause.TRUNCATED),
    "null": (Given(200, b"null"), Cause.TRUNCATED),
    "error in a 200": (Given(200, {"error": {"code": "Forbidden"}}), Cause.DENIED),
    "no gzip": (Given(200, b"[]", {"Content-Encoding": "gzip"}), Cause.TRUNCATED),
    "unknown encoding": (Given(200, b"[]", {"Content-Encoding": "br"}), Cause.TRUNCATED),
    "reset": (Given(reset=True), Cause.TRUNCATED),
}


@pytest.mark.parametrize("what", NO_LISTS)
def test_what_is_no_list_is_a_gap(forge: Forge, what: str) -> None:
    given_, cause = NO_LISTS[what]
    forge.dialect = Dialect(causes={"Forbidden": Cause.DENIED})
    forge.double.route("GET /things", given_)
    read = forge.list(THINGS)
    assert read.answers == []
    assert read.gap.cause is cause, read.gap
    assert read.gap.subject == f"GET /things ({forge.double.url[7:]})"
    (exchange,) = read.recorder.exchanges
    assert read.gap.request == exchange.request
    if exchange.body is not None:
        assert read.kept[exchange.body] == given_.sent or what in {"204", "no gzip", "304 that nobody asked for"}


NO_OBJECTS = [b"[]", b"[{}]", b'"text"', b"5", b"null", b"{}", b'{"Name": 1}', b"", b"{"]


@pytest.mark.parametrize("body", NO_OBJECTS)
def test_what_is_no_object_is_a_gap(forge: Forge, body: bytes) -> None:
    forge.double.route("GET /things/1", Given(200, body))
    read = forge.get(ONE, id=1)
    assert not read.answers[0].seen
    assert read.gap.cause is Cause.TRUNCATED


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_an_answer_bent_in_any_way_is_never_believed_to_be_shorter(forge: Forge, data: st.DataObject) -> None:
    """A real answer with bytes cut, changed or doubled: all its items are read, or the list is not complete."""
    real = json.dumps([{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]).encode()
    at = data.draw(st.integers(0, len(real) - 1))
    length = data.draw(st.integers(1, 12))
    put = data.draw(st.binary(max_size=4))
    bent = real[:at] + put + real[at + length :]
    forge.double.route("GET /things", Given(200, bent))
    read = forge.list(THINGS)
    if read.complete:
        assert read.ids == [one["id"] for one in json.loads(bent)]


def test_a_404_means_absent_once_the_proof_holds(forge: Forge) -> None:
    rule = Operation("GET /repos/{repo}/rule", absent=Proof("GET /repos/{repo}", "/permissions/admin"))
    repo = Operation("GET /repos/{repo}")
    forge.double.route("GET /repos/a", Given(200, {"permissions": {"admin": True}}))
    forge.double.route("GET /repos/b", Given(200, {"permissions": {"admin": False}}))
    read = forge.get(rule, repo, repo="a")
    assert read.complete
    assert read.answers[0].absent
    assert [exchange.operation for exchange in read.recorder.exchanges].count("GET /repos/{repo}") == 1
    for unproved in ("b", "c"):
        read = forge.get(rule, repo, repo=unproved)
        assert not read.answers[0].seen
        assert read.gap.cause is Cause.DENIED
        assert "nothing shows" in read.gap.detail


def test_one_proof_serves_all_children(forge: Forge) -> None:
    rule = Operation("GET /repos/{repo}/rules/{rule}", absent=Proof("GET /repos/{repo}"))
    repo = Operation("GET /repos/{repo}")
    forge.double.route("GET /repos/a", Given(200, {"id": 1}))
    with forge.source(rule, repo) as (source, read):
        found = [answer for _, answer in source.each(range(6), lambda n: source.look(rule.name, repo="a", rule=n))]
    assert all(answer.absent for answer in found)
    assert read.complete
    assert forge.double.paths().count("/repos/a") == 1


def test_204_is_a_yes_where_it_is_declared(forge: Forge) -> None:
    alerts = Operation("GET /alerts", no_content=True)
    forge.double.route("GET /alerts", Given(204))
    assert forge.get(alerts).answers[0].seen
    forge.double.route("GET /alerts", Given(200, {}))
    assert forge.get(alerts).gap.cause is Cause.TRUNCATED


def test_graphql_errors_are_gaps_that_say_where(forge: Forge) -> None:
    forge.queries = QUERIES
    forge.dialect = Dialect(
        causes={"FORBIDDEN": Cause.DENIED, "RATE_LIMITED": Cause.THROTTLED}, codes=("/errors/0/type",)
    )
    error = {"type": "FORBIDDEN", "path": ["things", "nodes", 1], "message": "no"}
    connection = {"nodes": [{"id": 1}, None], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    things = STYLES["graphql"][0]
    forge.double.route("POST /graphql", Given(200, {"data": {"things": connection}, "errors": [error]}))
    read = forge.list(things)
    assert read.ids == [1], "what can be read is read"
    assert {(gap.cause, gap.detail) for gap in read.recorder.gaps} == {
        (Cause.DENIED, "FORBIDDEN at things/nodes/1"),
        (Cause.TRUNCATED, "an item came without its content"),
    }
    forge.double.route("POST /graphql", Given(200, {"data": None, "errors": [error]}))
    assert forge.list(things).gap.cause is Cause.DENIED
    forge.double.route("POST /graphql", Given(200, {"data": {"things": None}, "errors": [error]}))
    assert forge.list(things).causes == {Cause.DENIED}
    forge.double.route("POST /graphql", Given(200, {"errors": [{"type": "RATE_LIMITED"}]}))
    read = forge.list(things)
    assert read.gap.cause is Cause.THROTTLED
    assert read.attempts == [3]


def test_an_exchange_says_what_was_asked_and_came(forge: Forge) -> None:
    dated = {"Date": "Mon, 23 Nov 2026 12:00:05 GMT", "X-Request-Id": "r-1"}
    forge.double.route("GET /things/a%2Fb", Given(200, {"name": "n", "token": "hunter2"}, dated))
    read = forge.get(ONE, id="a/b", full=True, none=None)
    (exchange,) = read.recorder.exchanges
    assert (exchange.operation, exchange.place) == ("GET /things/{id}", forge.double.url[7:])
    assert exchange.parameters == {"id": "a/b", "full": True, "none": None}
    assert (exchange.status, exchange.request_id, exchange.attempts) == (200, "r-1", 1)
    assert exchange.server_date is not None
    assert exchange.server_date.isoformat() == "2026-11-23T12:00:05+00:00"
    assert exchange.body is not None
    assert b"hunter2" not in read.kept[exchange.body]
    assert read.answers[0]["token"].startswith("redacted:")
    assert forge.double.asked[0].query == {"full": "true"}
    assert forge.double.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_reads_that_are_shared_are_made_once(forge: Forge) -> None:
    forge.double.route("GET /things", Given(200, [{"id": 1}]))
    with forge.source(THINGS, shared=True) as (source, read):
        found = list(source.each(range(8), lambda _: len(list(source.list(THINGS.name)))))
    assert [count for _, count in found] == [1] * 8
    assert len(forge.double.asked) == 1
    assert len(read.recorder.exchanges) == 1


def test_an_answer_that_is_as_it_was_is_taken_from_what_was_sealed(forge: Forge) -> None:
    operation = Operation("GET /things/{id}", revalidate=True)
    forge.double.route("GET /things/1", Given(200, {"name": "n"}, {"ETag": '"v1"'}))
    with forge.source(operation) as (source, read):
        first = source.get(operation.name, id=1)
        forge.double.route("GET /things/1", Given(304, None, {"ETag": '"v1"'}))
        second = source.get(operation.name, id=1)
    assert dict(first) == dict(second) == {"name": "n"}
    one, two = read.recorder.exchanges
    assert (one.status, two.status) == (200, 304)
    assert one.body == two.body
    assert forge.double.asked[1].headers["if-none-match"] == '"v1"'


def test_only_what_is_declared_can_be_called(forge: Forge) -> None:
    with forge.source(THINGS) as (source, _):
        with pytest.raises(UndeclaredCallError, match="not declared"):
            source.get("GET /secrets")
        with pytest.raises(UndeclaredCallError, match="list"):
            source.get(THINGS.name)
    with forge.source(ONE) as (source, _):
        with pytest.raises(UndeclaredCallError, match="list"):
            next(source.list(ONE.name))
        for missing in ({}, {"id": ""}, {"id": ".."}):
            with pytest.raises(UndeclaredCallError, match="without id"):
                source.get(ONE.name, **missing)
    assert forge.double.asked == []


@pytest.mark.parametrize(
    "name", ["POST /things", "PUT /things", "DELETE /things", "PATCH /things", "GET", "GET things", "HEAD /things"]
)
def test_an_operation_that_writes_cannot_be_declared(name: str) -> None:
    with pytest.raises(ValueError, match=name.split(" ", maxsplit=1)[0]):
        Api([Operation(name)], queries={"/graphql": graphql})


def test_a_proof_must_be_declared_and_need_no_other_names() -> None:
    for proof in ("GET /gone", "GET /{other}"):
        with pytest.raises(ValueError, match="proves its 404"):
            Api([Operation("GET /{id}/x", absent=Proof(proof)), Operation("GET /{other}")])


def test_a_declaration_twice_or_without_items_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Api([THINGS, THINGS])
    with pytest.raises(ValueError, match="items"):
        Api([Operation("GET /x", pages=STYLES["link"][0].pages)])


def test_a_mutation_is_never_sent(forge: Forge) -> None:
    forge.queries = QUERIES
    writes = Operation("POST /graphql", document="mutation { deleteThing(id: 1) { id } }")
    with forge.source(writes) as (source, _), pytest.raises(UndeclaredCallError, match="mutation"):
        source.get(writes.name)
    assert forge.double.asked == []


def anything() -> Any:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(anything(), st.sampled_from([200, 403, 404, 500]))
def test_no_json_whatever_breaks_out_of_its_gap(forge: Forge, body: Any, status: int) -> None:
    forge.attempts = 1
    forge.double.route("GET /things", Given(status, body))
    read = forge.list(THINGS)
    assert read.complete == (
        status == 200 and isinstance(body, list) and all(_known(one) for one in body) and _once(body)
    )
    assert Cause.DEFECT not in read.causes


def _known(item: Any) -> bool:
    found = item.get("id") if isinstance(item, dict) else None
    return isinstance(found, str | int) and not isinstance(found, bool) and found != ""


def _once(items: list[Any]) -> bool:
    return len({str(one["id"]) for one in items}) == len(items)
