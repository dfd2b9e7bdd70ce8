"""Rules of AWS Config: kept, not kept, about nothing, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, US
from tests.doubles.aws.supplement.config_rules import RESULTS, RULES

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_PUBLIC, _BUCKET = "s3-bucket-public-read-prohibited", "AWS::S3::Bucket"


def seed_rules(ground: Ground) -> None:
    """Four rules in one region of production, of which one is not kept by two buckets; one in another region."""
    account = ground.prod.id
    for region, name, state, days in (
        (EU, _PUBLIC, "NON_COMPLIANT", 0.2),
        (EU, "encrypted-volumes", "COMPLIANT", 0.2),
        (EU, "efs-encrypted-check", "INSUFFICIENT_DATA", 0.3),
        (EU, "never-run", "INSUFFICIENT_DATA", None),
        (US, "encrypted-volumes", "COMPLIANT", 0.2),
    ):
        rule = {"ConfigRuleName": name, "Compliance": {"ComplianceType": state}}
        ground.put(RULES, account, region, rule | {"LastSuccessfulEvaluationTime": ground.ago(days) if days else None})
    for bucket, state in (
        ("nw-prod-website", "NON_COMPLIANT"),
        ("nw-prod-exports", "NON_COMPLIANT"),
        ("nw-prod-assets", "COMPLIANT"),
    ):
        result = {"ConfigRuleName": _PUBLIC, "ResourceType": _BUCKET, "ResourceId": bucket, "ComplianceType": state}
        ground.put(RESULTS, account, EU, result | {"At": ground.ago(0.2)})
