"""What looks for access from outside and for rights that nobody uses, and what it found."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, US
from tests.doubles.aws.supplement.accessanalyzer import ANALYZERS, FINDINGS

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_BUCKET, _ROLE, _KEY = "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::KMS::Key"


def seed_analyzers(ground: Ground) -> None:
    """One for the whole organisation in two regions, in one of them off; two of production's own; none in Ireland."""
    prod, data = ground.prod.id, ground.data.id
    whole = _analyzer(ground, ground.management, EU, "organisation", "ORGANIZATION")
    _analyzer(ground, ground.management, US, "organisation", "ORGANIZATION", status="DISABLED")
    own = _analyzer(ground, ground.prod, EU, "outside", "ACCOUNT")
    unused = _analyzer(ground, ground.prod, EU, "unused", "ACCOUNT_UNUSED_ACCESS")
    role, other = f"arn:aws:iam::{prod}:role/vendor-forgotten", f"arn:aws:iam::{prod}:role/vendor-monitoring"
    lake, key = "arn:aws:s3:::nw-data-lake", f"arn:aws:kms:{EU}:{prod}:key/0f1e2d3c"
    outside = "ExternalAccess"
    old = _finding(ground, ground.prod, own, outside, (role, _ROLE), days=45)
    _finding(ground, ground.prod, own, outside, ("arn:aws:s3:::nw-prod-assets", _BUCKET), days=3)
    _finding(ground, ground.prod, own, outside, (other, _ROLE), days=80, status="ARCHIVED")
    _finding(ground, ground.prod, own, outside, (key, _KEY), days=80, status="RESOLVED", updated=70)
    idle = _finding(ground, ground.prod, unused, "UnusedIAMRole", (role, _ROLE), days=60)
    theirs = _finding(ground, ground.management, whole, outside, (lake, _BUCKET), days=40, owner=data)
    management = ground.management.id
    for account, finding, why in (
        (prod, old, "open for 45 days"),
        (prod, idle, "unused, open for 60 days"),
        (management, theirs, "open for 40 days"),
    ):
        ground.manifest.deviates("IAM-11", account, EU, finding, why)
    # The role's own trusts are judged instead.
    for account, resource in ((prod, "arn:aws:s3:::nw-prod-assets"), (management, lake)):
        ground.manifest.deviates("VEN-05", account, EU, resource, "open to outside")


def _analyzer(ground: Ground, account: Account, region: str, name: str, kind: str, *, status: str = "ACTIVE") -> str:
    arn = f"arn:aws:access-analyzer:{region}:{account.id}:analyzer/{name}"
    item = {"arn": arn, "name": name, "type": kind, "status": status, "createdAt": ground.ago(300)}
    reason = {"statusReason": {"code": "AWS_SERVICE_ACCESS_DISABLED"}} if status == "DISABLED" else {}
    ground.put(ANALYZERS, account.id, region, item | reason)
    ground.manifest.count(account.id, region, "accessanalyzer.analyzers")
    return arn


def _finding(ground: Ground, account: Account, analyzer: str, kind: str, about: tuple[str, str], **how: Any) -> str:
    """`how`: `days` since it was made, `status`, `updated` days ago, and `owner`, whose resource it is."""
    resource, resource_type = about
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{analyzer} {kind} {resource}"))
    item = {
        "analyzer": analyzer,
        "id": identity,
        "findingType": kind,
        "resource": resource,
        "resourceType": resource_type,
        "resourceOwnerAccount": how.get("owner", account.id),
        "status": how.get("status", "ACTIVE"),
        "createdAt": ground.ago(how["days"]),
        "updatedAt": ground.ago(how.get("updated", 1)),
        "analyzedAt": ground.ago(0.2),
    }
    region = analyzer.split(":")[3]
    ground.put(FINDINGS, account.id, region, item)
    ground.manifest.count(account.id, region, "accessanalyzer.findings")
    return identity
