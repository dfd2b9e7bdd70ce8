"""Who may enter which account through IAM Identity Center, and with which rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.records import AccessGrant, Account, ExternalIdentity
from connectors.aws import aws
from connectors.aws.access.authorization import allows_everything, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set, judged, with the accounts it was put into."""

    arn: str
    name: str | None
    privileged: bool | None
    accounts: tuple[str, ...]
    seen: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """A group that holds an assignment. One that was deleted has neither name nor members."""

    name: str | None
    memberships: tuple[Answer, ...]
    read: bool


@aws.evidence(
    "aws.sso.assignments",
    yields=(Account, AccessGrant, ExternalIdentity),
    needs=[
        "ec2:DescribeRegions",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "identitystore:ListGroupMemberships",
        "identitystore:ListGroups",
        "identitystore:ListUsers",
        "sso-admin:DescribePermissionSet",
        "sso-admin:GetInlinePolicyForPermissionSet",
        "sso-admin:ListAccountAssignments",
        "sso-admin:ListAccountsForProvisionedPermissionSet",
        "sso-admin:ListCustomerManagedPolicyReferencesInPermissionSet",
        "sso-admin:ListInstances",
        "sso-admin:ListManagedPoliciesInPermissionSet",
        "sso-admin:ListPermissionSets",
    ],
    per=Per.ESTATE,
)
def assignments(source: AwsSource) -> Iterator[Account | AccessGrant | ExternalIdentity]:
    """IAM Identity Center users and account assignments.

    Population: every user in the directory of each Identity Center instance that the account signed in to can see in
    any of its regions; and one grant for each user, account and permission set, `direct` or by a `group NAME`. An
    assignment to a group without members, or to one that was deleted, stays as a grant to the group. Where there is no
    instance in any region there are no rows, and the empty answer of each region is kept.

    A user whom another identity provider keeps here (SCIM) has the id there as a row of its own.

    A grant is privileged when a policy of its permission set gives every right, or every right in IAM (the rule of
    `aws.iam.authorization_details`): its inline policy, or one that AWS wrote. Customer-managed policies differ from
    account to account; a set that refers to one, and is not privileged without it, is neither.

    Complete when all regions answered, every list was read to its last page, and every permission set was visited in
    every account that it was put into. Not told by AWS: whether a user has a second factor, the last sign-in, and when
    and by whom an assignment was made. Instances that a member account set up for itself are not seen from here.
    """
    for region, instance in _instances(source):
        yield from _instance(source.at(region), instance)


def _instances(source: AwsSource) -> list[tuple[str, Answer]]:
    """Each instance once, with the region to ask it in: several regions may show the same one."""
    found: dict[str, tuple[str, Answer]] = {}
    asked = source.each(
        source.regions, lambda region: list(source.at(region).list("sso-admin", "ListInstances", "Instances"))
    )
    answered = 0
    for region, instances in asked:
        answered += 1
        for instance in instances:
            found.setdefault(instance["InstanceArn"], (instance.get("PrimaryRegion") or region, instance))
    source.total("regions asked for an instance", expected=len(source.regions), found=answered)
    return list(found.values())


def _shown(source: AwsSource) -> list[Answer]:
    return list(source.list("sso-admin", "ListInstances", "Instances"))


def _instance(source: AwsSource, instance: Answer) -> Iterator[Account | AccessGrant | ExternalIdentity]:
    arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
    listed = [
        item["value"] for item in source.list("sso-admin", "ListPermissionSets", "PermissionSets", InstanceArn=arn)
    ]
    sets = [one for _, one in source.each(listed, lambda each: _permission_set(source, arn, each))]
    pairs = [(one, account) for one in sets for account in one.accounts]
    visited = list(source.each(pairs, lambda pair: _assigned(source, arn, *pair)))
    source.total("permission sets read", expected=len(listed), found=len(sets))
    source.total("permission sets by accounts visited", expected=len(pairs), found=len(visited))
    assigned = [(permission_set, one) for (permission_set, _), found in visited for one in found]
    groups = _groups(source, store, {one["PrincipalId"] for _, one in assigned if one["PrincipalType"] == "GROUP"})
    whole = len(sets) == len(listed) and len(visited) == len(pairs) and all(group.read for group in groups.values())
    rights: dict[str, list[bool | None]] = {}
    for permission_set, assignment in assigned:
        for grant in _grants(permission_set, assignment, groups):
            rights.setdefault(grant.principal_id, []).append(grant.privileged)
            yield grant
    for user in source.list("identitystore", "ListUsers", "Users", IdentityStoreId=store):
        yield _account(user, [*rights.get(user["UserId"], ()), *(() if whole else (None,))])
        for link in user.get("ExternalIds") or ():
            yield ExternalIdentity(
                key=f"{user['UserId']} {link['Issuer']} {link['Id']}",
                seen=[user],
                account_id=user["UserId"],
                subject=link["Id"],
                via="scim",
                issuer=link["Issuer"],
            )


def _permission_set(source: AwsSource, instance: str, arn: str) -> PermissionSet:
    asked: dict[str, Any] = {"InstanceArn": instance, "PermissionSetArn": arn}
    accounts = source.list("sso-admin", "ListAccountsForProvisionedPermissionSet", "AccountIds", **asked)
    into = tuple(account["value"] for account in accounts)
    described = source.look("sso-admin", "DescribePermissionSet", "PermissionSet", **asked)
    name = described.get("PermissionSet", {}).get("Name")
    # Refused rights are a gap and leave the question open; the assignments are listed all the same.
    for _, (privileged, seen) in source.each([asked], lambda asked: _rights(source, asked)):
        return PermissionSet(arn, name, privileged, into, (described, *seen))
    return PermissionSet(arn, name, None, into, (described,))


def _rights(source: AwsSource, asked: dict[str, Any]) -> tuple[bool | None, tuple[Answer, ...]]:
    """Whether a permission set is privileged, and the answers that say so."""
    inline = source.get("sso-admin", "GetInlinePolicyForPermissionSet", "InlinePolicy", **asked)
    managed = list(source.list("sso-admin", "ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies", **asked))
    customers = list(
        source.list(
            "sso-admin",
            "ListCustomerManagedPolicyReferencesInPermissionSet",
            "CustomerManagedPolicyReferences",
            **asked,
        )
    )
    judgements = [_judged(source, policy["Arn"]) for policy in managed]
    judgements += [allows_everything(inline["InlinePolicy"])] if inline["InlinePolicy"] else []
    judgements += [None for _ in customers]
    return any_of(judgements), (inline, *managed, *customers)


def _judged(source: AwsSource, arn: str) -> bool | None:
    """Whether a policy of AWS's own gives every right; its document is the same in every account."""
    policy = source.look("iam", "GetPolicy", "Policy", PolicyArn=arn)
    if not policy.seen:
        return None
    in_force = policy["Policy"]["DefaultVersionId"]
    version = source.look("iam", "GetPolicyVersion", "PolicyVersion", PolicyArn=arn, VersionId=in_force)
    return version.tell(lambda seen: allows_everything(seen["PolicyVersion"].get("Document")))


def _assigned(source: AwsSource, instance: str, permission_set: PermissionSet, account: str) -> list[Answer]:
    asked = {"InstanceArn": instance, "AccountId": account, "PermissionSetArn": permission_set.arn}
    return list(source.list("sso-admin", "ListAccountAssignments", "AccountAssignments", **asked))


def _groups(source: AwsSource, store: str, wanted: set[str]) -> dict[str, Members]:
    """The groups that hold an assignment, with their members; a group whose members could not be read is a gap."""
    listed = source.list("identitystore", "ListGroups", "Groups", IdentityStoreId=store)
    names = {group["GroupId"]: group.get("DisplayName") for group in listed if group["GroupId"] in wanted}

    def members(group: str) -> list[Answer]:
        asked = {"IdentityStoreId": store, "GroupId": group}
        return list(source.list("identitystore", "ListGroupMemberships", "GroupMemberships", **asked))

    read = dict(source.each(sorted(names), members))
    return {
        group: Members(names.get(group), tuple(read.get(group, ())), group in read or group not in names)
        for group in wanted
    }


def _grants(permission_set: PermissionSet, assignment: Answer, groups: Mapping[str, Members]) -> Iterator[AccessGrant]:
    """The grants that one assignment makes: one for each person it reaches, or one to the group that has none."""
    holder = assignment["PrincipalId"]
    if assignment["PrincipalType"] != "GROUP":
        yield _grant(permission_set, assignment, holder, "human", "direct")
        return
    group = groups[holder]
    for membership in group.memberships:
        person, via = membership["MemberId"]["UserId"], f"group {group.name or holder}"
        yield _grant(permission_set, assignment, person, "human", via, membership)
    if not group.memberships:
        yield _grant(permission_set, assignment, holder, "group", "direct")


def _grant(
    permission_set: PermissionSet, assignment: Answer, principal: str, kind: str, via: str, *also: Answer
) -> AccessGrant:
    account = assignment["AccountId"]
    through = assignment["PrincipalId"]
    return AccessGrant(
        key=f"{principal} {account} {permission_set.arn} {through}",
        seen=[assignment, *also, *permission_set.seen],
        principal_id=principal,
        principal_kind=kind,
        resource=account,
        within=account,
        role=permission_set.name,
        privileged=permission_set.privileged,
        via=via,
    )


def _account(user: Answer, rights: Iterable[bool | None]) -> Account:
    """`rights` has a None where any assignment could not be read: it may be the one that gives every right."""
    emails: list[dict[str, Any]] = sorted(user.get("Emails", ()), key=lambda one: not one.get("Primary"))
    return Account(
        key=user["UserId"],
        seen=[user],
        account_id=user["UserId"],
        name=user.get("UserName"),
        email=emails[0].get("Value") if emails else None,
        kind="human",
        status={"ENABLED": "active", "DISABLED": "disabled"}.get(user.get("UserStatus", "")),
        privileged=any_of(rights),
        created_at=user.get("CreatedAt"),
    )
