"""Who may administer the organisation, by which role, and by which groups on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import AccessGrant
from connectors.workspace import people, workspace
from connectors.workspace.directory_operations import GROUPS, MEMBERS, ROLE_ASSIGNMENTS, ROLES, UNITS, USERS
from connectors.workspace.membership import memberships, reached, whole
from connectors.workspace.moments import moment
from connectors.workspace.units import bare, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_READING = ("_RETRIEVE", "_READ")
"""Ends of the names of privileges that let nobody change anything."""


@workspace.evidence(
    "gws.admin_roles", yields=AccessGrant, needs=[ROLES, ROLE_ASSIGNMENTS, UNITS, USERS, GROUPS, MEMBERS]
)
def admin_roles(source: RestSource) -> Iterator[AccessGrant]:
    """Admin role holders.

    One grant for each administrator role and each user who holds it, `direct` or by a `group`: groups nested in one
    that holds a role are followed to their last member, and the way is named. An assignment to a group that has no
    member, or of which a part could not be read, is in the list as a grant to the group, too. A role is privileged
    unless all of its privileges are to read; the widest is a super administrator's. The resource is the whole
    organisation, or the unit that the role is limited to.

    Whole when both lists are read to their end and every group on the way was visited. Google does not say here when
    and by whom a role was given: that is in the log of the Admin console.
    """
    roles = {role["roleId"]: role for role in source.list(ROLES)}
    assignments = list(source.list(ROLE_ASSIGNMENTS))
    known = people.directory(source)
    of_units = paths(source)
    found = memberships(source, {one["assignedTo"] for one in assignments if _of_group(one)})
    called = _addresses(source) if found else {}
    for one in assignments:
        role, resource = roles.get(one.get("roleId", "")), _resource(one, of_units, source)
        if not _of_group(one):
            user = known.users.get(one["assignedTo"])
            yield _grant(one, role, resource, one["assignedTo"], people.kind(user, source), "direct")
            continue
        inside = list(reached(found, one["assignedTo"]))
        for member, way in inside:
            user = known.users.get(member["id"])
            kind = "group" if member.get("type") == "CUSTOMER" else people.kind(user, source)
            yield _grant(
                one,
                role,
                resource,
                member["id"],
                kind,
                f"group {' > '.join(called.get(group, group) for group in way)}",
                member,
            )
        if not inside or not whole(found, one["assignedTo"]):
            yield _grant(one, role, resource, one["assignedTo"], "group", "direct")


def _addresses(source: RestSource) -> Mapping[str, str]:
    """What people call each group, by its id; a gap where that cannot be read."""
    for _, groups in source.each((GROUPS,), lambda operation: list(source.list(operation))):
        return {group["id"]: group["email"] for group in groups}
    return {}


def _of_group(assignment: Answer) -> bool:
    return str(assignment.get("assigneeType")).lower() == "group"


def _resource(assignment: Answer, of_units: Mapping[str, str], source: RestSource) -> str:
    unit = assignment.get("orgUnitId")
    if assignment.get("scopeType") != "ORG_UNIT" or not unit:
        return source.scope.unit_id
    return f"unit {of_units.get(bare(unit), unit)}"


def _grant(
    assignment: Answer,
    role: Answer | None,
    resource: str,
    principal: str,
    kind: str | None,
    via: str,
    *seen: Answer,
) -> AccessGrant:
    name = role.get("roleName") if role else None
    return AccessGrant(
        key=f"{assignment['roleAssignmentId']} {principal}",
        seen=[assignment, *seen, *([role] if role else [])],
        principal_id=principal,
        principal_kind=kind,
        resource=resource,
        role=name or assignment.get("roleId"),
        privileged=_privileged(role) if role else None,
        widest=bool(role.get("isSuperAdminRole")) and assignment.get("scopeType") != "ORG_UNIT" if role else None,
        via=via,
        expires_at=moment((assignment.get("expirationDetails") or {}).get("expireTime")),
    )


def _privileged(role: Answer) -> bool | None:
    if role.get("isSuperAdminRole"):
        return True
    names = [one.get("privilegeName", "") for one in role.get("rolePrivileges") or ()]
    return not all(name.endswith(_READING) for name in names) if names else None
