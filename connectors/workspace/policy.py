"""What the Admin console must grant: the OAuth scopes of the delegation, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.workspace.api import API, OWN
from connectors.workspace.scopes import COULD_WRITE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The scopes for these evidence types: those that only read as the line that the Admin console takes.

    Some things Google shows only with a scope that could write, too. Each of these stands apart, with the evidence that
    it costs to leave it out: every scope has a token of its own, so one that is not granted costs nothing else.
    """
    wanted = list(types)
    scopes = {API.operation(name).needs for name in OWN.union(*(API.reached(one.needs) for one in wanted))}
    return {
        "domain_wide_delegation": ",".join(sorted(scopes - COULD_WRITE)),
        "oauth_scopes": sorted(scopes - COULD_WRITE),
        "could_write": [
            {
                "scope": scope,
                "because": "Google has no scope that only reads this; the collector sends nothing but GET",
                "evidence": sorted(
                    one.id for one in wanted if scope in {API.operation(name).needs for name in one.needs}
                ),
            }
            for scope in sorted(scopes & COULD_WRITE)
        ],
        "administrator": (
            "a super administrator, since Google shows policies to no other; or, without gws.policies, one whose role "
            "may read users, groups, organisational units, roles, reports, devices and alerts"
        ),
    }


def beyond_reading(types: Iterable[EvidenceType]) -> list[tuple[str, str]]:
    """The scopes with which Google would let one write, too."""
    return [(one["scope"], one["because"]) for one in policy(types)["could_write"]]
