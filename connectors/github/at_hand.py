"""The token that GitHub's own tools use, in GITHUB_TOKEN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import AtHand, Usual

if TYPE_CHECKING:
    from collector.connector import Outside


def look(outside: Outside) -> AtHand | None:
    """The token, the organisations that GITHUB_OWNER names, and the address that runners have in GITHUB_API_URL."""
    known = outside.environment
    if not known.get("GITHUB_TOKEN"):
        return None
    table: dict[str, Any] = {}
    if owners := [one.strip() for one in known.get("GITHUB_OWNER", "").split(",") if one.strip()]:
        table["organisations"] = owners
    if address := known.get("GITHUB_API_URL"):
        table["base_url"] = address
    return AtHand("GITHUB_TOKEN", table)


USUAL = Usual("GITHUB_TOKEN (a fine-grained one: and GITHUB_OWNER, the organisations)", look)
