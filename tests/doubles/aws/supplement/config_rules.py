"""AWS Config: what its rules found, which moto has nothing of."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

RULES, RESULTS = "config:rules", "config:results"
_RULES_A_PAGE, _STATUSES, _RESULTS = 25, 50, 100


def describe_compliance_by_config_rule(asked: Asked) -> Mapping[str, Any]:
    """What came of each rule."""
    rules = [{name: one[name] for name in ("ConfigRuleName", "Compliance")} for one in asked.items(RULES)]
    return asked.page("ComplianceByConfigRules", rules, "NextToken", "", _RULES_A_PAGE)


def describe_config_rule_evaluation_status(asked: Asked) -> Mapping[str, Any]:
    """When each rule ran."""
    _limit(asked, _STATUSES)
    when = "LastSuccessfulEvaluationTime"
    statuses = [
        {"ConfigRuleName": one["ConfigRuleName"], "FirstEvaluationStarted": bool(one[when])}
        | ({when: datetime.fromisoformat(one[when])} if one[when] else {})
        for one in asked.items(RULES)
    ]
    return asked.page("ConfigRulesEvaluationStatus", statuses, "NextToken", "Limit", _STATUSES)


def get_compliance_details_by_config_rule(asked: Asked) -> Mapping[str, Any]:
    """What keeps a rule or does not, of the kinds asked for."""
    _limit(asked, _RESULTS)
    name, kinds = asked.input["ConfigRuleName"], asked.input.get("ComplianceTypes")
    if name not in {one["ConfigRuleName"] for one in asked.items(RULES)}:
        raise RefusedError("NoSuchConfigRuleException", "The ConfigRule provided in the request is invalid.")
    results = [
        {
            "EvaluationResultIdentifier": {
                "EvaluationResultQualifier": {
                    "ConfigRuleName": name,
                    "ResourceType": one["ResourceType"],
                    "ResourceId": one["ResourceId"],
                },
                "OrderingTimestamp": datetime.fromisoformat(one["At"]),
            },
            "ComplianceType": one["ComplianceType"],
            "ResultRecordedTime": datetime.fromisoformat(one["At"]),
        }
        for one in asked.items(RESULTS)
        if one["ConfigRuleName"] == name and (not kinds or one["ComplianceType"] in kinds)
    ]
    return asked.page("EvaluationResults", results, "NextToken", "Limit", _RESULTS)


def _limit(asked: Asked, most: int) -> None:
    if not 0 <= int(asked.input.get("Limit") or 0) <= most:
        raise RefusedError("InvalidLimitException", f"The limit must be at most {most}.")
