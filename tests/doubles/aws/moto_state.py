"""Edits to moto's objects for what its API cannot set: dates in the past, and the root user's devices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend
from moto.iam.models import AccessKeyLastUsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def edit_all(changes: Iterable[Mapping[str, Any]]) -> None:
    """Edit in order; the first that fails stops."""
    for change in changes:
        edit(change)


def edit(change: Mapping[str, Any]) -> None:
    """Set one attribute: `{service, account, region, path: [...], value}`.

    `region` is "aws" for a global service. A path step is an attribute that exists, a key of a mapping, or
    an index. A value of `{"time": iso}` becomes a naive UTC datetime, `{"epoch": iso}` a number, and
    `{"key_use": [iso, service, region]}` the last use of an access key, as moto keeps them.
    """
    *way, last = change["path"]
    node: Any = get_backend(change["service"])[change["account"]][change["region"]]
    for step in way:
        node = _step(node, step)
    value = _value(change["value"])
    if isinstance(node, dict | list):
        node[last] = value
    elif hasattr(node, last):
        setattr(node, last, value)
    else:
        raise LookupError(f"moto's {type(node).__name__} has no {last}")


def _step(node: Any, step: str | int) -> Any:
    if isinstance(node, dict | list):
        return node[step]  # type: ignore[index]  # an index for lists, a key for mappings
    return getattr(node, str(step))


def _value(given: Any) -> Any:
    match given:
        case {"time": str(moment)}:
            return _naive(moment)
        case {"epoch": str(moment)}:
            return datetime.fromisoformat(moment).timestamp()
        case {"key_use": [moment, service, region]}:
            return AccessKeyLastUsed(_naive(moment), service, region)
        case _:
            return given


def _naive(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC).replace(tzinfo=None)
