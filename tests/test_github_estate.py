"""The organisation that the GitHub double is seeded with: a year that has happened, all of it."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.doubles.github.estate.build import build
from tests.doubles.github.estate.size import BIG, SMALL, Size

if TYPE_CHECKING:
    from collections.abc import Iterator

AHEAD = {"expires_at"}
"""What names a moment that is still to come."""


def moments(told: object, name: str = "", known: set[int] | None = None) -> Iterator[tuple[str, datetime]]:
    """Every moment in it, each with the field that it stands in."""
    known = set() if known is None else known
    if isinstance(told, datetime):
        yield name, told
        return
    if id(told) in known:
        return
    known.add(id(told))
    if dataclasses.is_dataclass(told) and not isinstance(told, type):
        for field in dataclasses.fields(told):
            yield from moments(getattr(told, field.name), field.name, known)
    elif isinstance(told, dict):
        for value in told.values():
            yield from moments(value, name, known)
    elif isinstance(told, (list, tuple, set)):
        for value in told:
            yield from moments(value, name, known)


@pytest.mark.parametrize(("size", "seed"), [(SMALL, 42), (SMALL, 2), (SMALL, 5), (BIG, 42)])
def test_nothing_has_happened_after_the_end(size: Size, seed: int) -> None:
    """A run of the day after tomorrow is in the manifest, and in no window that ends now: totals would not tie."""
    org = build(size, seed=seed).org
    found = list(moments(org))
    assert len(found) > size.pulls * 10
    assert [one for one in found if one[1] > org.end and one[0] not in AHEAD] == []
