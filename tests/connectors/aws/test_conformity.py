from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.assess.clouds import ending, told
from tests.doubles.aws.supplement.config_rules import RESULTS, RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

RULE, RECORDER = "aws.config.compliance", "aws.config.recorder"
EU, IRELAND = "eu-central-1", "eu-west-1"
PUBLIC = "s3-bucket-public-read-prohibited"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    return str(manifest["accounts"]["northwind-prod"])


@pytest.fixture
def data(aws: AwsDouble, manifest: dict[str, Any]) -> Iterator[str]:
    """An account whose rules a test makes; they are gone after it."""
    account = manifest["accounts"]["northwind-data"]
    yield account
    places = [{"kind": kind, "account": account, "region": IRELAND, "items": []} for kind in (RULES, RESULTS)]
    aws.control("POST", "seeded", [one | {"replace": True} for one in places])


def rule(name: str, state: str) -> dict[str, Any]:
    return {
        "ConfigRuleName": name,
        "Compliance": {"ComplianceType": state},
        "LastSuccessfulEvaluationTime": "2026-11-01T00:00:00+00:00",
    }


def test_every_rule_has_a_row_or_one_for_each_that_does_not_keep_it(gather: Gather, prod: str) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(RULE)}
    assert all(one.snapshot.complete for one in found.values())
    rows = {row["finding_id"]: row for row in found.pop(prod).rows}
    assert {name: row["status"] for name, row in rows.items()} == {
        f"{EU} {PUBLIC} AWS::S3::Bucket nw-prod-exports": "open",
        f"{EU} {PUBLIC} AWS::S3::Bucket nw-prod-website": "open",
        f"{EU} efs-encrypted-check": "not_evaluated",
        f"{EU} encrypted-volumes": "closed",
        f"{EU} never-run": "not_evaluated",
        "us-east-1 encrypted-volumes": "closed",
    }
    assert [name for name, row in rows.items() if row["last_seen_at"] is None] == [f"{EU} never-run"]
    # AWS Config knows neither how grave a failure is nor since when it lasts.
    assert all(row["severity"] is row["first_seen_at"] is row["closed_at"] is None for row in rows.values())
    assert not [row for one in found.values() for row in one.rows]


def test_details_are_asked_for_where_a_rule_is_not_kept_alone(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.clear_requests()
    gather(RULE, only=prod)
    asked = [one for one in aws.requests() if one["operation"] == "GetComplianceDetailsByConfigRule"]
    assert sum(one.get("count", 1) for one in asked) == 1


def test_log_09_of_aws(gather: Gather, prod: str) -> None:
    found = told("LOG-09", [one for name in (RULE, RECORDER) for one in gather(name, only=prod)])
    outcome, because = found[f"finding {EU} {PUBLIC} AWS::S3::Bucket nw-prod-website"]
    assert outcome == "cannot_tell"
    assert because.endswith("does not keep s3-bucket-public-read-prohibited: how grave that is, is not given.")
    assert ending(found, "efs-encrypted-check") == "not_applicable"
    assert ending(found, "never-run") == "cannot_tell"
    assert not [item for item in found if item.endswith("encrypted-volumes")]
    assert found["configuration recorder in eu-west-1"][0] == "deviation"
    assert found[f"configuration recorder in {EU}"][0] == "pass"


def test_more_than_one_page_of_rules_and_of_results(gather: Gather, aws: AwsDouble, data: str) -> None:
    aws.add_seeded(RULES, data, IRELAND, [rule(f"kept-{n:02}", "COMPLIANT") for n in range(60)])
    aws.add_seeded(RULES, data, IRELAND, [rule("broken", "NON_COMPLIANT")])
    result = {"ConfigRuleName": "broken", "ResourceType": "AWS::EC2::Volume", "At": "2026-11-01T00:00:00+00:00"}
    many = [result | {"ResourceId": f"vol-{n}", "ComplianceType": "NON_COMPLIANT"} for n in range(230)]
    aws.add_seeded(RESULTS, data, IRELAND, many)
    (whole,) = gather(RULE, only=data)
    assert whole.snapshot.complete
    assert len(whole.rows) == 290
    for operation, rows in (("DescribeComplianceByConfigRule", 0), ("GetComplianceDetailsByConfigRule", 60)):
        aws.fault("throttle", match={"operation": operation, "region": IRELAND}, skip=1)
        (cut,) = gather(RULE, only=data, attempts=1)
        assert (cut.causes, len(cut.rows)) == (["throttled"], rows)
        aws.clear_faults()


def test_a_rule_that_is_not_kept_by_nothing_is_a_gap(gather: Gather, aws: AwsDouble, data: str) -> None:
    aws.add_seeded(RULES, data, IRELAND, [rule("odd", "NON_COMPLIANT")])
    (found,) = gather(RULE, only=data)
    assert (found.rows, found.causes) == ([], ["truncated"])
    assert found.snapshot.gaps[0].subject == f"odd ({IRELAND})"


def test_when_rules_ran_is_unknown_where_that_cannot_be_read(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("deny", match={"operation": "DescribeConfigRuleEvaluationStatus", "region": EU})
    (found,) = gather(RULE, only=prod)
    assert found.causes == ["denied"]
    assert {row["last_seen_at"] for row in found.rows if row["status"] != "open" and row["source_id"][:2] == "eu"} == {
        None
    }


@pytest.mark.parametrize("operation", ["DescribeComplianceByConfigRule", "GetComplianceDetailsByConfigRule"])
def test_what_is_refused_is_a_gap(gather: Gather, aws: AwsDouble, prod: str, operation: str) -> None:
    aws.fault("deny", match={"operation": operation, "region": EU})
    (found,) = gather(RULE, only=prod)
    assert found.causes == ["denied"]
    assert not [row for row in found.rows if row["status"] == "open"]
