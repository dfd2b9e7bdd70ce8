"""Whether the caller's IAM policies allow a call, by the names that AWS documents for the permission.

moto can enforce policies itself, but not well enough here: what a supplement answers passes it by, it takes the name in
the signature for the service (`tagging:GetResources` is `tag:GetResources`), and of S3's permissions it knows half. So
the policies are its own, and so is their evaluation; which action a call needs is told here. As in AWS, a caller that
is no IAM user and no assumed role (the account's own key) may do everything. Only for taking a role is the resource
weighed; conditions never are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model
from moto.iam.access_control import CreateAccessKeyFailure, IAMPolicy, PermissionResult, create_access_key

from tests.doubles.aws.wire import parameters

if TYPE_CHECKING:
    from tests.doubles.aws.wire import Call

_ACCESS_KEY = re.compile(r"Credential=([^/]+)/")

# Service Authorization Reference, and "Required permissions for Amazon S3 API operations" in the S3 User Guide. Where a
# service is not named here, its permissions bear the name it signs with.
_PREFIX_OF_SIGNING_NAME = {"tagging": "tag", "monitoring": "cloudwatch"}
_OTHERWISE = {
    ("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
    ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}
_BESIDES = {("wafv2", "ListResourcesForWebACL"): "elasticloadbalancing:DescribeWebACLAssociation"}
_ALWAYS, _ENTER = "sts:GetCallerIdentity", "sts:AssumeRole"


def action_for(service: str, operation: str) -> str:
    """The IAM action that AWS asks of whoever calls this operation."""
    signed = str(get_service_model(service).signing_name)
    return _OTHERWISE.get((service, operation)) or f"{_PREFIX_OF_SIGNING_NAME.get(signed, signed)}:{operation}"


def actions_for(service: str, operation: str) -> set[str]:
    """As `action_for`, with the second one that AWS asks for of some operations: of the service they tell of."""
    wanted = action_for(service, operation)
    return {wanted, _BESIDES.get((service, operation), wanted)}


def permitted(call: Call) -> bool:
    """Whether the caller's policies allow it."""
    policies = _policies(call)
    if policies is None:
        return True
    wanted = action_for(call.service, call.operation)
    resource = str(parameters(call)["RoleArn"]) if wanted == _ENTER else "*"
    asked = actions_for(call.service, call.operation)
    return wanted == _ALWAYS or all(_allowed(policies, action, resource) for action in asked)


def _allowed(policies: list[object], action: str, resource: str) -> bool:
    results = [IAMPolicy(policy).is_action_permitted(action, resource) for policy in policies]
    return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results


def _policies(call: Call) -> list[object] | None:
    """What the caller holds; None for the account's own key."""
    found = _ACCESS_KEY.search(call.environ.get("HTTP_AUTHORIZATION", ""))
    if found is None:
        return []
    token = call.environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
    headers = {"X-Amz-Security-Token": token} if token else {}
    try:
        caller = create_access_key(call.account, "aws", found[1], headers)
    except CreateAccessKeyFailure:
        return None
    return list(caller.collect_policies())
