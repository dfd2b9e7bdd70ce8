from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answer import UNSEEN, Answer
from collector.model import Cause, Origin, Scope
from collector.normalise import document, line, row_id, timestamp
from collector.records import Record, Resource, ScopeUnit

SCOPE = Scope("aws", "111111111111")
SEEN = Answer({}, Origin("r", 1, "Buckets[0]"))

resources = st.builds(
    Resource,
    key=st.text(min_size=1),
    seen=st.just([SEEN]),
    resource_id=st.text(),
    public=st.none() | st.booleans(),
    open_ports=st.none() | st.lists(st.text()).map(tuple),
    observed_at=st.none() | st.datetimes(timezones=st.just(timezone(timedelta(hours=5)))),
)


def written(records: list[Record]) -> tuple[list[dict[str, Any]], list[Cause]]:
    text, gaps = document("aws.x", [line("aws.x", SCOPE, record) for record in records])
    return [json.loads(one) for one in text.splitlines()], [gap.cause for gap in gaps]


@given(st.lists(resources, unique_by=lambda record: record.key), st.randoms(use_true_random=False))
def test_the_document_does_not_depend_on_the_order_of_reading(records: list[Record], random: Any) -> None:
    shuffled = records[:]
    random.shuffle(shuffled)
    rows, gaps = written(records)
    assert written(shuffled) == (rows, [])
    assert not gaps
    assert len(rows) == len(records)


@given(resources)
def test_a_value_that_was_not_given_is_null(record: Resource) -> None:
    ((row,), _) = written([record])
    assert row["public"] is record.public
    assert row["encrypted"] is None
    assert row["open_ports"] == (None if record.open_ports is None else list(record.open_ports))


@given(resources)
def test_false_pass_24_an_item_that_came_twice_is_a_gap(record: Resource) -> None:
    rows, gaps = written([record, record])
    assert len(rows) == 1
    assert gaps == [Cause.TRUNCATED]


def test_two_versions_of_one_item_are_both_kept_for_the_reader() -> None:
    one, other = (Resource(key="b", seen=[SEEN], resource_id="b", public=public) for public in (True, False))
    rows, gaps = written([one, other])
    assert {row["public"] for row in rows} == {True, False}
    assert gaps == [Cause.TRUNCATED]


def test_a_row_has_one_name_for_ever_and_its_own() -> None:
    assert row_id("aws.x", SCOPE, "resource", "b") == row_id("aws.x", SCOPE, "resource", "b")
    others = {
        row_id("aws.y", SCOPE, "resource", "b"),
        row_id("aws.x", Scope("aws", "2"), "resource", "b"),
        row_id("aws.x", SCOPE, "account", "b"),
        row_id("aws.x", SCOPE, "resource", "c"),
        row_id("aws.x", SCOPE, "resource", "b"),
    }
    assert len(others) == 5


def test_what_was_not_seen_is_no_origin() -> None:
    ((row,), _) = written([ScopeUnit(key="u", seen=[SEEN, UNSEEN, SEEN], unit_id="u")])
    assert row["origins"] == [["r", 1, "Buckets[0]"]]


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_times_are_written_in_utc(moment: datetime) -> None:
    assert datetime.fromisoformat(timestamp(moment)).timestamp() == moment.timestamp()
    assert timestamp(moment).endswith("Z")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        timestamp(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    assert timestamp(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
