"""Who is in the groups that hold roles: read through Graph, where the identity may read Entra too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.rest.api import Operation
from collector.source.rest.paging import NextLink

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

GRAPH = "graph"
"""The name of Graph among the addresses."""
MEMBERS = "GET /groups/{group}/transitiveMembers"
COUNT = "GET /groups/{group}/transitiveMembers count"
KINDS = {"#microsoft.graph.user": "human", "#microsoft.graph.servicePrincipal": "service"}
_NEEDS = "GroupMember.Read.All, User.Read.All"

DIRECTORY = (
    Operation(
        MEMBERS,
        needs=_NEEDS,
        items="/value",
        pages=NextLink(at="/@odata.nextLink"),
        parameters={"$select": "id,displayName,userPrincipalName", "$top": 999},
        base=GRAPH,
    ),
    Operation(
        COUNT,
        needs=_NEEDS,
        has=("/@odata.count",),
        first=True,
        parameters={"$count": "true", "$select": "id", "$top": 1},
        headers={"consistencylevel": "eventual"},
        base=GRAPH,
    ),
)


def members(source: AzureSource, groups: Iterable[str]) -> dict[str, list[Answer]]:
    """Everybody in each group, by any way; a group that cannot be read is left out, with a gap.

    None are read where Entra is not connected. Whole when as many came as the directory counts.
    """
    if not source.settings.entra_connected:
        return {}
    return {
        group: [one for one in found if one.get("@odata.type") in KINDS]
        for group, found in source.each(sorted(groups), lambda group: _read(source, group))
    }


def _read(source: AzureSource, group: str) -> list[Answer]:
    found = list(source.list(MEMBERS, group=group))
    counted = source.get(COUNT, group=group)["@odata.count"]
    source.total("members of groups listed = members counted", expected=counted, found=len(found))
    return found
