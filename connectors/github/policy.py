"""What GitHub must grant: an App's manifest and a fine-grained token's permissions, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.github.api import API, OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.connector import EvidenceType

_OF_ORGANISATION = ("members", "organization_")
"""Beginnings of the permissions on an organisation; all others are on repositories."""


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The permissions for these evidence types, once as an App's manifest and once as a token is given them.

    Nothing in them can write. What GitHub shows only to who may write is named apart, with the evidence it costs.
    """
    wanted = list(types)
    operations = OWN.union(*(API.reached(evidence.needs) for evidence in wanted))
    granted = dict(sorted(pair for name in operations for pair in permissions(name) if pair[1] == "read"))
    refused = sorted(name for name in operations for _, level in permissions(name) if level != "read")
    return {
        "app_manifest": {
            "name": "evidence-collector",
            "url": "https://example.com/replace-with-your-own",
            "public": False,
            "default_permissions": granted,
            "default_events": [],
        },
        "fine_grained_token": {
            "repository_access": "all repositories",
            "repository_permissions": {name: level for name, level in granted.items() if not _of_organisation(name)},
            "organization_permissions": {name: level for name, level in granted.items() if _of_organisation(name)},
        },
        "not_asked_for": [
            {
                "operation": name,
                "because": "GitHub gives it only to who may write, which the collector must not",
                "evidence": sorted(one.id for one in wanted if name in one.needs),
            }
            for name in refused
        ],
    }


def permissions(operation: str) -> Iterator[tuple[str, str]]:
    """Each permission that an operation takes, and its level."""
    for needed in filter(None, API.operation(operation).needs.split(", ")):
        name, _, level = needed.partition(": ")
        yield name, level


def _of_organisation(permission: str) -> bool:
    return permission.startswith(_OF_ORGANISATION)
