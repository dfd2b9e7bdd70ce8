"""A population put together from its windows, and its time: for windows of any order and size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from collector import windows
from collector.normalise import timestamp
from collector.population import assembled
from collector.windows import Reading

if TYPE_CHECKING:
    from collector.model import Window

AT = datetime(2026, 1, 1, tzinfo=UTC)


def hour(number: int) -> str:
    return timestamp(AT + timedelta(hours=number))


def leaf(start: int, end: int, *, complete: bool, continues: int | None, ended: int = 0) -> dict[str, Any]:
    return {
        "window": {"from": hour(start), "to": hour(end)},
        "continues": None if continues is None else hour(continues),
        "complete": complete,
        "ended": hour(ended),
    }


LEAVES = st.lists(
    st.builds(
        lambda start, length, complete, continues: leaf(start, start + length, complete=complete, continues=continues),
        st.integers(0, 30), st.integers(0, 9), st.booleans(), st.none() | st.integers(0, 30),
    ),
    max_size=12,
)  # fmt: skip


@given(LEAVES)
def test_each_hour_is_in_one_stretch_and_that_of_the_first_leaf_that_read_it(leaves: list[dict[str, Any]]) -> None:
    found = windows.history(enumerate(leaves))
    assert all(one.span.start < one.span.end for one in found)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))
    for number in range(45):
        at = AT + timedelta(hours=number, minutes=30)
        inside = [one for one in found if one.span.start <= at < one.span.end]
        asked = [(index, one) for index, one in enumerate(leaves) if holds(windows.window_of(one), at)]
        read = [index for index, one in asked if one["complete"]]
        gone = [index for index, one in enumerate(leaves) if holds(windows.lost(one), at)]
        assert len(inside) <= 1
        if read:
            assert (inside[0].reading, inside[0].leaf) == (Reading.READ, read[0])
        elif gone:
            assert (inside[0].reading, inside[0].leaf) == (Reading.LOST, gone[0])
        elif asked:
            assert inside[0].reading is Reading.OPEN


def holds(window: Window | None, at: datetime) -> bool:
    return window is not None and window.start <= at < window.end


@given(LEAVES)
def test_the_newest_leaf_that_goes_on_from_another_tells_where_it_stands(leaves: list[dict[str, Any]]) -> None:
    def stands(from_leaf: int) -> str | None:
        reached = None
        for body in leaves[from_leaf:]:
            reached = windows.reached(reached, body)
        return reached

    continuing = [index for index, one in enumerate(leaves) if one["continues"]]
    if continuing:
        assert stands(0) == stands(continuing[-1])


def test_what_is_no_population_moves_nothing() -> None:
    assert windows.reached("2026-01-01T00:00:00Z", {"window": None, "complete": True}) == "2026-01-01T00:00:00Z"
    assert windows.history([(0, {"window": None, "continues": None, "complete": True, "ended": hour(0)})]) == []


SNAPSHOTS = st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=5), max_size=6)


@given(SNAPSHOTS)
def test_each_item_counts_once_as_it_was_last_seen(snapshots: list[list[tuple[str, int]]]) -> None:
    leaves = [(index, {"ended": hour(index)}) for index in range(len(snapshots))]

    def rows(body: Any) -> list[dict[str, Any]]:
        (index,) = (at for at, one in leaves if one is body)
        return [{"row_id": key * 32, "source_id": key, "state": state} for key, state in snapshots[index]]

    found = assembled(leaves, rows)
    assert [item.row["source_id"] for item in found] == sorted({key for one in snapshots for key, _ in one})
    for item in found:
        key = item.row["source_id"]
        holding = [index for index, one in enumerate(snapshots) if key in {name for name, _ in one}]
        assert (item.first_collected, item.last_collected) == (hour(holding[0]), hour(holding[-1]))
        assert (item.leaf, item.snapshots) == (holding[-1], len(holding))
        assert item.row["state"] == [state for name, state in snapshots[holding[-1]] if name == key][-1]
