"""How Graph's lists and counts are declared."""

from __future__ import annotations

from typing import Any

from collector.source.rest.api import Operation
from collector.source.rest.paging import NextLink

_PAGES = NextLink(at="/@odata.nextLink")
_EVENTUAL = {"consistencylevel": "eventual"}


def listed(name: str, needs: str, *, key: str = "/id", **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    """A list that goes on by `@odata.nextLink`; parameters are written without their `$`."""
    return Operation(name, needs=needs, items="/value", pages=_PAGES, key=key, parameters=_odata(parameters))


def counted(name: str, needs: str) -> Operation:
    """How many there are, as the directory's index counts them: another store than the one that lists them."""
    return Operation(
        name,
        needs=needs,
        has=("/@odata.count",),
        first=True,
        parameters={"$count": "true", "$select": "id", "$top": 1},
        headers=_EVENTUAL,
    )


def single(name: str, needs: str, *has: str, **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    """One object, with what it must have to be believed."""
    return Operation(name, needs=needs, has=has, parameters=_odata(parameters))


def _odata(parameters: dict[str, Any]) -> dict[str, Any]:
    return {f"${name}": value for name, value in parameters.items()}
