from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from collector.answer import Answer
from collector.model import Origin
from collector.records import LogStore
from connectors.aws.monitoring.logs import log_groups

if TYPE_CHECKING:
    from collector.source.aws.source import AwsSource
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble


class _OneGroup:
    def list(self, *_: str) -> list[Answer]:
        group = {"logGroupArn": "arn:aws:logs:eu:1:log-group:x", "logGroupClass": "DELIVERY"}
        return [Answer(group, Origin("r", 1, ""))]


def test_each_group_says_how_long_it_keeps(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.logs.retention")
    rows = {row["store"].split(":log-group:")[1]: row for one in found for row in one.rows}
    assert all(one.snapshot.complete for one in found)
    assert len(rows) == sum(place.get("logs.groups", 0) for place in manifest["counts"].values())
    assert (rows["/nw/shop"]["keeps_forever"], rows["/nw/shop"]["retention_days"]) == (True, None)
    assert (rows["/nw/audit"]["keeps_forever"], rows["/nw/audit"]["retention_days"]) == (False, 400)


def test_a_group_that_only_delivers_keeps_for_a_day() -> None:
    (row,) = log_groups(cast("AwsSource", _OneGroup()))
    assert isinstance(row, LogStore)
    assert (row.retention_days, row.keeps_forever) == (1, False)


def test_all_pages_of_groups_are_read(gather: Gather, aws: AwsDouble) -> None:
    whole = [one.snapshot.records for one in gather("aws.logs.retention")]
    aws.fault(match={"operation": "DescribeLogGroups"}, page_size=1)
    assert [one.snapshot.records.count for one in gather("aws.logs.retention")] == [one.count for one in whole]
