"""What a sample says: a bound that is exact, a script that draws it again, ids that are what FORMAT.md says."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from fractions import Fraction
from hashlib import sha256
from math import comb
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.statements import draw
from collector.period.looks import Item
from collector.period.sample import Rate, item_id, of_control, rate, script, upper_bound
from collector.period.span import Period
from tests.period.test_register import emergency, lived

if TYPE_CHECKING:
    from pathlib import Path


@given(
    st.integers(1, 90).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_the_bound_is_where_so_few_deviations_have_exactly_the_chance_that_is_left(
    found: tuple[int, int], confidence: float
) -> None:
    """Held against the binomial distribution in whole numbers."""
    deviations, size = found
    bound = upper_bound(deviations, size, confidence)
    assert deviations / size <= bound <= 1
    if deviations == size:
        assert bound == 1
        return
    share = Fraction(bound)
    chance = sum(comb(size, one) * share**one * (1 - share) ** (size - one) for one in range(deviations + 1))
    assert float(chance) == pytest.approx(1 - confidence, rel=1e-9)


@pytest.mark.parametrize(("size", "confidence", "bound"), [(45, 0.9, 5), (29, 0.95, 10), (59, 0.95, 5)])
def test_the_planning_sizes_of_auditors_with_no_deviation_come_out(size: int, confidence: float, bound: int) -> None:
    assert upper_bound(0, size, confidence) * 100 < bound < upper_bound(0, size - 1, confidence) * 100


@settings(max_examples=3, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.integers(),
    st.integers(1, 60),
)
def test_aq_07_the_script_draws_of_four_hundred_what_was_drawn_whatever_the_seed(
    tmp_path_factory: pytest.TempPathFactory, seed: str, population: int, size: int
) -> None:
    ids = [sha256(f"{population} {number}".encode()).hexdigest()[:32] for number in range(400)]
    folder: Path = tmp_path_factory.mktemp("drawn")
    with (folder / "population.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("row_id", "name"), *((one, 'a "quoted"\nname') for one in ids)])
    text = script(seed, size)
    assert len(text.splitlines()) <= 10
    (folder / "draw.py").write_text(text, "utf-8")
    command = [sys.executable, "-I", "draw.py"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    said, *drawn = ended.stdout.splitlines()
    assert drawn == draw(ids, seed, size)
    lines = "".join(f"{one}\n" for one in sorted(ids))
    assert said == f"population 400 {sha256(lines.encode()).hexdigest()}"


def test_the_id_of_an_item_is_what_the_format_says() -> None:
    expected = sha256(b'["X-01","toy","one","thing"]').hexdigest()[:32]
    assert item_id("X-01", Item("toy", "one", "thing")) == expected


def test_a_control_is_sampled_by_its_items_with_the_outcome_that_counts() -> None:
    period = Period.of(date(2026, 1, 2), date(2026, 1, 2))
    (unit,) = of_control(emergency().over(period))
    assert unit.name == "one#1"
    assert unit.last
    assert unit.last.state.value == "pass"


def test_what_could_not_be_told_counts_as_neither() -> None:
    units = of_control(lived("PPD", "PPP", "PPU", "PPN").over(Period.of(date(2026, 1, 1), date(2026, 1, 5))))
    assert rate(units) == Rate(items=4, deviations=1, undecided=2)
    assert rate(units).share == Fraction(1, 2)
    assert rate([]).share is None
