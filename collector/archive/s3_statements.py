"""What the statements of AWS's policies let somebody do to a bucket archive; no condition is ever weighed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.archive.principals import Power, Principal, powers
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.places import Bucket

_DELETE, _LOCK, _RIGHTS = ({one} for one in (Power.DELETE, Power.LOCK, Power.RIGHTS))
OF_OBJECTS: Mapping[str, frozenset[Power]] = {
    name: frozenset(found)
    for name, found in {
        # A put of a name that is there makes a new version over the old one, or without versions replaces it.
        "s3:PutObject": {Power.PUT, Power.OVERWRITE},
        "s3:ReplicateObject": {Power.PUT, Power.OVERWRITE},
        "s3:ReplicateDelete": _DELETE,
        "s3:DeleteObject": _DELETE,
        "s3:DeleteObjectVersion": _DELETE,
        "s3:PutObjectRetention": _LOCK,
        "s3:PutObjectLegalHold": _LOCK,
        "s3:BypassGovernanceRetention": _LOCK,
        "s3:PutObjectAcl": _RIGHTS,
        "s3:PutObjectVersionAcl": _RIGHTS,
    }.items()
}
OF_BUCKETS: Mapping[str, frozenset[Power]] = {
    name: frozenset(found)
    for name, found in {
        # A rule of the bucket's deletes on behalf of whoever set it.
        "s3:PutLifecycleConfiguration": _DELETE | _LOCK,
        "s3:PutBucketVersioning": _LOCK,
        "s3:PutBucketObjectLockConfiguration": _LOCK,
        "s3:PutReplicationConfiguration": _LOCK,
        "s3:PutBucketPolicy": _RIGHTS,
        "s3:DeleteBucketPolicy": _RIGHTS,
        "s3:PutBucketAcl": _RIGHTS,
        "s3:PutBucketOwnershipControls": _RIGHTS,
        "s3:PutBucketPublicAccessBlock": _RIGHTS,
        "s3:CreateAccessPoint": _RIGHTS,
        "s3:PutAccessPointPolicy": _RIGHTS,
    }.items()
}
OF_IDENTITIES: Mapping[str, frozenset[Power]] = {
    f"iam:{name}": frozenset(_RIGHTS)
    for name in (
        *("AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy"),
        *("PutUserPolicy", "PutGroupPolicy", "PutRolePolicy"),
        *("CreatePolicyVersion", "SetDefaultPolicyVersion", "AddUserToGroup", "UpdateAssumeRolePolicy"),
        *("CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"),
    )
}
"""What each action of S3 and IAM can do to an archive, by the Service Authorization Reference; others can do nothing.

Those of IAM give rights to others, or to whoever has them; a bucket's own policy cannot let anybody do these.
"""
ACTIONS = {**OF_OBJECTS, **OF_BUCKETS, **OF_IDENTITIES}
_ARN, _SERVICE = 6, 2
_WILD = ("*", "?", "${")


def statements_of(policy: str, named: str) -> list[Mapping[str, Any]]:
    """The statements of a policy given as JSON text; ArchiveError when it is none."""
    try:
        found = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{named} was answered by no policy") from error
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in listed):
        raise ArchiveError(f"{named} was answered by no policy")
    return listed


def told(
    statement: Mapping[str, Any], bucket: Bucket, known_from: str, holders: list[str] | None = None
) -> Iterator[Principal]:
    """Whom a statement names, and what it lets them do, or forbids; nothing where it is about none of that.

    `holders` are those who hold the policy, in one that names nobody itself.
    """
    may = _powers(statement, _about(statement, bucket))
    if not may:
        return
    written = {
        name: statement[name] for name in ("Action", "NotAction", "Resource", "NotResource") if name in statement
    }
    condition = statement.get("Condition")
    for name in _named(statement) if holders is None else holders:
        yield Principal(
            name,
            may,
            f"{known_from}, statement {statement['Sid']}" if statement.get("Sid") else known_from,
            denied=statement.get("Effect") != "Allow",
            on=json.dumps(written, ensure_ascii=False),
            condition=json.dumps(condition, ensure_ascii=False) if condition else "",
        )


def _powers(statement: Mapping[str, Any], known: Mapping[str, frozenset[Power]]) -> frozenset[Power]:
    if "NotAction" in statement:
        return powers(["*"], many(statement["NotAction"]), known)
    return powers(many(statement.get("Action")), [], known)


def _about(statement: Mapping[str, Any], bucket: Bucket) -> dict[str, frozenset[Power]]:
    """The actions that its resources can be about: the bucket's, the archive's objects'; all, where it is uncertain."""
    if "NotResource" in statement:
        return ACTIONS
    found: dict[str, frozenset[Power]] = {}
    for one in many(statement.get("Resource")):
        parts = one.split(":", 5)
        if len(parts) == _ARN and parts[_SERVICE] == "iam":
            found |= OF_IDENTITIES
        elif len(parts) < _ARN or parts[3:5] != ["", ""]:
            # A pattern over services, or one of S3's access points, which leads to a bucket.
            if len(parts) <= _SERVICE or parts[_SERVICE] in {"s3", "*"} or "*" in parts:
                return ACTIONS
        elif parts[_SERVICE] in {"s3", "*"}:
            found |= OF_BUCKETS if _meets(parts[5], bucket.name) else {}
            found |= OF_OBJECTS if _meets(parts[5], f"{bucket.name}/{bucket.prefix}", longer=True) else {}
    return found


def _meets(pattern: str, name: str, *, longer: bool = False) -> bool:
    """Whether a pattern can have the name in it, or, `longer`, one that begins so; by its letters up to a wildcard."""
    end = min((at for at in (pattern.find(one) for one in _WILD) if at >= 0), default=-1)
    fixed = pattern if end < 0 else pattern[:end]
    if end < 0 and not longer:
        return fixed == name
    return name.startswith(fixed) if end >= 0 and len(fixed) <= len(name) else longer and fixed.startswith(name)


def _named(statement: Mapping[str, Any]) -> Iterator[str]:
    for member, before in (("Principal", ""), ("NotPrincipal", "everyone but ")):
        found = statement.get(member)
        if found is None:
            continue
        if not isinstance(found, dict):
            yield f"{before}{_spelt('AWS', str(found))}"
            continue
        names = [_spelt(kind, one) for kind, listed in found.items() for one in many(listed)]
        yield from [f"{before}{', '.join(names)}"] if before else names


def _spelt(kind: str, name: str) -> str:
    if kind != "AWS":
        return f"{kind} {name}"
    if name == "*":
        return "everyone (*)"
    account = (
        name if name.isdigit() else name.split(":")[4] if name.endswith(":root") and name.count(":") == _ARN - 1 else ""
    )
    return f"{name}: whom account {account} lets" if account else name


def many(value: Any) -> list[str]:  # noqa: ANN401 - a policy writes one thing bare and several as a list
    """One or several, as a list."""
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]
