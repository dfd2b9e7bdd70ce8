from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.monitoring.trail import BOTH, READING, WRITING, management_events

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

TRAILS = "aws.cloudtrail.trails"


def plain(**parts: Any) -> dict[str, Any]:
    return {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True} | parts]}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    return {"AdvancedEventSelectors": [{"FieldSelectors": [category, *fields]}]}


@pytest.mark.parametrize(
    ("selectors", "recorded"),
    [
        (plain(), BOTH),
        (plain(ExcludeManagementEventSources=["kms.amazonaws.com"]), BOTH),
        (plain(ExcludeManagementEventSources=["iam.amazonaws.com"]), frozenset()),
        (plain(ReadWriteType="WriteOnly"), {WRITING}),
        (plain(ReadWriteType="ReadOnly"), {READING}),
        (plain(IncludeManagementEvents=False), frozenset()),
        ({}, frozenset()),
        (advanced(), BOTH),
        (advanced({"Field": "readOnly", "Equals": ["false"]}), {WRITING}),
        (advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}), BOTH),
        (advanced({"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]}), frozenset()),
        (advanced({"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}), frozenset()),
        (advanced({"Field": "userIdentity.arn", "NotStartsWith": ["arn"]}), frozenset()),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]},
            frozenset(),
        ),
    ],
)
def test_management_events(selectors: dict[str, Any], recorded: frozenset[str]) -> None:
    assert management_events(selectors) == recorded


def test_every_account_sees_the_trail_of_the_organisation_once(gather: Gather, manifest: dict[str, Any]) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(TRAILS)}
    assert all(one.snapshot.complete for one in found.values())
    for one in found.values():
        (shared,) = [row for row in one.rows if row["covers"] == "organisation"]
        assert shared["source"].startswith(f"arn:aws:cloudtrail:eu-central-1:{manifest['management']}:")
        assert shared["enabled"] is True
        assert shared["destination"] == manifest["log_bucket"]
    (own,) = [row for row in found[manifest["accounts"]["northwind-prod"]].rows if row["covers"] != "organisation"]
    assert own["enabled"] is False
    assert own["covers"] == "region"


def test_an_account_without_trails_is_proved_by_its_regions(gather: Gather, aws: AwsDouble) -> None:
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    aws.fault("replace_body", match={"operation": "DescribeTrails"}, body='{"trailList": []}', headers=kind)
    (none,) = gather(TRAILS, role="")
    assert none.snapshot.complete
    assert none.rows == []
    assert [(total.expected, total.found) for total in none.snapshot.totals] == [(3, 3)]


@pytest.mark.parametrize("operation", ["GetTrailStatus", "GetEventSelectors"])
def test_a_refused_detail_leaves_the_trail_unjudged(gather: Gather, aws: AwsDouble, operation: str) -> None:
    aws.fault("deny", match={"operation": operation})
    (blind,) = gather(TRAILS, role="")
    assert blind.causes == ["denied"]
    (row,) = blind.rows
    assert row["enabled"] is None


def test_a_region_that_does_not_answer_is_a_gap_and_a_total_that_does_not_tie(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeTrails", "region": "eu-west-1"})
    (partial,) = gather(TRAILS, role="")
    assert partial.causes == ["denied"]
    assert len(partial.rows) == 1
    assert not partial.snapshot.totals[0].ties
