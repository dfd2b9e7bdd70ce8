"""The OData that the double knows: a filter by time or type, `$select`, `$expand`, `$top`, `$count`, skip tokens."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

_WITHIN = re.compile(r"(\w+) ge (\S+) and \1 le (\S+)")
_EQUALS = re.compile(r"(\w+) eq '([^']*)'")
_DECIMALS = re.compile(r"(\.[0-9]{6})[0-9]+")


class BadQueryError(Exception):
    """Graph answers 400 to it."""


def filtered(rows: list[dict[str, Any]], text: str | None) -> list[dict[str, Any]]:
    """The rows that a filter leaves."""
    if not text:
        return rows
    if within := _WITHIN.fullmatch(text):
        name, start, end = within.groups()
        return [one for one in rows if moment(start) <= moment(one[name]) <= moment(end)]
    if equals := _EQUALS.fullmatch(text):
        return [one for one in rows if one.get(equals[1]) == equals[2]]
    raise BadQueryError(f"Invalid filter clause: {text}")


def shown(row: dict[str, Any], select: str | None, expand: str | None, related: frozenset[str]) -> dict[str, Any]:
    """A row as it is sent: the fields asked for, the default ones otherwise, and what is expanded."""
    expanded = {one.partition("(")[0] for one in _split(expand)} if expand else set()
    if unknown := expanded - related:
        raise BadQueryError(f"Could not find a property named '{unknown.pop()}'")
    names = set(select.split(",")) if select else set(row) - related
    if unknown := {one for one in names if one not in row}:
        raise BadQueryError(f"Could not find a property named '{unknown.pop()}'")
    kept = names | {"id"} | expanded | {"@odata.type"}
    return {name: value for name, value in row.items() if name in kept and not name.startswith("_")}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(_DECIMALS.sub(r"\1", text)).astimezone(UTC)


def token(identity: str) -> str:
    """Where the next page begins: behind this item, wherever it may be by then."""
    return urlsafe_b64encode(identity.encode()).decode()


def behind(skip: str) -> str:
    return urlsafe_b64decode(skip.encode()).decode()


def _split(text: str) -> list[str]:
    """At the commas that are not in brackets."""
    return re.split(r",(?![^(]*\))", text)
