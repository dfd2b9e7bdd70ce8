"""Exceptions, responses and samples: both verifiers know what each has to say, and draw samples again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.layout import segment_key
from collector.archive.statements import draw
from collector.model import Content
from collector.seal import exception_leaf, response_leaf, sample_leaf
from tests.archive.test_standalone import findings

from .conftest import AT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .conftest import Place

ITEM = {"control": "IAM-10", "provider": "aws", "unit": None, "item": "user/ann"}
MANY = sorted(f"{number:032x}" for number in range(40))
EXCEPTION = exception_leaf(ITEM, reason="leaves soon", approver="cfo", expires=AT.replace(year=2027), by="ops", at=AT)
RESPONSE = response_leaf(ITEM, cause=None, owner="ann", response=None, by="ops", at=AT)


@pytest.fixture
def begun(place: Place) -> Place:
    Archive.create(place.judge, place.keys, AT)
    return place


def put(place: Place, leaf: dict[str, Any], *documents: bytes) -> list[str]:
    """Seal it; what both verifiers say is wrong, which has to be in the same object."""
    archive = place.open()
    with archive.stage(AT) as staging:
        for document in documents:
            staging.put(document)
        committed = archive.append([leaf], staging)
    own = place.verify()
    strangers = findings(place.directory, str(place.keys.log.verifier_key))
    expected = {segment_key(committed.sequence)} if own.faults else set()
    assert {fault.object for fault in own.faults} == {name for name, _ in strangers.faults} == expected
    return [fault.problem for fault in own.faults] + [problem for _, problem in strangers.faults]


def lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{one}\n" for one in ids).encode()


def sealed(place: Place, population: list[str], ids: list[str], **members: Any) -> list[str]:
    documents = [lines(population), lines(ids)]
    cited = [Content(canonical.digest(one), one.count(b"\n")) for one in documents]
    period = {"from": "2026-01-01", "to": "2026-12-31", "zone": "UTC"}
    leaf = sample_leaf(
        "CHG-02", period=period, seed="7", size=len(ids), complete=True,
        population=cited[0], ids=cited[1], by="auditor", at=AT,
    )  # fmt: skip
    return put(place, leaf | members, *documents)


def test_statements_that_say_what_they_have_to_are_sound(begun: Place) -> None:
    assert put(begun, EXCEPTION) == put(begun, RESPONSE) == []
    assert sealed(begun, MANY, draw(MANY, "7", 5)) == []
    assert sealed(begun, MANY, [MANY[3], MANY[1]], method="ids", seed=None) == []
    assert sealed(begun, MANY[:2], draw(MANY[:2], "7", 25), size=25) == [], "more than there are: all of them"
    assert sealed(begun, [], []) == []


@pytest.mark.parametrize(
    "leaf",
    [
        EXCEPTION | {"approver": ""},
        EXCEPTION | {"reason": None},
        EXCEPTION | {"expires": "2026-01-01"},
        EXCEPTION | {"expires": EXCEPTION["at"]},
        EXCEPTION | {"hides": True},
        {name: value for name, value in EXCEPTION.items() if name != "by"},
        RESPONSE | {"owner": None},
        RESPONSE | {"item": 7},
    ],
)
def test_one_that_does_not_is_named(begun: Place, leaf: dict[str, Any]) -> None:
    assert len(put(begun, leaf)) == 2


@pytest.mark.parametrize(
    ("population", "ids", "members"),
    [
        (MANY, draw(MANY, "8", 5), {}),
        (MANY, sorted(draw(MANY, "7", 5)), {}),
        (MANY, [*draw(MANY, "7", 4), "f" * 32], {}),
        (MANY, [MANY[0], MANY[0]], {"method": "ids", "seed": None}),
        (MANY, draw(MANY, "7", 5), {"size": 6}),
        (MANY[::-1], draw(MANY, "7", 5), {}),
        (MANY, draw(MANY, "7", 5), {"seed": None}),
        (MANY, draw(MANY, "7", 5), {"method": "chance"}),
        (MANY, draw(MANY, "7", 5), {"period": {"from": "2026-01-01"}}),
    ],
    ids=["another seed", "another order", "a stranger", "one twice", "another size", "unsorted", "no seed", "method",
         "no period"],
)  # fmt: skip
def test_aq_07_a_sample_that_is_not_what_its_seed_draws_is_named(
    begun: Place, population: list[str], ids: list[str], members: dict[str, Any]
) -> None:
    assert len(sealed(begun, population, ids, **members)) == 2


@given(st.sets(st.text("0123456789abcdef", min_size=4, max_size=4)), st.text(max_size=5), st.integers(0, 12))
def test_the_same_seed_draws_the_same_and_a_larger_sample_has_the_smaller(ids: set[str], seed: str, size: int) -> None:
    drawn = draw(ids, seed, size)
    assert drawn == draw(sorted(ids, reverse=True), seed, size)
    assert len(drawn) == min(size, len(ids)) == len(set(drawn))
    assert draw(ids, seed, size + 1)[:size] == drawn
