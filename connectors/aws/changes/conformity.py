"""AWS Config: which rules of configuration are kept, and what does not keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.model import Cause
from collector.records import Finding
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_BROKEN = "NON_COMPLIANT"
_STATES = {"COMPLIANT": "closed", "NOT_APPLICABLE": "not_applicable", "INSUFFICIENT_DATA": "not_evaluated"}
_AT_ONCE = 100


@aws.evidence(
    "aws.config.compliance",
    yields=Finding,
    needs=[
        "config:DescribeComplianceByConfigRule",
        "config:DescribeConfigRuleEvaluationStatus",
        "config:GetComplianceDetailsByConfigRule",
    ],
    per=Per.PLACE,
)
def compliance(source: AwsSource) -> Iterator[Finding]:
    """Config rule results.

    Population, in each enabled region: every rule of AWS Config, those of conformance packs and of other services among
    them. A rule that is kept is one row, `closed`; a rule that has no result is `not_evaluated`, with the time at which
    it was last evaluated all the same, if ever. Of a rule that is not kept there is a row for each resource that
    does not keep it, `open`, with the time at which that result was recorded (`last_seen_at`).

    Not told by AWS Config: how grave a failure is, and since when it lasts. Results for each resource that keeps a rule
    are not asked for, nor how conformance packs count them.

    Complete when every list was read to its last page in every enabled region, and something is named for every rule
    that is not kept.
    """
    rules = list(source.list("config", "DescribeComplianceByConfigRule", "ComplianceByConfigRules"))
    evaluated = _evaluated(source) if rules else {}
    broken = [one for one in rules if _state(one) == _BROKEN]
    for rule in rules:
        if _state(rule) != _BROKEN:
            name = rule["ConfigRuleName"]
            run = evaluated.get(name)
            yield Finding(
                key=f"{source.place} {name}",
                seen=[rule, *([run] if run else [])],
                finding_id=f"{source.place} {name}",
                rule=name,
                status=_STATES.get(_state(rule) or ""),
                last_seen_at=run.get("LastSuccessfulEvaluationTime") if run else None,
            )
    for rule, results in source.each(broken, lambda one: _results(source, one["ConfigRuleName"])):
        if not results:
            detail = "the rule is said not to be kept, and nothing is named that does not keep it"
            source.gap(Cause.TRUNCATED, f"{rule['ConfigRuleName']} ({source.place})", detail)
        for result in results:
            yield _failure(source.place, rule, result)


def _evaluated(source: AwsSource) -> Mapping[str, Answer]:
    """When each rule was last evaluated; where that cannot be read, a gap and nothing of any."""
    runs = source.each(
        [source],
        lambda one: list(one.list("config", "DescribeConfigRuleEvaluationStatus", "ConfigRulesEvaluationStatus")),
    )
    return {one["ConfigRuleName"]: one for _, found in runs for one in found}


def _results(source: AwsSource, rule: str) -> list[Answer]:
    return list(
        source.list(
            "config",
            "GetComplianceDetailsByConfigRule",
            "EvaluationResults",
            ConfigRuleName=rule,
            ComplianceTypes=[_BROKEN],
            Limit=_AT_ONCE,
        )
    )


def _failure(place: str, rule: Answer, result: Answer) -> Finding:
    of = (result.get("EvaluationResultIdentifier") or {}).get("EvaluationResultQualifier") or {}
    asset = f"{of.get('ResourceType')} {of.get('ResourceId')}"
    recorded: datetime | None = result.get("ResultRecordedTime")
    return Finding(
        key=f"{place} {rule['ConfigRuleName']} {asset}",
        seen=[rule, result],
        finding_id=f"{place} {rule['ConfigRuleName']} {asset}",
        asset_id=asset,
        rule=rule["ConfigRuleName"],
        status="open",
        last_seen_at=recorded,
    )


def _state(rule: Answer) -> str | None:
    state: str | None = (rule.get("Compliance") or {}).get("ComplianceType")
    return state
