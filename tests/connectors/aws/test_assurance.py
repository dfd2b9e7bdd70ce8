"""AWS Artifact: reports that can be had, and what nobody but the company can say of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.aws.supplement.artifact import HOME, REPORTS

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

LISTED = "aws.artifact.reports"
SOC, ISO, LETTER = "SOC 2 Report - Current", "ISO 27001-2022 Certification", "SOC Continued Operations Letter"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    return str(manifest["accounts"]["northwind-prod"])


def only(found: list[Gathered]) -> Gathered:
    (one,) = found
    return one


def test_what_can_be_fetched_is_listed_and_nothing_is_said_of_who_read_it(
    gather: Gather, prod: str, manifest: dict[str, Any]
) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(LISTED)}
    assert all(one.snapshot.complete for one in found.values())
    rows = {row["report_type"]: row for row in found.pop(prod).rows}
    assert {name: (row["organisation"], row["series"], row["services"]) for name, row in rows.items()} == {
        SOC: ("AWS", "SOC", None),
        ISO: ("AWS", "ISO", None),
        LETTER: ("AWS", "SOC", None),
        "SOC 2 Type 2": ("Postbox GmbH", "SOC 2", ["Postbox for Teams"]),
    }
    for row in rows.values():
        assert row["origins"]
        for name in ("issued_at", "auditor", "criteria", "carved_out", "exceptions_noted", "impact"):
            assert row[name] is None
        assert row["reviewed_at"] is row["reviewer"] is row["decision"] is None, "that it is listed is no review"
    # The last day of the period, 36 days ago, is in it to its end.
    today = datetime.fromisoformat(manifest["seeded_at"]).replace(hour=0, minute=0, second=0)
    assert datetime.fromisoformat(rows[SOC]["period_start"]) == today - timedelta(days=400)
    assert datetime.fromisoformat(rows[SOC]["period_end"]) == today - timedelta(days=35)
    assert rows[LETTER]["period_start"] is rows[LETTER]["period_end"] is None
    for other in found.values():
        assert {row["report_type"] for row in other.rows} == {SOC, ISO, LETTER}


def test_it_is_asked_once_for_each_account_and_where_it_answers(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.clear_requests()
    gather(LISTED, only=prod)
    asked = [one for one in aws.requests() if one["service"] == "artifact"]
    assert [(one["operation"], one["region"], one.get("count", 1)) for one in asked] == [("ListReports", HOME, 1)]


def report(number: int, **known: Any) -> dict[str, Any]:
    return {"id": f"report-{number:016}", "name": f"Report {number}", "companyName": "AWS", **known}


def test_more_than_one_page(gather: Gather, aws: AwsDouble, prod: str) -> None:
    with aws.seeded_besides(REPORTS, prod, HOME, [report(number) for number in range(400)]):
        whole = only(gather(LISTED, only=prod))
        aws.fault("throttle", match={"service": "artifact"}, skip=1)
        cut = only(gather(LISTED, only=prod, attempts=1))
    assert whole.snapshot.complete
    assert len(whole.rows) == 404
    assert cut.causes == ["throttled"]
    assert 0 < len(cut.rows) < 404, "what was read stays, and the gap says that it is not all"


def test_a_report_on_nobody_is_a_gap(gather: Gather, aws: AwsDouble, prod: str) -> None:
    nameless = {name: value for name, value in report(1).items() if name != "companyName"}
    with aws.seeded_besides(REPORTS, prod, HOME, [nameless]):
        found = only(gather(LISTED, only=prod))
    assert (found.causes, len(found.rows)) == (["truncated"], 4)
    assert nameless["id"] in found.snapshot.gaps[0].subject


@pytest.mark.parametrize(
    ("last", "end"),
    [
        ("2026-03-31T00:00:00+00:00", "2026-04-01T00:00:00Z"),
        ("2026-03-31T20:32:04+00:00", "2026-04-01T00:00:00Z"),
        ("2026-03-31T23:59:59+00:00", "2026-04-01T00:00:00Z"),
    ],
)
def test_a_period_ends_with_its_last_day(gather: Gather, aws: AwsDouble, prod: str, last: str, end: str) -> None:
    with aws.seeded_besides(REPORTS, prod, HOME, [report(1, periodEnd=last)]):
        found = only(gather(LISTED, only=prod))
    (row,) = [row for row in found.rows if row["report_type"] == "Report 1"]
    assert row["period_end"] == end


@pytest.mark.parametrize("fault", ["deny", "error500", "html", "not_found_html"])
def test_a_list_that_cannot_be_had_is_no_list_of_none(gather: Gather, aws: AwsDouble, prod: str, fault: str) -> None:
    aws.fault(fault, match={"service": "artifact"})
    found = only(gather(LISTED, only=prod, attempts=1))
    assert not found.rows
    assert len(found.causes) == 1
