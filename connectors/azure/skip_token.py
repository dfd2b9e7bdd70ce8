"""How Azure Resource Graph's answers go on: a token inside the options of the body, and counts that must agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.source.rest.paging import BrokenListError, More
from collector.source.rest.pointer import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.source.rest.paging import Link, Shown

MOST = 1000
"""Rows of one page, as many as Resource Graph gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipToken:
    """`$skipToken`; the end is a page without one, once as many rows were read as `totalRecords` says there are."""

    size: int = MOST
    shifts: bool = False
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        """The form of rows and the size of a page."""
        return {"options": {"resultFormat": "objectArray", "$top": self.size}}

    def following(self, page: Shown) -> Link | More | None:
        """The token among the options. A result that was cut off and names no token is a broken list."""
        total, count = _number(page, "/totalRecords"), _number(page, "/count")
        if count != page.count:
            raise BrokenListError(f"/count says {count}, but {page.count} rows came")
        token, read = find(page.answer, "/$skipToken"), page.before + page.count
        if token:
            if not isinstance(token, str):
                raise BrokenListError("/$skipToken is no token")
            return More({"options": {**self.first()["options"], "$skipToken": token}})
        if find(page.answer, "/resultTruncated") not in ("false", False):
            raise BrokenListError(
                "/resultTruncated does not say that these are all the rows, and no $skipToken leads on"
            )
        if read != total:
            raise BrokenListError(f"/totalRecords says {total}, but {read} rows came")
        return None


def _number(page: Shown, pointer: str) -> int:
    number = find(page.answer, pointer)
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise BrokenListError(f"{pointer} does not say how many rows there are")
    return number
