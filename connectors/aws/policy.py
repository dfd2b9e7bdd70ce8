"""The least-privilege IAM policy, written from what the evidence types declare that they call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.aws.connection import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType

_PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "efs": "elasticfilesystem",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "sso-admin": "sso",
    "stepfunctions": "states",
}
_ACTIONS = {
    "accessanalyzer:ListFindingsV2": "access-analyzer:ListFindings",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
_ALSO = {"wafv2:ListResourcesForWebACL": "elasticloadbalancing:DescribeWebACLAssociation"}
"""A second action that AWS asks for: of the service whose resources are listed."""
_ALWAYS_ALLOWED = {"sts:GetCallerIdentity"}


def action(operation: str) -> str:
    """The IAM action that permits an operation: mostly its own name."""
    service, _, name = operation.partition(":")
    return _ACTIONS.get(operation, f"{_PREFIXES.get(service, service)}:{name}")


def actions(operation: str) -> frozenset[str]:
    """Every IAM action that an operation asks for."""
    return frozenset({action(operation), _ALSO.get(operation, action(operation))})


def beyond_reading(types: Iterable[EvidenceType]) -> list[tuple[str, str]]:
    """The one action that makes AWS do something."""
    report = "iam:GenerateCredentialReport"
    why = "AWS writes its own report of users and keys anew; nothing of yours changes"
    return [(report, why)] if any(report in evidence.needs for evidence in types) else []


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The policy for these evidence types: for the identity signed in, and for the role in each member account.

    The identity also needs `sts:AssumeRole` on that role: see deploy/aws.
    """
    operations = {need for evidence in types for need in evidence.needs} | SHARED
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadEvidence",
                "Effect": "Allow",
                "Action": sorted(frozenset().union(*map(actions, operations - _ALWAYS_ALLOWED))),
                "Resource": "*",
            }
        ],
    }
