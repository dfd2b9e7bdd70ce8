"""Who is in a group, by any way: directly, or through groups in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.entra.directory_operations import GROUP_MEMBER_COUNT, GROUP_MEMBERS

if TYPE_CHECKING:
    from collector.answer import Answer
    from collector.source.rest.source import RestSource

USER, GROUP = "#microsoft.graph.user", "#microsoft.graph.group"
KINDS = {USER: "human", GROUP: "group", "#microsoft.graph.servicePrincipal": "service"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member, and the groups between it and the group that was asked for, outermost first."""

    answer: Answer
    path: tuple[str, ...]


def members(source: RestSource, group_id: str, name: str) -> list[Member]:
    """Everyone who is in the group, each once by the shortest way; UnreadableError where any group cannot be read.

    Whole when as many members were met on the way, groups included, as the directory counts in the group and below.
    """
    met: dict[str, Member] = {}
    following: list[tuple[str, tuple[str, ...]]] = [(group_id, (name,))]
    while following:
        at, path = following.pop(0)
        for one in source.list(GROUP_MEMBERS, group_id=at):
            if one["id"] in met or one["id"] == group_id:
                continue  # a group may be in itself by a detour
            met[one["id"]] = Member(one, path)
            if one.get("@odata.type") == GROUP:
                following.append((one["id"], (*path, one.get("displayName") or one["id"])))
    counted = source.get(GROUP_MEMBER_COUNT, group_id=group_id)["@odata.count"]
    source.total("members of groups met = members counted", expected=counted, found=len(met))
    return [one for one in met.values() if one.answer.get("@odata.type") != GROUP]
