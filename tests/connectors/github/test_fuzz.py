"""Spoilt answers for some seconds; `python -m benchmarks.fuzz_rest` goes on for as long as one likes."""

from __future__ import annotations

from typing import Any

import pytest

from collector.source.rest.paging import BrokenListError, Link, More, Shown
from connectors.github.api import API
from tests.connectors.github.gathering import connector
from tests.fuzzing.hunt import Tally, hunting
from tests.fuzzing.mutations import MUTATIONS

SEED = 20261127
TRIES = 30
STRANGE: list[Any] = [
    None,
    True,
    0,
    -3,
    2**70,
    "",
    "x",
    [],
    {},
    [[]],
    {"pageInfo": None},
    {"data": {"organization": []}},
]


@pytest.mark.slow
def test_spoilt_answers_end_no_task_and_make_nothing_complete_that_is_not() -> None:
    tally = Tally()
    with hunting() as hunt:
        hunt.go(SEED, TRIES, tally)
    assert tally.found == []
    assert tally.spoilt >= TRIES * 3 // 4, "hardly anything was spoilt"
    assert len(tally.mutations) > len(MUTATIONS) // 2
    assert tally.causes["truncated"]


PAGERS = sorted(
    {
        name
        for one in connector().types.values()
        for name in API.reached(one.needs)
        if API.operation(name).pages is not None
    }
)


@pytest.mark.parametrize("name", PAGERS)
def test_a_pager_goes_on_ends_or_says_that_the_list_is_broken(name: str) -> None:
    pages = API.operation(name).pages
    assert pages is not None
    for answer in STRANGE:
        for link in ("", "<", '<https://x>; rel="next"', "<>;rel=next,<", '<a>; rel="prev"', "\x00;,"):
            for number in (1, 2):
                try:
                    following = pages.following(Shown(number, answer, 1, number - 1, link))
                except BrokenListError:
                    continue
                assert following is None or isinstance(following, Link | More)
