"""Cloud Asset Inventory: what there is in a whole organisation, of one type at a time, and counted a second time.

The inventory keeps two indexes. `assets` has the whole of each resource as its service describes it; a search has its
name. Both are asked, and what one shows and the other does not is a total that does not tie. They follow changes with
some delay: what changed within the last hour is not counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.gcp.kinds import resources, search
from connectors.gcp.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

_SETTLING = timedelta(hours=1)
_MASK = "name,updateTime"


class Asset(NamedTuple):
    """One resource, as the inventory has it."""

    name: str
    """Its full name, without the slashes before it: `storage.googleapis.com/BUCKET`."""
    data: Mapping[str, Any]
    """As its own service describes it; empty where the inventory gave only the name."""
    project: str
    """`projects/NUMBER`; empty for what belongs to a folder or the organisation."""
    seen: Answer


def assets(source: GcpSource, *types: str) -> dict[str, list[Asset] | None]:
    """By type all that there is; None for a type that could not be read, which is a gap."""
    found: dict[str, list[Asset] | None] = dict.fromkeys(types)
    for one, listed in source.each(types, lambda one: list(source.list(resources(one)))):
        found[one] = [asset(answer) for answer in listed]
    for one, searched in source.each(types, lambda one: list(source.list(search(one), readMask=_MASK))):
        listed_of = found[one]
        if listed_of is not None:
            tie(source, one, searched, [asset.seen for asset in listed_of])
    return found


def of_type(source: GcpSource, one: str) -> list[Asset]:
    """All that there is of one type; none and a gap where it could not be read."""
    return assets(source, one)[one] or []


def asset(answer: Answer) -> Asset:
    """One item of the list."""
    ancestors = answer.get("ancestors") or ("",)
    return Asset(
        name=answer["name"].removeprefix("//"),
        data=(answer.get("resource") or {}).get("data") or {},
        project=ancestors[0] if ancestors[0].startswith("projects/") else "",
        seen=answer,
    )


def tie(source: GcpSource, what: str, searched: Iterable[Answer], listed: Iterable[Answer]) -> None:
    """That both indexes have the same names; what changed just now in either is left out of both."""
    by_search, by_list = (_changed(answers) for answers in (searched, listed))
    limit = source.now - _SETTLING
    young = {name for index in (by_search, by_list) for name, at in index.items() if (moment(at) or limit) > limit}
    expected, found = set(by_search) - young, set(by_list) - young
    source.total(f"{what}: listed = found by search", expected=len(expected), found=len(found & expected))
    source.total(f"{what}: found by search = listed", expected=len(found), found=len(found & expected))


def _changed(answers: Iterable[Answer]) -> dict[str, str | None]:
    return {answer["name"]: answer.get("updateTime") for answer in answers}
