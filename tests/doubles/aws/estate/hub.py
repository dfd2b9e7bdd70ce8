"""Security Hub in the home region of production: another scanner's findings, copies of Inspector's, and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND
from tests.doubles.aws.estate.scanning import hosts_of
from tests.doubles.aws.supplement.securityhub import MEMBERS

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_SCANNER, _INSPECTOR, _CHECKS = "vendor/scanner", "aws/inspector", "aws/securityhub"
_NOTE = {"Text": "not reachable from anywhere", "UpdatedBy": "eve.martin"}


def seed_hub(ground: Ground) -> None:
    """Management administers production, and the home region gathers another region's findings."""
    for account in (ground.management, ground.prod):
        account.client("securityhub").enable_security_hub()
    ground.put(MEMBERS, ground.management.id, EU, {"accountId": ground.prod.id})
    note: dict[str, Any] = {"Note": _NOTE | {"UpdatedAt": ground.ago(3)}}
    found = [
        _weakness(ground, 1, "CRITICAL", "NEW", 20),
        _weakness(ground, 2, "HIGH", "SUPPRESSED", 10, **note),
        _weakness(ground, 3, "HIGH", "NEW", 10, RecordState="ARCHIVED"),
        _weakness(ground, 4, "MEDIUM", "RESOLVED", 10),
        _weakness(ground, 5, "CRITICAL", "NEW", 40, product=_INSPECTOR),
        _check(ground, 6, "FAILED"),
        _check(ground, 7, "PASSED"),
        _check(ground, 8, "FAILED") | {"Region": IRELAND},
    ]
    ground.prod.client("securityhub").batch_import_findings(Findings=found)
    ground.manifest.count(ground.prod.id, EU, "securityhub.findings", len(found) - 1)
    ground.manifest.deviates("LOG-08", ground.prod.id, EU, found[0]["Id"], "critical, open for 20 days")


def _weakness(
    ground: Ground,
    number: int,
    severity: str,
    workflow: str,
    days: float,
    *,
    product: str = _SCANNER,
    **more: Any,
) -> dict[str, Any]:
    host = f"arn:aws:ec2:{EU}:{ground.prod.id}:instance/{hosts_of(ground)['shop-2']}"
    weak = {"Id": f"CVE-2026-1{number:03}", "FixAvailable": "YES"}
    return _finding(ground, number, product, severity, workflow, days) | {
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "Resources": [{"Type": "AwsEc2Instance", "Id": host}],
        "Vulnerabilities": [weak],
        **more,
    }


def _check(ground: Ground, number: int, status: str) -> dict[str, Any]:
    return _finding(ground, number, _CHECKS, "HIGH", "NEW", 50) | {
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{ground.prod.id}"}],
        "Compliance": {"Status": status, "SecurityControlId": f"IAM.{number}"},
    }


def _finding(ground: Ground, number: int, product: str, severity: str, workflow: str, days: float) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"{product}/{number:04}",
        "ProductArn": f"arn:aws:securityhub:{EU}::product/{product}",
        "GeneratorId": product,
        "AwsAccountId": ground.prod.id,
        "Region": EU,
        "CreatedAt": ground.ago(days),
        "FirstObservedAt": ground.ago(days),
        "UpdatedAt": ground.ago(4),
        "Severity": {"Label": severity},
        "Title": f"finding {number}",
        "Description": "made up",
        "Workflow": {"Status": workflow},
        "RecordState": "ACTIVE",
    }
