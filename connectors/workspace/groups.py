"""Who is in which group, and who may let himself or others in."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collector.records import AccessGrant, Setting
from connectors.workspace import people, workspace
from connectors.workspace.cloud_operations import GROUP_SETTINGS
from connectors.workspace.directory_operations import GROUPS, MEMBERS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource
    from connectors.workspace.people import Directory

_SETTINGS = {
    "whoCanJoin": "group.who_can_join",
    "whoCanInvite": "group.who_can_invite",
    "allowExternalMembers": "group.allow_external_members",
}


@workspace.evidence("gws.groups", yields=(AccessGrant, Setting), needs=[GROUPS, MEMBERS, GROUP_SETTINGS, USERS])
def groups(source: RestSource) -> Iterator[AccessGrant | Setting]:
    """Groups, members and join rules.

    For every group that carries access (by default all of them; `access_groups` names them), each direct member with
    their part in it: a user, a group, everyone of the organisation, or a `guest` who is no user of it. Beside these,
    who may join the group, who may invite, and whether outsiders may be in it.

    Whole when every such group was visited. Groups that the settings leave out are in the raw list, and not here.
    """
    listed = [one for one in source.list(GROUPS) if _carries(one, source)]
    known = people.directory(source)
    for group, members in source.each(listed, lambda one: list(source.list(MEMBERS, groupKey=one["id"]))):
        for member in members:
            yield AccessGrant(
                key=f"{member['id']} in {group['id']}",
                seen=[member, group],
                principal_id=member["id"],
                principal_kind=_kind(member, known, source),
                resource=f"group {group['email']}",
                role=(member.get("role") or "").lower() or None,
                privileged=False,
                via="direct",
            )
    for group, found in source.each(listed, lambda one: source.look(GROUP_SETTINGS, groupUniqueId=one["email"])):
        for name, called in _SETTINGS.items() if found.seen else ():
            yield Setting(
                key=f"{called} {group['id']}",
                seen=[found, group],
                name=called,
                value=found.get(name),
                applies_to=f"group {group['email']}",
            )


def _carries(group: Answer, source: RestSource) -> bool:
    return any(fnmatchcase(group["email"].lower(), one.lower()) for one in source.settings.access_groups)


def _kind(member: Answer, known: Directory, source: RestSource) -> str | None:
    """Whose membership it is. Without the list of users nobody can be told to be a guest."""
    if member.get("type") in {"GROUP", "CUSTOMER"}:
        return "group"
    user = known.users.get(member["id"])
    if user is not None:
        return people.kind(user, source)
    return "guest" if known.whole else None
