"""The rights that the account of a bucket gives its own users and roles, which no bucket tells of."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from collector.archive.principals import unread
from collector.archive.s3_calls import code_of, refused
from collector.archive.s3_statements import ACTIONS, statements_of, told
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.principals import Principal
    from collector.archive.s3_calls import S3Calls

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_RIGHT = "iam:GetAccountAuthorizationDetails"
_BEYOND = (
    "the root user of account {account} may change the bucket's policy, its settings and what is not locked; access "
    "points of the bucket, and what only takes away (policies of the organisation, limits set to identities), are not "
    "looked at"
)


EVIDENCE = "aws.iam.authorization_details"
"""The type that has the same answer, sealed, of each account that is collected."""


def identities(calls: S3Calls, untold: list[str]) -> tuple[list[Principal], str]:
    """Each user and role of the bucket's account that a policy of its own, or of its groups, lets do something.

    They are read only where the collector is signed in to the account that the bucket belongs to, and may read them.
    And that account; empty where it is not known.
    """
    if calls.bucket.endpoint:
        told_by = f"users of {calls.bucket.endpoint} and what it lets them do cannot be told from the bucket"
        untold.append(f"{told_by}: ask whoever runs that server")
        return [], ""
    account = _own_account(calls, untold)
    named = account or "that owns the bucket"
    untold.append(_BEYOND.format(account=named))
    if account:
        try:
            found = _details(str(calls.client.meta.region_name))
            return [one for holder in _holders(found) for one in _given(calls, holder, found)], account
        except ArchiveError as error:
            untold.append(unread(_RIGHT, error, denied=refused(error)))
    untold.append(f"cannot be told from the bucket: identities of account {named} with any of {', '.join(ACTIONS)}")
    return [], account


def _own_account(calls: S3Calls, untold: list[str]) -> str:
    """The account signed in to, if the bucket is its own; empty otherwise, which leaves its sentence."""
    try:
        with _explained("GetCallerIdentity"):
            client = boto3.session.Session().client("sts", region_name=calls.client.meta.region_name)
            account = str(client.get_caller_identity()["Account"])
        with calls.explained("GetBucketVersioning"):
            calls.client.get_bucket_versioning(Bucket=calls.bucket.name)
    except ArchiveError as error:
        untold.append(f"whose bucket it is could not be told: {error}")
        return ""
    try:
        # The same request, which was answered just now, under the condition that the bucket is this account's.
        with calls.explained("GetBucketVersioning"):
            calls.client.get_bucket_versioning(Bucket=calls.bucket.name, ExpectedBucketOwner=account)
    except ArchiveError as error:
        other = f"the bucket belongs to another account than {account}, which the collector is signed in to"
        untold.append(other if refused(error) else f"whose bucket it is could not be told: {error}")
        return ""
    return account


def _details(region: str) -> dict[str, list[Mapping[str, Any]]]:
    """All users, groups, roles and policies, page after page, up to the one that says it is the last."""
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in _LISTS}
    asked: dict[str, str] = {}
    client: Any = None
    while True:
        with _explained("GetAccountAuthorizationDetails"):
            client = client or boto3.session.Session().client("iam", region_name=region)
            page = client.get_account_authorization_details(**asked)
            truncated, marker = page["IsTruncated"], page.get("Marker")
            for name in _LISTS:
                found[name] += page[name]
        if not truncated:
            return found
        if not marker or asked.get("Marker") == marker:
            raise ArchiveError("GetAccountAuthorizationDetails was answered by a list without an end")
        asked = {"Marker": marker}


def _holders(found: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Who holds policies, the item that has them, and by what; a group's are held by each who is in it."""
    groups = {one["GroupName"]: one for one in found["GroupDetailList"]}
    for user in found["UserDetailList"]:
        yield f"user {user['Arn']}", user, ""
        for name in user.get("GroupList", ()):
            if name not in groups:
                raise ArchiveError(f"GetAccountAuthorizationDetails names no group {name}, which {user['Arn']} is in")
            yield f"user {user['Arn']}", groups[name], f" by group {name}"
    for role in found["RoleDetailList"]:
        yield f"role {role['Arn']}", role, ""


def _given(
    calls: S3Calls, holder: tuple[str, Mapping[str, Any], str], found: Mapping[str, list[Mapping[str, Any]]]
) -> Iterator[Principal]:
    name, item, way = holder
    managed = {one["Arn"]: one for one in found["Policies"]}
    held = [
        (f"IAM policy {one['PolicyName']}", _in_force(managed, one["PolicyArn"]))
        for one in item.get("AttachedManagedPolicies", ())
    ]
    own = [*item.get("UserPolicyList", ()), *item.get("GroupPolicyList", ()), *item.get("RolePolicyList", ())]
    held += [(f"IAM policy {one['PolicyName']} (inline)", one["PolicyDocument"]) for one in own]
    for policy, document in held:
        text = document if isinstance(document, str) else json.dumps(document)
        for statement in statements_of(text, f"GetAccountAuthorizationDetails of {policy}"):
            yield from told(statement, calls.bucket, f"{policy}{way}", [name])


def _in_force(managed: Mapping[str, Mapping[str, Any]], arn: str) -> Any:  # noqa: ANN401 - a policy's document
    versions = managed.get(arn, {}).get("PolicyVersionList", ())
    return next((one.get("Document") for one in versions if one.get("IsDefaultVersion")), None)


@contextmanager
def _explained(asked: str) -> Iterator[None]:
    """ArchiveError for each error of the library, and for an answer that has not what it must."""
    try:
        yield
    except ClientError as error:
        raise ArchiveError(f"{asked} was refused: {code_of(error)}") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise ArchiveError(f"{asked} failed: {error}") from error
    except (KeyError, TypeError) as error:
        raise ArchiveError(f"{asked} was answered by something else") from error
