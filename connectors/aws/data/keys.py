"""KMS keys and stored secrets."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.answer import UNSEEN
from collector.connector import Per
from collector.records import Credential, Key
from connectors.aws import aws
from connectors.aws.data.key_control import LIST_ALIASES, aliases
from connectors.aws.data.key_policy import policy_open
from connectors.aws.tags import labels, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_MANAGERS = {"AWS": "provider", "CUSTOMER": "customer"}
_STATES = {
    "Creating": "creating",
    "Disabled": "disabled",
    "Enabled": "enabled",
    "PendingDeletion": "pending_deletion",
    "PendingImport": "pending_import",
    "PendingReplicaDeletion": "pending_deletion",
    "Unavailable": "unavailable",
    "Updating": "updating",
}


class Described(NamedTuple):
    """What was read of one key; rotation and policy only of the customer's own."""

    key: Answer
    rotation: Answer = UNSEEN
    policy: Answer = UNSEEN


@aws.evidence(
    "aws.kms.keys",
    yields=Key,
    needs=["kms:ListKeys", "kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:GetKeyPolicy", LIST_ALIASES],
    per=Per.PLACE,
)
def keys(source: AwsSource) -> Iterator[Key]:
    """KMS keys, their state and rotation.

    Population: every KMS key in each enabled region, whoever manages it; a multi-region key has a row in each region.
    AWS's own keys (`manager` is `provider`) rotate by AWS's rules; their rotation and policy are not asked for.

    `rotation_supported` is whether KMS can rotate the key by itself: symmetric keys for encryption whose material KMS
    made; not asymmetric or HMAC keys, imported material or custom key stores. `policy_open` is true when the key
    policy allows everyone anything without a condition that names accounts, an organisation or identities; denials
    are not weighed, and grants are not looked into.

    Complete when the last page was read in every enabled region and keys described are as many as listed. A key whose
    own policy forbids us to look stays in the population, with nulls and a gap. Key material cannot be read at all.
    """
    listed = list(source.list("kms", "ListKeys", "Keys", Limit=1000))
    names = _names(source)
    described = 0
    for key, found in source.each(listed, lambda one: _describe(source, one["KeyArn"])):
        metadata: dict[str, Any] = found.key.get("KeyMetadata") or {}
        named = None if names is None else names.get(key["KeyId"], [])
        described += 1
        yield Key(
            key=key["KeyArn"],
            seen=[key, *found, *(named or ())],
            key_id=key["KeyArn"],
            aliases=None if named is None else tuple(sorted(one["AliasName"] for one in named)),
            manager=_MANAGERS.get(metadata.get("KeyManager", "")),
            state=_STATES.get(metadata.get("KeyState", "")),
            rotation_supported=rotates(metadata),
            rotation_on=found.rotation.get("KeyRotationEnabled"),
            rotation_days=found.rotation.get("RotationPeriodInDays"),
            delete_at=metadata.get("DeletionDate"),
            policy_open=found.policy.tell(lambda one: policy_open(json.loads(one["Policy"]))),
        )
    source.total("keys listed = keys described", expected=len(listed), found=described)


def _describe(source: AwsSource, arn: str) -> Described:
    key = source.look("kms", "DescribeKey", "KeyMetadata", KeyId=arn)
    metadata = key.get("KeyMetadata") or {}
    if metadata.get("KeyManager") != "CUSTOMER":
        return Described(key)
    rotation = UNSEEN
    if rotates(metadata):
        rotation = source.look("kms", "GetKeyRotationStatus", "KeyRotationEnabled", KeyId=arn)
    return Described(key, rotation, source.look("kms", "GetKeyPolicy", "Policy", KeyId=arn, PolicyName="default"))


def _names(source: AwsSource) -> dict[str, list[Answer]] | None:
    """The aliases by key; None when they could not be read."""
    found = next((answers for _, answers in source.each([source], aliases)), None)
    if found is None:
        return None
    names: defaultdict[str, list[Answer]] = defaultdict(list)
    for alias in found:
        names[alias.get("TargetKeyId") or ""].append(alias)
    return names


def rotates(metadata: dict[str, Any]) -> bool | None:
    """Whether KMS can rotate such a key by itself; None when AWS did not say what kind it is."""
    spec, origin = metadata.get("KeySpec"), metadata.get("Origin")
    if spec is None or origin is None:
        return None
    return bool(spec == "SYMMETRIC_DEFAULT" and origin == "AWS_KMS")


@aws.evidence(
    "aws.secrets.rotation",
    yields=Credential,
    needs=["secretsmanager:ListSecrets"],
    per=Per.PLACE,
)
def secrets(source: AwsSource) -> Iterator[Credential]:
    """Secrets and when they were rotated.

    Population: every secret in AWS Secrets Manager in each enabled region, those waiting for deletion included
    (`disabled`: their value can no longer be read); a replica has a row in its own region. Metadata only: values are
    never read, and the permission to read them is not asked for.

    `rotated_at` is the last rotation by Secrets Manager; null when it never rotated the secret, whose age then counts
    from `created_at`. A value that was changed by hand leaves no date of its own that a change of description would not
    leave too, and does not count. `last_used_at` is a day, not a moment, and null when the secret was never read.

    Complete when the last page was read in every enabled region. Secrets kept elsewhere (SSM parameters, environment
    variables, code) are not part of it.
    """
    for secret in source.list(
        "secretsmanager", "ListSecrets", "SecretList", IncludePlannedDeletion=True, MaxResults=100
    ):
        yield Credential(
            key=secret["ARN"],
            seen=[secret],
            credential_id=secret["ARN"],
            kind="secret",
            status="disabled" if secret.get("DeletedDate") else "active",
            created_at=secret.get("CreatedDate"),
            rotated_at=secret.get("LastRotatedDate"),
            last_used_at=secret.get("LastAccessedDate"),
            owner=labels(source, plain(secret.get("Tags")))["owner"],
        )
