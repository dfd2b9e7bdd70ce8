"""What users and roles may do, and which grants make them all-powerful."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.model import Cause
from collector.records import AccessGrant, Account
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
ANYTHING, ANY_IAM = "\0:\0", "iam:\0"
"""An action that no service has: only a pattern that covers every action (of IAM) covers it."""
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


class Holding(NamedTuple):
    """One policy as a principal or a group holds it."""

    key: str
    name: str
    privileged: bool | None


@aws.evidence(
    "aws.iam.authorization_details",
    yields=(Account, AccessGrant),
    needs=["iam:GetAccountAuthorizationDetails", "iam:GetAccountSummary"],
)
def authorization_details(source: AwsSource) -> Iterator[Account | AccessGrant]:
    """Every IAM user and role, and every policy they hold.

    Population: every IAM user and every role in the account, those that AWS services made for themselves included; and
    one grant for each policy that a user or role holds: attached to it or written into it (`direct`), or held by a
    group that the user is in (`group NAME`). A role that only AWS services may take is granted to a `service`. Groups
    and policies that nobody holds give no grant. The root user, who may do everything, is not in this answer.

    A grant is privileged when its policy allows every action, or every action of IAM, on every resource: by `*`, by any
    pattern as wide, or by allowing all but a list; unless the same policy denies as much without a condition. A
    condition on the permission does not make it less privileged. Permissions boundaries and the organisation's
    policies, which can only take rights away, are left out of account; so are rights that lead to others step by step.
    Where a policy's document was not given or cannot be read, the grant is neither privileged nor not, and is a gap.

    Complete when the last page was read, and users, roles, groups and customer-managed policies are as many as the
    account summary counts.
    """
    found: dict[str, list[Answer]] = {key: [] for key in LISTS}
    for key, item in source.lists("iam", "GetAccountAuthorizationDetails", LISTS):
        found[key].append(item)
    _totals(source, found)
    judged = {policy["Arn"]: allows_everything(_document(policy)) for policy in found["Policies"]}
    groups = {group["GroupName"]: group for group in found["GroupDetailList"]}
    for user in found["UserDetailList"]:
        grants = list(_grants(source, user, None, "direct", _holdings(source, user, "UserPolicyList", judged)))
        for name in user.get("GroupList", ()):
            if (group := groups.get(name)) is None:
                source.gap(
                    Cause.TRUNCATED, f"iam:GetAccountAuthorizationDetails {user['Arn']}", f"no group {name} listed"
                )
                continue
            held = _holdings(source, group, "GroupPolicyList", judged)
            grants += _grants(source, user, None, f"group {name}", held, group)
        yield _account(user, None, grants)
        yield from grants
    for role in found["RoleDetailList"]:
        kind = "service" if serves_aws(role.get("AssumeRolePolicyDocument")) else "role"
        grants = list(_grants(source, role, kind, "direct", _holdings(source, role, "RolePolicyList", judged)))
        yield _account(role, "role", grants)
        yield from grants


def allows_everything(document: Any) -> bool | None:  # noqa: ANN401 - whatever AWS gives as a policy
    """Whether a policy by itself gives every right, or every right in IAM; None when it cannot be read."""
    statements = readable(document)
    if statements is None:
        return None
    return any(
        any(_covers(statement, "Allow", action) for statement in statements)
        and not any(_covers(statement, "Deny", action) and not statement.get("Condition") for statement in statements)
        for action in (ANYTHING, ANY_IAM)
    )


def readable(document: Any) -> list[Mapping[str, Any]] | None:  # noqa: ANN401 - whatever AWS gives as a policy
    """The statements of a policy, given as an object or as JSON text; None when it is neither."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return None
    if not isinstance(document, dict):
        return None
    statements = as_list(document.get("Statement"))
    return statements if all(isinstance(statement, dict) for statement in statements) else None


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - policies write one thing bare, or several as a list
    """One or several, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def serves_aws(trust: Any) -> bool:  # noqa: ANN401 - whatever AWS gives as a policy
    """Whether a role's trust policy lets in AWS services and nobody else."""
    allowed = [one for one in readable(trust) or () if one.get("Effect") == "Allow"]
    principals = [one.get("Principal") for one in allowed]
    return bool(principals) and all(isinstance(one, dict) and set(one) == {"Service"} for one in principals)


def _covers(statement: Mapping[str, Any], effect: str, action: str) -> bool:
    """Whether a statement with this effect is about the action on all resources."""
    if statement.get("Effect") != effect:
        return False
    if "NotAction" in statement:
        acts = not any(_matches(action, pattern) for pattern in as_list(statement["NotAction"]))
    else:
        acts = any(_matches(action, pattern) for pattern in as_list(statement.get("Action")))
    if "NotResource" in statement:
        # All but a list: nearly everything to gain, and too little to rely on where it takes away.
        return acts and effect == "Allow"
    return acts and any(_every(pattern, action) for pattern in as_list(statement.get("Resource")))


def _every(resource: str, action: str) -> bool:
    """Whether a resource pattern covers all resources that the action can be about; IAM's live in one account."""
    if action == ANY_IAM and resource.startswith("arn:") and resource.count(":") >= 5:  # noqa: PLR2004 - ARN
        _, _, service, _, _, rest = resource.split(":", 5)
        return _matches("iam", service) and _matches("\0/\0", rest)
    return any(_matches(f"arn:{partition}:\0:\0:\0:\0", resource) for partition in PARTITIONS)


def _matches(text: str, pattern: str) -> bool:
    """IAM's own matching: `*` and `?`, and no difference between capital and small letters."""
    pattern = str(pattern).lower()
    if "*" not in pattern and "?" not in pattern:
        return text.lower() == pattern  # nearly every action of nearly every policy: no pattern need be compiled for it
    return fnmatchcase(text.lower(), pattern.replace("[", "[[]"))


def _document(policy: Answer) -> Any:  # noqa: ANN401 - whatever AWS gives as a policy
    """The document of a policy's version in force."""
    versions = policy.get("PolicyVersionList", ())
    return next((version.get("Document") for version in versions if version.get("IsDefaultVersion")), None)


def _holdings(source: AwsSource, holder: Answer, inline: str, judged: Mapping[str, bool | None]) -> list[Holding]:
    held = [
        Holding(policy["PolicyArn"], policy["PolicyName"], judged.get(policy["PolicyArn"]))
        for policy in holder.get("AttachedManagedPolicies", ())
    ] + [
        Holding(f"inline {policy['PolicyName']}", policy["PolicyName"], allows_everything(policy.get("PolicyDocument")))
        for policy in holder.get(inline, ())
    ]
    for unread in (one for one in held if one.privileged is None):
        detail = f"{holder['Arn']} holds {unread.key}, whose document was not given or cannot be read"
        source.gap(Cause.TRUNCATED, "iam:GetAccountAuthorizationDetails", detail)
    return held


def _grants(
    source: AwsSource, principal: Answer, kind: str | None, via: str, held: Iterable[Holding], *also: Answer
) -> Iterator[AccessGrant]:
    arn = principal["Arn"]
    for policy in held:
        yield AccessGrant(
            key=f"{arn} {policy.key} {via}",
            seen=[principal, *also],
            principal_id=arn,
            principal_kind=kind,
            resource=source.account,
            role=policy.name,
            privileged=policy.privileged,
            written_by="provider" if policy.key.startswith("arn:aws:iam::aws:") else "company",
            via=via,
        )


def _account(principal: Answer, kind: str | None, grants: list[AccessGrant]) -> Account:
    """AWS does not say here which users are people: the credential report does."""
    return Account(
        key=principal["Arn"],
        seen=[principal],
        account_id=principal["Arn"],
        name=principal.get("UserName") or principal.get("RoleName"),
        kind=kind,
        privileged=any_of(grant.privileged for grant in grants),
        created_at=principal.get("CreateDate"),
        last_login_at=principal.get("RoleLastUsed", {}).get("LastUsedDate"),
    )


def any_of(truths: Iterable[bool | None]) -> bool | None:
    """True when one is; otherwise None when one is not known; otherwise False."""
    known = set(truths)
    return True if True in known else None if None in known else False


def _totals(source: AwsSource, found: Mapping[str, list[Answer]]) -> None:
    """By the count that AWS keeps itself. Its own policies have no account in their ARN, and are not in it."""
    counts = source.look("iam", "GetAccountSummary", "SummaryMap").get("SummaryMap", {})
    ours = [policy for policy in found["Policies"] if policy["Arn"].split(":")[4] != "aws"]
    for name, items in (
        ("Users", found["UserDetailList"]),
        ("Groups", found["GroupDetailList"]),
        ("Roles", found["RoleDetailList"]),
        ("Policies", ours),
    ):
        if name in counts:
            source.total(f"{name} in the account summary = {name} listed", expected=counts[name], found=len(items))
