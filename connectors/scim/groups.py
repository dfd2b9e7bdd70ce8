"""Who is in which group, directly or through groups in it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import AccessGrant
from connectors.scim import scim
from connectors.scim.api import GROUP, GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource


class _Group(NamedTuple):
    answer: Answer
    name: str
    users: tuple[str, ...]
    groups: tuple[str, ...]


@scim.evidence("scim.groups", yields=AccessGrant, needs=[GROUPS, GROUP])
def groups(source: RestSource) -> Iterator[AccessGrant]:
    """Groups with their members.

    For every group each user in it, directly or through groups in it, with the way. Many providers leave members out of
    the list: a group that comes without any is asked for by itself, and is empty only where its own answer has none
    either. Which groups administer something is said by the configuration; without that it is not known.

    Whole when there are as many groups as the first page says, and every one that was asked for by itself answered.
    """
    expected, listed = source.counted(GROUPS)
    answers = list(listed)
    source.total("groups", expected=expected, found=len(answers))
    known = {one["id"] for one in answers}
    told = [one for one in answers if one.get("members")]
    alone = source.each([one for one in answers if not one.get("members")], lambda one: source.get(GROUP, id=one["id"]))
    told += [found for _, found in alone]
    read = {one["id"]: _group(one, known) for one in told}
    for identity, group in read.items():
        for user, way in _members(identity, read):
            yield AccessGrant(
                key=f"{user} in {identity} by {' '.join(way)}",
                seen=[group.answer, *(read[one].answer for one in way)],
                principal_id=user,
                resource=f"group {group.name}",
                role="member",
                privileged=_privileged(group.name, source),
                via=" > ".join(f"group {read[one].name}" for one in way) or "direct",
            )


def _group(answer: Answer, known: set[str]) -> _Group:
    members: list[Mapping[str, Any]] = list(answer.get("members") or ())
    nested = tuple(str(one["value"]) for one in members if _is_group(one, known))
    users = tuple(str(one["value"]) for one in members if not _is_group(one, known))
    return _Group(answer, str(answer.get("displayName") or answer["id"]), users, nested)


def _is_group(member: Mapping[str, Any], known: set[str]) -> bool:
    """By its type; where that is left out, by its identity."""
    kind = member.get("type")
    return kind == "Group" if kind in {"User", "Group"} else member.get("value") in known


def _members(identity: str, read: Mapping[str, _Group]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each user of a group with the shortest way through groups in it; a group in itself is passed over."""
    seen_users: set[str] = set()
    visited = {identity}
    waiting: list[tuple[str, tuple[str, ...]]] = [(identity, ())]
    for one, way in waiting:  # the list grows while it is walked: nearer groups come first
        group = read.get(one)
        if group is None:
            continue  # it could not be read, which is a gap already, or is not of this provider
        for user in group.users:
            if user not in seen_users:
                seen_users.add(user)
                yield user, way
        for nested in group.groups:
            if nested not in visited:
                visited.add(nested)
                waiting.append((nested, (*way, nested)))


def _privileged(name: str, source: RestSource) -> bool | None:
    patterns = source.settings.admin_groups
    return any(fnmatchcase(name.lower(), one.lower()) for one in patterns) if patterns else None
