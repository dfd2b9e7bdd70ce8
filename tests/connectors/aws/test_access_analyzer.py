from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from collector.records import Finding
from connectors.aws.access.access_analyzer import KINDS, RULES
from tests.assess.clouds import told
from tests.assess.sealed import NOW, verdicts
from tests.doubles.aws.supplement.accessanalyzer import FINDINGS

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

ANALYSED = "aws.access_analyzer.findings"
DETAILS, TRUSTS = "aws.iam.authorization_details", "aws.iam.role_trusts"
WATCH = "who looks for access from outside in "


def findings(found: list[Gathered]) -> dict[str, dict[str, Any]]:
    return {row["finding_id"]: row for one in found for row in one.table("finding")}


def test_every_type_that_aws_knows_has_a_word() -> None:
    described = botocore.session.get_session().get_service_model("accessanalyzer")
    assert set(KINDS) == set(described.shape_for("Type").enum)
    assert set(RULES) == set(described.shape_for("FindingType").enum)


def test_findings_and_who_looks_for_them(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(ANALYSED)
    assert [one.snapshot.gaps for one in found if not one.snapshot.complete] == []
    counts = manifest["counts"].values()
    assert len(findings(found)) == sum(place.get("accessanalyzer.findings", 0) for place in counts)
    assert {row["status"] for row in findings(found).values()} == {"open", "accepted", "closed"}
    assert {row["status"] for row in findings(found).values() if row["closed_at"]} == {"closed"}
    accounts = manifest["accounts"]
    states = {
        (one.snapshot.scope.unit_id, row["covers"]): row["state"]
        for one in found
        for row in one.table("monitor")
        if row["kind"] == "external_access"
    }
    assert states[accounts["management"], "organisation/eu-central-1"] == "enabled"
    assert states[accounts["management"], "organisation/us-east-1"] == "disabled"
    assert states[accounts["northwind-prod"], "eu-central-1"] == "enabled"
    assert {states[account, "eu-west-1"] for account in accounts.values()} == {"absent"}
    assert all(row["origins"] for one in found for row in one.rows), "also what is absent is shown by an answer"
    # A finding of the organisation's analyzer belongs to the account whose resource it is about.
    (theirs,) = (row for row in findings(found).values() if row["within"] == accounts["northwind-data"])
    assert theirs["asset_id"] == "arn:aws:s3:::nw-data-lake"


def test_iam_11_and_ven_05_of_findings(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather(ANALYSED)
    least = told("IAM-11", [*found, *gather(DETAILS)])
    late = {item.removeprefix("finding ") for item, (outcome, _) in least.items() if outcome == "deviation"}
    assert late & findings(found).keys() == {one["item"] for one in manifest["deviations"]["IAM-11"]} & late
    assert len(late & findings(found).keys()) == 3
    rest = {least[f"finding {one}"][0] for one in findings(found).keys() - late}
    assert rest == {"pass"}
    outside = told("VEN-05", [*found, *gather(TRUSTS)])
    start = "access from outside to "
    open_now = {item.removeprefix(start): outcome for item, (outcome, _) in outside.items() if item.startswith(start)}
    planted = {one["item"] for one in manifest["deviations"]["VEN-05"] if one["item"].startswith("arn:")}
    assert {item for item, outcome in open_now.items() if outcome == "deviation"} == planted
    assert set(open_now.values()) == {"deviation", "pass", "not_applicable"}
    (role,) = (item for item in open_now if item.endswith(":role/vendor-forgotten"))
    assert open_now[role] == "not_applicable"
    assert outside[f"{role} trusts arn:aws:iam::{manifest['outside_account']}:root"][0] == "deviation"
    approved = told("VEN-05", [*found, *gather(TRUSTS)], parameters={"approved": sorted(planted)})
    assert {approved[start + item][0] for item in planted} == {"pass"}


def test_no_analyzer_is_never_no_findings(gather: Gather) -> None:
    said = told("IAM-11", [*gather(ANALYSED), *gather(DETAILS)])
    watched = {item.removeprefix(WATCH): told_ for item, told_ in said.items() if item.startswith(WATCH)}
    # In Frankfurt the organisation's analyzer looks for all; in Virginia it is off, and in Ireland there is none.
    assert {place: outcome for place, (outcome, _) in watched.items()} == {
        "eu-central-1": "pass",
        "eu-west-1": "cannot_tell",
        "us-east-1": "cannot_tell",
    }
    assert "(absent)" in watched["eu-west-1"][1]


@pytest.mark.parametrize(
    ("columns", "least", "outside"),
    [
        ({"status": "open", "first_seen_at": NOW - timedelta(days=29)}, "pass", "deviation"),
        ({"status": "open", "first_seen_at": NOW - timedelta(days=31)}, "deviation", "deviation"),
        ({"status": "open"}, "cannot_tell", "deviation"),
        ({"status": "accepted", "first_seen_at": NOW - timedelta(days=300)}, "pass", "pass"),
        ({"status": None, "first_seen_at": NOW}, "cannot_tell", "cannot_tell"),
        ({"status": "closed", "first_seen_at": NOW - timedelta(days=80)}, "cannot_tell", "not_applicable"),
        (
            {"status": "closed", "first_seen_at": NOW - timedelta(days=80), "closed_at": NOW - timedelta(days=40)},
            "deviation",
            "not_applicable",
        ),
        (
            {"status": "closed", "first_seen_at": NOW - timedelta(days=50), "closed_at": NOW - timedelta(days=40)},
            "pass",
            "not_applicable",
        ),
        ({"status": "open", "first_seen_at": NOW - timedelta(days=99), "rule": "unused_role"}, "deviation", None),
        ({"status": "open", "first_seen_at": NOW, "rule": "internal_access"}, "not_applicable", None),
        ({"status": "open", "first_seen_at": NOW, "rule": None}, "pass", "deviation"),
    ],
)
def test_findings_as_the_rules_read_them(columns: dict[str, Any], least: str, outside: str | None) -> None:
    given = {"key": "it", "seen": (), "finding_id": "it", "asset_id": "door", "rule": "external_access"} | columns
    rows = {ANALYSED: [Finding(**given)]}
    assert verdicts("IAM-11", rows) == {"finding it": least}
    assert verdicts("VEN-05", rows).get("access from outside to door") == outside


def test_a_finding_that_could_not_be_analysed_is_neither_open_nor_closed(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    account = manifest["accounts"]["management"]
    arn = f"arn:aws:access-analyzer:eu-central-1:{account}:analyzer/organisation"
    now = datetime.now(UTC).isoformat()
    seeded = gather(ANALYSED, only=account)
    broken = {
        "analyzer": arn, "id": "broken", "resource": "arn:aws:sqs:::q", "resourceType": "AWS::SQS::Queue",
        "resourceOwnerAccount": account, "status": "ACTIVE", "findingType": "ExternalAccess", "error": "ACCESS_DENIED",
        "createdAt": now, "updatedAt": now, "analyzedAt": now,
    }  # fmt: skip
    place = {"kind": FINDINGS, "account": account, "region": "us-east-1"}
    off = f"arn:aws:access-analyzer:us-east-1:{account}:analyzer/organisation"
    aws.control("POST", "seeded", [{**place, "items": [{**broken, "analyzer": off}], "replace": True}])
    try:
        found = gather(ANALYSED, only=account)
    finally:
        aws.control("POST", "seeded", [{**place, "items": [], "replace": True}])
    assert findings(found).keys() - findings(seeded).keys() == {"broken"}
    assert findings(found)["broken"]["status"] is None
    said = told("VEN-05", [*found, *gather(TRUSTS, only=account)])
    assert said["access from outside to arn:aws:sqs:::q"][0] == "cannot_tell"


def test_findings_are_read_over_all_pages_or_not_at_all(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    whole = findings(gather(ANALYSED, only=prod))
    aws.fault(match={"operation": "ListFindingsV2"}, page_size=1)
    assert findings(gather(ANALYSED, only=prod)).keys() == whole.keys()
    aws.fault("throttle", match={"operation": "ListFindingsV2", "contains": "nextToken"})
    (broken,) = gather(ANALYSED, only=prod)
    assert broken.causes == ["throttled"]
    # Of the analyzer whose second page is lost no finding is told; the other has one page.
    assert {row["rule"] for row in broken.table("finding")} == {"unused_role"}
    said = told("IAM-11", [broken, *gather(DETAILS, only=prod)])
    assert "pass" not in {outcome for outcome, _ in said.values()}


def test_a_region_that_cannot_be_asked_has_neither_analyzer_nor_none(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    aws.fault("deny", match={"operation": "ListAnalyzers", "region": "eu-west-1"})
    (found,) = gather(ANALYSED, only=manifest["accounts"]["northwind-prod"])
    assert found.causes == ["denied"]
    assert "eu-west-1" not in {row["covers"] for row in found.table("monitor")}
