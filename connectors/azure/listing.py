"""The shapes that Resource Manager's operations have: lists with a next link, and single answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.rest.api import Operation
from collector.source.rest.paging import NextLink

if TYPE_CHECKING:
    from collector.source.rest.paging import Paging

_NEXT = NextLink()


def listed(
    name: str,
    needs: str,
    version: str,
    *,
    key: str = "/id",
    pages: Paging | None = _NEXT,
    bucket: str = "",
    **also: str,
) -> Operation:
    """A list under `value`. `also` are query parameters, without the `$` that Azure puts before most of them."""
    return Operation(
        name,
        needs=needs,
        items="/value",
        key=key,
        pages=pages,
        bucket=bucket,
        parameters={"api-version": version, **{f"${field}": value for field, value in also.items()}},
    )


def single(name: str, needs: str, version: str, *, has: tuple[str, ...] = ("/properties",)) -> Operation:
    """One answer."""
    return Operation(name, needs=needs, has=has, parameters={"api-version": version})
