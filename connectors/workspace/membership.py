"""Who is in a group, by whatever groups are in it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from connectors.workspace.directory_operations import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource


def memberships(source: RestSource, groups: Iterable[str]) -> dict[str, list[Answer]]:
    """The direct members of each group and of every group nested in it, by id; one that cannot be read is not there.

    Each level of nesting is read side by side, and each group once, whatever contains it.
    """
    found: dict[str, list[Answer]] = {}
    asked: set[str] = set()
    level = set(groups)
    while level:
        asked |= level
        following: set[str] = set()
        for group, members in source.each(sorted(level), lambda one: list(source.list(MEMBERS, groupKey=one))):
            found[group] = members
            following |= {member["id"] for member in members if member.get("type") == "GROUP"}
        level = following - asked
    return found


def reached(found: Mapping[str, list[Answer]], group: str) -> Iterator[tuple[Answer, tuple[str, ...]]]:
    """Everyone in the group who is no group, once, with the shortest way of nested groups that leads there."""
    waiting: deque[tuple[str, tuple[str, ...]]] = deque([(group, (group,))])
    groups, people = {group}, set()
    while waiting:
        one, way = waiting.popleft()
        for member in found.get(one, ()):
            identity = member["id"]
            if member.get("type") == "GROUP":
                if identity not in groups:
                    groups.add(identity)
                    waiting.append((identity, (*way, identity)))
            elif identity not in people:
                people.add(identity)
                yield member, way


def whole(found: Mapping[str, list[Answer]], group: str) -> bool:
    """Whether the group and every group nested in it were read."""
    waiting, seen = [group], {group}
    while waiting:
        one = waiting.pop()
        if one not in found:
            return False
        nested = {member["id"] for member in found[one] if member.get("type") == "GROUP"} - seen
        seen |= nested
        waiting += nested
    return True
