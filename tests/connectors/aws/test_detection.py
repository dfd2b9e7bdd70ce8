from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble


def test_every_region_has_one_row_also_without_a_detector(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.guardduty.coverage")
    assert all(one.snapshot.complete for one in found)
    assert [[row["covers"] for row in one.rows] for one in found] == [manifest["regions"]] * 3
    states = {(one.snapshot.scope.unit_id, row["covers"]): row["state"] for one in found for row in one.rows}
    why = {"missing": "absent", "suspended": "disabled"}
    expected = {(item["account"], item["region"]): why[item["why"]] for item in manifest["deviations"]["LOG-06"]}
    assert {place: state for place, state in states.items() if state != "enabled"} == expected


def test_absence_cites_the_answer_that_shows_it(gather: Gather) -> None:
    rows = [row for one in gather("aws.guardduty.coverage") for row in one.rows]
    assert all(row["origins"] for row in rows)


def test_a_detector_that_cannot_be_read_is_neither_on_nor_absent(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "guardduty", "operation": "GetDetector", "region": "us-east-1"})
    for one in gather("aws.guardduty.coverage"):
        assert [row["state"] for row in one.rows if row["covers"] == "us-east-1"] == [None]
        assert one.causes == ["denied"]


def test_a_region_that_cannot_be_asked_is_not_called_absent(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "guardduty", "operation": "ListDetectors", "region": "us-east-1"})
    for one in gather("aws.guardduty.coverage"):
        assert "us-east-1" not in {row["covers"] for row in one.rows}
        assert one.causes == ["denied"]
