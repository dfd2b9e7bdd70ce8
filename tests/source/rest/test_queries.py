from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.source.rest.queries import WritingError, batch, graphql, search

READS = (
    "{ viewer { login } }",
    "query { viewer { login } }",
    'query Q($a: Filter = {name: "mutation"}, $b: Int) @live(x: {y: 1}) { things(f: $a) { id } } fragment F on T { i }',
    '# mutation { x }\nquery { a(text: "} mutation {") { id } }',
    'query { a(text: """ " } mutation { """) { mutation subscription } }',
)
WRITES = (
    "mutation { x }",
    "query { a } mutation { x }",
    "query { a }mutation{ x }",
    "subscription { a }",
    "# query\nmutation M($a: T = {b: 1}) { x }",
    'query { a(t: "#") } mutation { x }',
    "{ a } extend type T { b: Int }",
    "query { a",
    "query { a } }",
)


@pytest.mark.parametrize("document", READS)
def test_queries_may_be_sent(document: str) -> None:
    graphql({"query": document})


@pytest.mark.parametrize("document", WRITES)
def test_whatever_else_may_not(document: str) -> None:
    with pytest.raises(WritingError):
        graphql({"query": document})


@given(st.sampled_from(READS), st.sampled_from(WRITES[:1]), st.sampled_from(["\n", " ", ",", "\n#x\n"]))
def test_a_mutation_behind_any_query_is_found(read: str, write: str, between: str) -> None:
    with pytest.raises(WritingError):
        graphql({"query": f"{read}{between}{write}"})


@given(st.text(alphabet='{}()"#mutationquery \n\\', max_size=60))
def test_no_text_breaks_the_check(document: str) -> None:
    try:
        graphql({"query": document})
    except WritingError:
        return
    assert not document.lstrip(" \n").startswith("mutation")


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"requests": []},
        {"requests": [{"method": "GET"}, {"method": "POST"}]},
        {"requests": [{"method": "GET", "body": {}}]},
        {"requests": [{"method": "get"}]},
        {"requests": ["GET"]},
    ],
)
def test_a_batch_holds_gets_alone(body: object) -> None:
    with pytest.raises(WritingError):
        batch(body)
    batch({"requests": [{"id": "1", "method": "GET", "url": "/users"}]})


def test_a_search_is_an_object() -> None:
    search({"query": "Resources"})
    with pytest.raises(WritingError):
        search([])
    with pytest.raises(WritingError):
        graphql({"query": 5})
