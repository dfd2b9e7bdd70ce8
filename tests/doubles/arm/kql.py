"""The little of Resource Graph's language that the connector writes: a table, its types, columns and order."""

from __future__ import annotations

import re
from typing import Any

_QUERY = re.compile(
    r"(?P<table>\w+)(?: \| where type in~ \((?P<types>[^)]*)\))? \| project (?P<columns>[\w, ]+) \| order by id asc"
)


class BadQueryError(Exception):
    """Resource Graph answers 400 to it."""


def table(query: str) -> str:
    """The table that is asked, in lower case."""
    return _parsed(query)["table"].lower()


def answered(query: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a table that a query leaves, in their order, with the columns it names."""
    found = _parsed(query)
    types = {one.strip().strip("'").lower() for one in (found["types"] or "").split(",") if one.strip()}
    chosen = [one for one in rows if not types or one["type"].lower() in types]
    columns = [one.strip() for one in found["columns"].split(",")]
    # Resource Graph writes types in lower case, and a column that a resource lacks as a null.
    return [
        {name: one.get(name) for name in columns} | {"type": one["type"].lower()}
        for one in sorted(chosen, key=lambda it: it["id"].lower())
    ]


def _parsed(query: str) -> re.Match[str]:
    found = _QUERY.fullmatch(query)
    if found is None:
        raise BadQueryError(query)
    return found
