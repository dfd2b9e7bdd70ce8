"""Who administers the tenant: now, or whenever they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.records import AccessGrant
from connectors.entra import entra
from connectors.entra.directory_operations import (
    GROUP_MEMBER_COUNT,
    GROUP_MEMBERS,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
    ROLE_SCHEDULES,
)
from connectors.entra.membership import GROUP, KINDS, members
from connectors.entra.moments import moment
from connectors.entra.users import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource
    from connectors.entra.membership import Member

_GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
"""The id of the role in every tenant."""
_SUPPORT = ("microsoft.azure.supporttickets/", "microsoft.office365.supporttickets/")
"""Actions that write to Microsoft's support desk, and to nothing of the tenant."""


@dataclass(frozen=True, slots=True)
class _Holding:
    """One principal holds one role, or may take it."""

    answer: Answer
    schedule: Answer | None
    eligible: bool

    @property
    def principal(self) -> str:
        return str(self.answer["principalId"])

    @property
    def is_group(self) -> bool:
        return (self.answer.get("principal") or {}).get("@odata.type") == GROUP

    @property
    def name(self) -> str:
        return str((self.answer.get("principal") or {}).get("displayName") or self.principal)

    @property
    def way(self) -> str:
        """How it is held, before any group."""
        if self.eligible:
            return "eligible"
        kind = None if self.schedule is None else self.schedule.get("assignmentType")
        return "activated" if kind == "Activated" else "direct"

    @property
    def seen(self) -> list[Answer]:
        return [self.answer, *([self.schedule] if self.schedule is not None else [])]


@entra.evidence(
    "entra.role_assignments",
    yields=AccessGrant,
    needs=[ROLE_DEFINITIONS, ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES, ROLE_SCHEDULES, GROUP_MEMBERS, GROUP_MEMBER_COUNT],
)
def role_assignments(source: RestSource) -> Iterator[AccessGrant]:
    """Directory role holders.

    Everyone who holds a directory role now, and everyone who is eligible to activate one (PIM): people, applications,
    and the members of groups that hold it, each with the groups between. A group that is proved empty gives the role to
    nobody. A role is privileged when it may change anything but a ticket at Microsoft's support; the widest is Global
    Administrator's over the whole tenant. What expires, and who is eligible, needs a P2 licence: without one it is a
    gap. Who may become a member of such a group by activating it is not in this list.

    Whole when every list was read to its end, and every group has as many members as the directory counts in it.
    """
    roles = {one["id"]: one for one in source.list(ROLE_DEFINITIONS)}
    holdings = list(_holdings(source))
    groups = {one.principal: one.name for one in holdings if one.is_group}
    inside = dict(source.each(sorted(groups), lambda group: members(source, group, groups[group])))
    for holding in holdings:
        role = roles.get(holding.answer["roleDefinitionId"])
        if holding.is_group and holding.principal in inside:
            for member in inside[holding.principal]:
                yield _grant(source, holding, role, member)
        else:
            yield _grant(source, holding, role)


def _holdings(source: RestSource) -> Iterator[_Holding]:
    schedules: dict[str, Answer] = {}
    for _, found in source.each(("",), lambda _: list(source.list(ROLE_SCHEDULES))):
        schedules = {one["roleAssignmentOriginId"]: one for one in found if one.get("roleAssignmentOriginId")}
    for one in source.list(ROLE_ASSIGNMENTS):
        yield _Holding(one, schedules.get(one["id"]), eligible=False)
    for _, found in source.each(("",), lambda _: list(source.list(ROLE_ELIGIBILITIES))):
        for one in found:
            yield _Holding(one, one, eligible=True)


def _grant(source: RestSource, holding: _Holding, role: Answer | None, member: Member | None = None) -> AccessGrant:
    place = holding.answer.get("directoryScopeId") or holding.answer.get("appScopeId")
    path = () if member is None else member.path
    principal = holding.principal if member is None else member.answer["id"]
    schedule: Mapping[str, Any] = holding.schedule or {}
    shown: Mapping[str, Any] = (holding.answer.get("principal") or {}) if member is None else member.answer
    kind, login = KINDS.get(shown.get("@odata.type", "")), shown.get("userPrincipalName")
    return AccessGrant(
        key=f"{holding.answer['id']} {principal}",
        seen=[*holding.seen, *([role] if role is not None else []), *([member.answer] if member is not None else [])],
        principal_id=principal,
        principal_kind="service" if matches(login, source.settings.service_accounts) else kind,
        resource=source.scope.unit_id if place == "/" else place,
        role=None if role is None else role.get("displayName"),
        privileged=None if role is None else privileged(role),
        widest=None if role is None else role["id"] == _GLOBAL_ADMINISTRATOR and place == "/",
        via=" through ".join([*([] if path and holding.way == "direct" else [holding.way]), *_named(path)]),
        granted_at=moment(schedule.get("startDateTime")),
        expires_at=moment(schedule.get("endDateTime")),
    )


def _named(path: tuple[str, ...]) -> list[str]:
    return [f"group {' > '.join(path)}"] if path else []


def privileged(role: Answer) -> bool | None:
    """Whether a role may change anything in the tenant; None where Graph does not say what it may do."""
    given = role.get("rolePermissions")
    if given is None:
        return None
    actions = [action.lower() for one in given for action in one.get("allowedResourceActions") or []]
    return any(not action.endswith("/read") and not action.startswith(_SUPPORT) for action in actions)
