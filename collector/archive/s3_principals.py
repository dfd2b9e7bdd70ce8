"""Who can write or delete in a bucket: by its policy, its access list, and the rights that its account gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from collector.archive import s3_account
from collector.archive.principals import ACTING, ALL, Held, Power, Principal, Principals, Stops, key_of, unread
from collector.archive.s3_calls import code_of, refused
from collector.archive.s3_lock import policy_of
from collector.archive.s3_statements import statements_of, told
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.s3_calls import S3Calls

_HELD = {
    Power.OVERWRITE: Held(
        Stops.PARTLY,
        "a put of a name that is taken makes a version over the locked one, which stays; `verify` names it",
    ),
    Power.DELETE: Held(
        Stops.PARTLY, "no version goes before its date; a delete marker can hide it, which the lock's read-back names"
    ),
    Power.LOCK: Held(
        Stops.PARTLY,
        "no lock that was given can be shortened or lifted; what the bucket gives to later objects can change",
    ),
}
"""What Object Lock in COMPLIANCE mode stops."""
_GRANTS = {
    "WRITE": frozenset({Power.PUT, Power.OVERWRITE, Power.DELETE}),
    "WRITE_ACP": frozenset({Power.RIGHTS}),
    "FULL_CONTROL": ALL - {Power.LOCK},
}
_NO_LISTS = "BucketOwnerEnforced"
_NONE = {"OwnershipControlsNotFoundError", "ServerSideEncryptionConfigurationNotFoundError"}


def principals(calls: S3Calls) -> Principals:
    """As `Place.principals`."""
    untold: list[str] = []
    named = [*_by_policy(calls, untold), *_by_list(calls, untold)]
    identities, account = s3_account.identities(calls, untold)
    evidence = "" if calls.bucket.endpoint else s3_account.EVIDENCE
    return Principals((*named, *identities), (*_key(calls), *untold, ACTING), _HELD, evidence, account)


def _by_policy(calls: S3Calls, untold: list[str]) -> list[Principal]:
    try:
        policy = policy_of(calls)
        statements = [] if policy is None else statements_of(policy, f"GetBucketPolicy of {calls.bucket}")
    except ArchiveError as error:
        untold.append(unread("s3:GetBucketPolicy", error, denied=refused(error)))
        return []
    return [one for each in statements for one in told(each, calls.bucket, "bucket policy")]


def _by_list(calls: S3Calls, untold: list[str]) -> list[Principal]:
    """Whom the bucket's access list names, unless such lists are switched off: then it counts for nothing."""
    try:
        ownership = _ownership(calls)
        by = "bucket access list" if ownership else "bucket access list (no ownership controls, so it counts)"
    except ArchiveError as error:
        untold.append(unread("s3:GetBucketOwnershipControls", error, denied=refused(error)))
        ownership, by = "", "bucket access list, if such lists count here: that could not be read"
    if ownership == _NO_LISTS:
        return []
    if ownership:
        by = f"{by} ({ownership})"
    try:
        with calls.explained("GetBucketAcl"):
            found = calls.client.get_bucket_acl(Bucket=calls.bucket.name)
        if "Owner" not in found or "Grants" not in found:  # botocore reads an empty body as an answer of nothing
            raise ArchiveError(f"GetBucketAcl of {calls.bucket} was answered by something else")  # noqa: TRY301
    except ArchiveError as error:
        untold.append(unread("s3:GetBucketAcl", error, denied=refused(error)))
        return []
    untold.append("access lists of single objects, which name who may change those lists, were not looked at")
    return [*_granted(found, by)]


def _ownership(calls: S3Calls) -> str:
    """What the bucket's ownership controls say; empty where it has none, so that access lists count."""
    with calls.explained("GetBucketOwnershipControls"):
        try:
            answer = calls.client.get_bucket_ownership_controls(Bucket=calls.bucket.name)
        except ClientError as error:
            if code_of(error) in _NONE:
                return ""
            raise
    rules = answer.get("OwnershipControls", {}).get("Rules") or []
    if len(rules) != 1 or not rules[0].get("ObjectOwnership"):
        raise ArchiveError(f"GetBucketOwnershipControls of {calls.bucket} was answered by something else")
    return str(rules[0]["ObjectOwnership"])


def _key(calls: S3Calls) -> Iterator[str]:
    """The bucket's key, when it is one that somebody could take away."""
    try:
        with calls.explained("GetBucketEncryption"):
            try:
                answer = calls.client.get_bucket_encryption(Bucket=calls.bucket.name)
            except ClientError as error:
                if code_of(error) in _NONE:
                    return
                raise
    except ArchiveError as error:
        yield unread("s3:GetEncryptionConfiguration", error, denied=refused(error))
        return
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules")
    if not rules:  # botocore reads an empty body as an answer of nothing
        other = ArchiveError(f"GetBucketEncryption of {calls.bucket} was answered by something else")
        yield unread("s3:GetEncryptionConfiguration", other, denied=False)
    for rule in rules or ():
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        # Without a name it is AWS's own for S3, which nobody can take away.
        if key := default.get("KMSMasterKeyID"):
            yield key_of(str(key))


def _granted(found: Mapping[str, Any], by: str) -> Iterator[Principal]:
    owner = found["Owner"].get("ID")
    for grant in found["Grants"]:
        may, who = _GRANTS.get(str(grant.get("Permission"))), grant.get("Grantee") or {}
        if not may:
            continue
        name = who.get("URI") or who.get("EmailAddress") or f"canonical user {who.get('ID')}"
        if owner and who.get("ID") == owner:
            name = f"the account that owns the bucket ({name})"
        yield Principal(name, may, by, on=f"grant {grant['Permission']}")
