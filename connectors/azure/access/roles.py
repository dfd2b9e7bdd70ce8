"""Who may do what in each subscription."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collector.records import AccessGrant, Trust
from connectors.azure import azure
from connectors.azure.access.delegations import NEEDS, delegations, foreign
from connectors.azure.access.role_rights import privileged, widest
from connectors.azure.group_members import COUNT, KINDS, MEMBERS, members
from connectors.azure.moments import moment
from connectors.azure.tenant_operations import (
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
    ROLE_SCHEDULES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_FOREIGN = "ForeignGroup"
_KINDS = {"User": "human", "Group": "group", _FOREIGN: "group", "ServicePrincipal": "service"}
"""By `principalType`. Whether a user is a person or a program is not said here."""
_WRITTEN_BY = {"BuiltInRole": "provider", "CustomRole": "company"}


@azure.evidence(
    "azure.rbac.assignments",
    yields=(AccessGrant, Trust),
    needs=[ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES, ROLE_SCHEDULES, MEMBERS, COUNT, *NEEDS],
)
def assignments(source: AzureSource) -> Iterator[AccessGrant | Trust]:
    """Azure role assignments (active and eligible).

    Every assignment of a role that is in force in the subscription: on itself, on what is in it, and on the management
    groups above it, which pass theirs down; and every right that somebody may activate (`eligible`). A grant is
    privileged when its role gives every right, or may give rights to others, on a subscription or more; the `widest`
    when it may give rights, such as those that a global administrator took by elevating access, at `/`. Of a group its
    members are told, each by the group, where the configuration says that Entra is connected; else the group alone. One
    that is empty stays as itself. An end is said by the schedule of the assignment; one without a schedule has none.

    And a trust for each role that a group of another tenant holds (`ForeignGroup`), and for each delegation of the
    subscription, or a part of it, to another tenant (Azure Lighthouse). Of a program Azure does not say here whose
    application it is, nor of a user whether it is a guest.

    Complete when all four lists were read to their end, and Resource Graph shows the subscription. Where the schedules
    are refused, or the tenant lacks the licence for them, ends and eligible rights are a gap.
    """
    definitions = {one["id"].rsplit("/", 1)[-1].lower(): one for one in source.list(ROLE_DEFINITIONS)}
    granted = list(source.list(ROLE_ASSIGNMENTS))
    ends: dict[str, Answer] = {}
    for _, found in source.each([ROLE_SCHEDULES], lambda asked: list(source.list(asked))):
        ends = {_origin(one): one for one in found if _origin(one)}
    held = [(one, "direct", ends.get(one["id"].lower())) for one in granted]
    for _, found in source.each([ROLE_ELIGIBILITIES], lambda asked: list(source.list(asked))):
        held += [(one, "eligible direct", one) for one in found]
    groups = members(source, {_who(one) for one, _, _ in held if _kind(one) == "group"})
    for one, via, schedule in held:
        grant = _grant(one, definitions, via, schedule)
        inside = groups.get(grant.principal_id)
        yield from [_through(grant, member) for member in inside] if inside else [grant]
        if one["properties"].get("principalType") == _FOREIGN:
            yield foreign(one, grant.role)
    yield from delegations(source)


def _origin(schedule: Answer) -> str:
    """The assignment that a schedule is about."""
    return str((schedule.get("properties") or {}).get("originRoleAssignmentId") or "").lower()


def _who(one: Answer) -> str:
    return str(one["properties"]["principalId"])


def _kind(one: Answer) -> str | None:
    return _KINDS.get(str(one["properties"].get("principalType") or ""))


def _through(grant: AccessGrant, member: Answer) -> AccessGrant:
    """What a member of a group has by it."""
    way = f"group {grant.principal_id}"
    return replace(
        grant,
        key=f"{grant.key} {member['id']}",
        seen=[*grant.seen, member],
        principal_id=member["id"],
        principal_kind=KINDS.get(str(member.get("@odata.type"))),
        via=way if grant.via == "direct" else f"{str(grant.via).replace('direct', 'through')} {way}",
    )


def _grant(one: Answer, definitions: Mapping[str, Answer], via: str, schedule: Answer | None) -> AccessGrant:
    known: dict[str, Any] = one["properties"]
    role = definitions.get(str(known.get("roleDefinitionId")).rsplit("/", 1)[-1].lower())
    defined: dict[str, Any] = (role.get("properties") or {}) if role else {}
    scope = str(known.get("scope") or "")
    rights = defined.get("permissions")
    kind = defined.get("type") or defined.get("roleType")
    return AccessGrant(
        key=one["id"],
        seen=[one, *([role] if role else []), *([schedule] if schedule and schedule is not one else [])],
        principal_id=_who(one),
        principal_kind=_kind(one),
        resource=scope or None,
        role=defined.get("roleName"),
        privileged=privileged(rights, scope) if rights is not None and scope else None,
        widest=widest(rights, scope) if rights is not None and scope else None,
        written_by=_WRITTEN_BY.get(str(kind)),
        via=via,
        granted_at=moment(known.get("createdOn")),
        granted_by=known.get("createdBy") or None,
        expires_at=moment((schedule.get("properties") or {}).get("endDateTime")) if schedule else None,
    )
