from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.aws.monitoring.alarm_history import became
from tests.assess.clouds import told
from tests.doubles.aws.estate.alerting import changed
from tests.doubles.aws.supplement.alarms import HISTORY

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

ALERTS, EU, IRELAND = "aws.alerting.history", "eu-central-1", "eu-west-1"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"HistoryData": json.dumps({"newState": {"stateValue": "OK"}})}, "OK"),
        # What is longer than CloudWatch keeps is cut off in the midst.
        ({"HistoryData": '{"newState": {"stateVal', "HistorySummary": "Alarm updated from OK to ALARM"}, "ALARM"),
        ({"HistorySummary": "Alarm updated from OK to INSUFFICIENT_DATA."}, "INSUFFICIENT_DATA"),
        ({"HistoryData": "[]", "HistorySummary": "Alarm deleted"}, None),
        ({}, None),
    ],
)
def test_the_state_that_an_alarm_went_into(change: dict[str, Any], state: str | None) -> None:
    assert became(change) == state


def test_each_time_that_an_alarm_fired(gather: Gather, manifest: dict[str, Any]) -> None:
    (found,) = gather(ALERTS, only=manifest["accounts"]["northwind-prod"])
    assert found.snapshot.complete, found.snapshot.gaps
    rows = sorted((row["source"], row["kind"], row["status"], row["closed_at"] is not None) for row in found.rows)
    # The alarm that makes a group of machines grow is no alert; what fired 20 days ago is forgotten.
    assert rows == [
        ("orders-errors", "MetricAlarm", "closed", True),
        ("orders-errors", "MetricAlarm", "not_closed", False),
        ("shop-down", "CompositeAlarm", "closed", True),
    ]
    assert all(row["severity"] is row["acknowledged_at"] is row["changed_at"] is None for row in found.rows)
    assert [(total.expected, total.found) for total in found.snapshot.totals] == [(4, 4)]


def test_log_05_of_aws_nobody_is_said_to_have_left_or_taken_up_an_alarm(gather: Gather) -> None:
    found = told("LOG-05", gather(ALERTS))
    assert len(found) == 3
    assert set(found.values()) == {("cannot_tell", "Its severity, its time or its state is not given.")}


def test_a_change_that_cannot_be_read_is_a_gap_and_the_rest_is_kept(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    data = manifest["accounts"]["northwind-data"]
    now = datetime.now(UTC)
    at = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (90, 60, 30)]
    odd = changed(at[1], "odd", "MetricAlarm", "OK", "ALARM") | {"HistoryData": "…", "HistorySummary": "…"}
    items = [
        changed(at[0], "again", "MetricAlarm", "OK", "ALARM"),
        odd,
        changed(at[1], "again", "MetricAlarm", "ALARM", "INSUFFICIENT_DATA"),
        changed(at[2], "again", "MetricAlarm", "INSUFFICIENT_DATA", "ALARM"),
    ]
    aws.add_seeded(HISTORY, data, IRELAND, items)
    try:
        (found,) = gather(ALERTS, only=data)
        assert [row["status"] for row in found.rows] == ["closed", "not_closed"]
        assert found.causes == ["truncated"]
        assert found.snapshot.gaps[0].subject == "odd"
        aws.fault(match={"operation": "DescribeAlarmHistory"}, page_size=1)
        aws.fault("error500", match={"operation": "DescribeAlarmHistory", "region": IRELAND}, skip=2)
        (cut,) = gather(ALERTS, only=data, attempts=1)
        assert "unavailable" in cut.causes
    finally:
        none = {"kind": HISTORY, "account": data, "region": IRELAND, "items": [], "replace": True}
        aws.control("POST", "seeded", [none])


@pytest.mark.parametrize("operation", ["DescribeAlarms", "DescribeAlarmHistory"])
def test_what_is_refused_is_a_gap(gather: Gather, aws: AwsDouble, manifest: dict[str, Any], operation: str) -> None:
    aws.fault("deny", match={"operation": operation, "region": EU})
    (found,) = gather(ALERTS, only=manifest["accounts"]["northwind-prod"])
    assert (found.rows, found.causes) == ([], ["denied"])
