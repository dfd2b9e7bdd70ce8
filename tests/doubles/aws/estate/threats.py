"""What GuardDuty found: left open, archived, harmless; one is also listed by its administrator."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, US
from tests.doubles.aws.supplement.guardduty import FINDINGS

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_KEY = {"AccessKeyDetails": {"UserName": "ben.ortiz", "UserType": "IAMUser"}, "ResourceType": "AccessKey"}
_HOST = {"InstanceDetails": {"InstanceId": "i-0a1b2c3d4e5f60718"}, "ResourceType": "Instance"}
_BUCKET = {"S3BucketDetails": [{"Arn": "arn:aws:s3:::nw-prod-assets"}], "ResourceType": "S3Bucket"}


def seed_findings(ground: Ground) -> None:
    """High and open for three days; the others inside their limit, archived, low, or forgotten."""
    prod, management = ground.prod.id, ground.management.id
    mining = finding(ground, prod, EU, "CryptoCurrency:EC2/BitcoinTool.B!DNS", 8.0, 3, _HOST)
    ground.put(FINDINGS, prod, EU, mining)
    ground.put(FINDINGS, management, EU, mining)
    ground.manifest.deviates("INC-05", prod, EU, str(mining["Id"]), "high, and open for three days")
    for region, kind, severity, days, resource, archived in (
        (EU, "UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", 5.0, 2, _KEY, False),
        (EU, "Policy:S3/BucketBlockPublicAccessDisabled", 2.0, 40, _BUCKET, False),
        (US, "Exfiltration:S3/AnomalousBehavior", 8.0, 20, _BUCKET, True),
        (US, "Recon:EC2/Portscan", 5.0, 95, _HOST, False),
    ):
        ground.put(FINDINGS, prod, region, finding(ground, prod, region, kind, severity, days, resource, archived))


def finding(
    ground: Ground,
    account: str,
    region: str,
    kind: str,
    severity: float,
    days: float,
    resource: dict[str, Any],
    archived: bool = False,  # noqa: FBT001, FBT002 - as above
) -> dict[str, Any]:
    """A finding as GuardDuty gives it; the double leaves out those that it no longer remembers."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{kind}").hex
    return {
        "AccountId": account,
        "Arn": f"arn:aws:guardduty:{region}:{account}:detector/{account}{account[:4]}/finding/{name}",
        "CreatedAt": ground.ago(days).replace("+00:00", "Z"),
        "Id": name,
        "Region": region,
        "Resource": resource,
        "SchemaVersion": "2.0",
        "Service": {"Archived": archived, "Count": 1, "ServiceName": "guardduty"},
        "Severity": severity,
        "Title": kind,
        "Type": kind,
        "UpdatedAt": ground.ago(days).replace("+00:00", "Z"),
    }
