"""Security Hub: findings of any reporter, their workflow, and a region that is not subscribed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

HUB, EU = "aws.securityhub.findings", "eu-central-1"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    account: str = manifest["accounts"]["northwind-prod"]
    return account


def only(found: list[Gathered]) -> Gathered:
    (one,) = found
    return one


def test_a_region_that_is_not_subscribed_is_told_from_one_without_findings(
    gather: Gather, manifest: dict[str, Any]
) -> None:
    subscribed = {manifest["management"], manifest["accounts"]["northwind-prod"]}
    for one in gather(HUB):
        assert one.snapshot.complete, one.snapshot.gaps
        account = one.snapshot.scope.unit_id
        states = {row["covers"]: row["state"] for row in one.table("monitor")}
        on = {EU: "enabled"} if account in subscribed else {}
        assert states == dict.fromkeys(manifest["regions"], "absent") | on
        assert all(row["origins"] for row in one.rows)
    # Its administrator is shown production's findings too: they are read there.
    assert only(gather(HUB, only=manifest["management"])).table("finding") == []


def test_a_refusal_is_not_taken_for_it(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("deny", match={"service": "securityhub", "operation": "DescribeHub"})
    found = only(gather(HUB, only=prod))
    assert found.causes == ["denied"] * 3
    assert found.rows == []


def test_findings_as_they_were_seeded(gather: Gather, prod: str) -> None:
    found = only(gather(HUB, only=prod))
    states = {row["finding_id"]: (row["status"], bool(row["closed_at"])) for row in found.table("finding")}
    assert states == {
        "vendor/scanner/0001": ("open", False),
        "vendor/scanner/0002": ("not_applicable", False),
        "vendor/scanner/0003": ("closed", True),
        "vendor/scanner/0004": ("closed", False),
        "aws/inspector/0005": ("open", False),
        "aws/securityhub/0006": ("open", False),
        "aws/securityhub/0007": ("closed", True),
    }
    weak = {row["finding_id"].rpartition("/")[2]: row for row in found.table("vulnerability")}
    assert {number: (row["severity"], row["status"], bool(row["fixed_at"])) for number, row in weak.items()} == {
        "0001": ("critical", "open", False),
        "0002": ("high", "dismissed", False),
        "0003": ("high", "fixed", True),
        "0004": ("medium", "fixed", False),
    }
    dismissed = weak["0002"]
    assert (dismissed["dismissed_by"], dismissed["dismissed_reason"]) == ("eve.martin", "not reachable from anywhere")
    assert dismissed["dismissed_at"]
    assert all(row["asset_id"].startswith("i-") and row["kind"] == "host" for row in weak.values())
    assert all(row["first_seen_at"] and row["fix_available"] for row in weak.values())
    assert weak["0001"]["title"] == "CVE-2026-1001"


def test_the_list_is_read_to_its_end(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault(match={"service": "securityhub", "operation": "GetFindings"}, page_size=3)
    found = only(gather(HUB, only=prod))
    assert found.snapshot.complete
    assert len(found.table("finding")) == 7
    aws.fault("deny", match={"service": "securityhub", "operation": "GetFindings", "contains": "NextToken"})
    found = only(gather(HUB, only=prod))
    assert found.causes == ["denied"]
    assert len(found.table("finding")) == 3
