from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import UNSEEN, Answer
from collector.model import Origin
from connectors.aws.monitoring.log_buckets import Retention, keeps

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

_ORIGIN = Origin("r", 1, "")
_NAMED = "log buckets named = read here + owned elsewhere"


def _rules(*expirations: dict[str, Any], status: str = "Enabled") -> Answer:
    return Answer({"Rules": [{"Status": status, "Expiration": one} for one in expirations]}, _ORIGIN)


@pytest.mark.parametrize(
    ("lifecycle", "locked", "kept"),
    [
        (UNSEEN, None, Retention(None, None)),
        (Answer(None, _ORIGIN, absent=True), None, Retention(None, for_ever=True)),
        (_rules({"Days": 30}, status="Disabled"), None, Retention(None, for_ever=True)),
        (_rules({"ExpiredObjectDeleteMarker": True}), None, Retention(None, for_ever=True)),
        (_rules({"Days": 400}, {"Days": 90}), None, Retention(90, for_ever=False)),
        (_rules({"Days": 90}), 400, Retention(400, for_ever=False)),
        (_rules({"Days": 90}, {"Date": "2027-01-01"}), 400, Retention(None, for_ever=False)),
    ],
)
def test_the_soonest_expiry_counts_but_not_before_the_lock_ends(
    lifecycle: Answer, locked: int | None, kept: Retention
) -> None:
    assert keeps(lifecycle, locked) == kept


def test_the_owner_has_the_row_and_the_others_count_it_elsewhere(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.s3.log_bucket_protection")
    rows = {row["store"]: row for one in found for row in one.rows}
    assert all(one.snapshot.complete for one in found)
    assert (
        rows[manifest["log_bucket"]] | {"immutable": True, "versioned": True, "public_blocked": True}
        == (rows[manifest["log_bucket"]])
    )
    assert rows[manifest["log_bucket"]]["retention_days"] == 800
    (deviation,) = (place for place in manifest["deviations"]["LOG-02"] if place["region"] == "global")
    assert rows[deviation["item"]]["versioned"] is False
    assert rows[deviation["item"]]["immutable"] is False
    assert {name for name, row in rows.items() if row["kind"] == "audit_trail"} == {
        manifest["log_bucket"],
        deviation["item"],
    }
    (prod,) = [one for one in found if one.snapshot.scope.name == "northwind-prod"]
    assert {total.name: (total.expected, total.found) for total in prod.snapshot.totals} == {_NAMED: (3, 3)}
    assert len(prod.rows) == 2


def test_a_region_whose_trails_cannot_be_seen_is_a_gap(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeTrails", "region": "eu-west-1"})
    found = gather("aws.s3.log_bucket_protection")
    assert [one.causes for one in found] == [["denied"]] * 3
    assert all(one.rows for one in found)


def test_a_lock_that_cannot_be_read_is_not_called_missing(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "GetObjectLockConfiguration"})
    rows = [row for one in gather("aws.s3.log_bucket_protection") for row in one.rows]
    assert {row["immutable"] for row in rows} == {None}
