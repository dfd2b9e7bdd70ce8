"""Who administers the org, and by which way: directly, or through a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Cause
from collector.records import AccessGrant
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import ASSIGNEES, GROUP_ROLES, GROUP_USERS, GROUPS, PERMISSIONS, USER_ROLES
from connectors.okta.people import kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_READING = {"READ_ONLY_ADMIN", "REPORT_ADMIN"}
"""Standard roles that can change nothing."""
_WIDEST = "SUPER_ADMIN"
"""The one role that can give it to others: Okta lets no other standard role do that, and none of a company's own."""
_READ = ".read"


@okta.evidence(
    "okta.admin_roles",
    yields=AccessGrant,
    needs=[ASSIGNEES, USER_ROLES, GROUPS, GROUP_ROLES, GROUP_USERS, PERMISSIONS],
)
def admin_roles(source: RestSource) -> Iterator[AccessGrant]:
    """Okta administrators.

    Each role that a user holds directly, and each that a member of a group holds through it; a group of which no member
    is shown is in the list itself. Every role is privileged but the two that can only read and report; a role of the
    company's own making is, where one of its permissions does more than read. The widest is that of super
    administrators. Groups hold no groups at Okta. What OAuth
    clients hold is not in the list.

    Whole when the roles of every user on Okta's list of administrators and of every group were read. A role that a user
    is said to hold through a group, and that no group shows, is a gap.
    """
    groups = {group["id"]: group for group in source.list(GROUPS)}
    held = [
        (group, role)
        for group, roles in source.each(groups.values(), lambda one: list(source.list(GROUP_ROLES, groupId=one["id"])))
        for role in roles
    ]
    listed = list(source.list(ASSIGNEES))
    own = [
        (user, role)
        for user, roles in source.each(listed, lambda one: list(source.list(USER_ROLES, userId=one["id"])))
        for role in roles
    ]
    powers = _powers(source, [role for _, role in [*held, *own]])
    through: set[tuple[str, str]] = set()
    names: dict[str, str] = {}
    with_roles = {group["id"]: group for group, _ in held}
    members = {group["id"]: people for group, people in _members(source, list(with_roles.values()))}
    for group, role in held:
        if not members.get(group["id"]):
            yield _grant(group["id"], "group", role, powers, [group, role], via="direct")
        for user in members.get(group["id"], ()):
            names[user["id"]] = kind(user.get("profile") or {}, source.settings)
            through.add((user["id"], str(role.get("label"))))
            via = f"group {_name(group)}"
            yield _grant(user["id"], names[user["id"]], role, powers, [user, group, role], via=via)
    for user, role in own:
        if role.get("assignmentType") == "USER":
            # Whether a person stands behind it is said by okta.users, unless a group has shown it already.
            yield _grant(user["id"], names.get(user["id"]), role, powers, [user, role], via="direct")
        elif (user["id"], str(role.get("label"))) not in through:
            detail = f"the role {role.get('label')} is held through a group that does not show it"
            source.gap(Cause.TRUNCATED, f"{USER_ROLES} userId={user['id']}", detail)


def _members(source: RestSource, groups: list[Answer]) -> Iterator[tuple[Answer, list[Answer]]]:
    return source.each(groups, lambda one: list(source.list(GROUP_USERS, groupId=one["id"])))


def _powers(source: RestSource, roles: list[Answer]) -> Mapping[str, bool]:
    """For each role of the company's own making that could be looked at: whether it does more than read."""
    own = sorted({str(role["role"]) for role in roles if role.get("type") == "CUSTOM" and role.get("role")})
    read = source.each(own, lambda one: list(source.list(PERMISSIONS, roleIdOrLabel=one)))
    return {
        role: not all(str(permission.get("label")).endswith(_READ) for permission in permissions)
        for role, permissions in read
    }


def _grant(
    principal: str, kind: str | None, role: Answer, powers: Mapping[str, bool], seen: list[Answer], *, via: str
) -> AccessGrant:
    custom = role.get("type") == "CUSTOM"
    reach = role.get("resource-set")
    return AccessGrant(
        key=f"{principal} {role['id']} {via}",
        seen=seen,
        principal_id=principal,
        principal_kind=kind,
        resource="org" if reach is None else f"resource set {reach}",
        role=role.get("label"),
        privileged=powers.get(str(role.get("role"))) if custom else role.get("type") not in _READING,
        widest=role.get("type") == _WIDEST if role.get("type") else None,
        via=via,
        granted_at=moment(role.get("created")),
    )


def _name(group: Answer) -> str:
    return str((group.get("profile") or {}).get("name") or group["id"])
