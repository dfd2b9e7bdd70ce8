"""AQ-13: what time it is on the evidence. Four clocks, kept apart, all in UTC."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from connectors.aws.access.credentials import COLUMNS, ROOT
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.cli.oracle import Oracle
    from tests.conftest import Estate, Program

REPORT = "aws.iam.credential_report"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
UTC_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def report(account: str, generated: datetime) -> str:
    """A credential report of a root user alone, made by the source at `generated`."""
    row = dict.fromkeys(sorted(COLUMNS), "N/A")
    row |= {"user": ROOT, "arn": f"arn:aws:iam::{account}:root", "user_creation_time": "2021-03-01T10:00:00+01:00"}
    row |= {name: "false" for name in row if name.endswith("_active")}
    content = b64encode(f"{','.join(row)}\n{','.join(row.values())}\n".encode()).decode()
    return (
        '<GetCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetCredentialReportResult>'
        f"<Content>{content}</Content><ReportFormat>text/csv</ReportFormat>"
        f"<GeneratedTime>{generated:%Y-%m-%dT%H:%M:%SZ}</GeneratedTime>"
        "</GetCredentialReportResult></GetCredentialReportResponse>"
    )


def with_date(bare: Program, estate: Estate, generated: datetime, date: str) -> tuple[Archive, dict[str, Any]]:
    """Collect from a source whose own clock says `date`; the exchange in which it does."""
    account = estate.account("management")
    headers = {"Content-Type": "text/xml", "Date": date}
    match = {"operation": "GetCredentialReport", "account": account}
    estate.double.fault("replace_body", match=match, headers=headers, body=report(account, generated))
    ended = bare("snapshot", "--only", REPORT)
    assert "Traceback" not in ended.err, ended.err
    archive = Archive(bare.folder)
    (leaf,) = trace.newest(archive.leaves, REPORT)
    exchanges = trace.lines(archive.reader, leaf.body["exchanges"])
    (exchange,) = (one for one in exchanges if one["operation"] == "iam:GetCredentialReport")
    return archive, exchange


def test_aq_13_four_clocks_are_kept_apart(bare: Program, estate: Estate) -> None:
    """A cached report of an hour ago, from a source whose clock is ten minutes ahead of ours and not in UTC."""
    now = datetime.now(UTC).replace(microsecond=0)
    generated, ahead = now - timedelta(hours=1), now + timedelta(minutes=10)
    archive, exchange = with_date(bare, estate, generated, f"{ahead + timedelta(hours=2):%a, %d %b %Y %H:%M:%S} +0200")
    (row,) = archive.rows(REPORT, estate.account("management"))
    event, as_of = moment(row["created_at"]), moment(row["observed_at"])
    server, asked, came = (moment(exchange[name]) for name in ("server_date", "started_at", "ended_at"))
    assert row["created_at"] == "2021-03-01T09:00:00Z", "the event, of an offset, in UTC"
    assert as_of == generated
    assert server == ahead
    assert now <= asked <= came <= datetime.now(UTC)
    assert event < as_of < asked <= came < server
    for text in (row["created_at"], row["observed_at"], exchange["server_date"], exchange["started_at"]):
        assert UTC_MOMENT.fullmatch(text)
    (body,) = archive.of_kind("evidence")
    assert moment(body["started"]) <= asked
    assert moment(body["ended"]) <= datetime.now(UTC), "the source's clock moves none of ours"
    shown = bare("show", REPORT)
    assert exchange["server_date"] in shown.out
    assert exchange["started_at"] in shown.out


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_aq_13_a_server_date_that_is_none_is_not_given(bare: Program, estate: Estate, date: str) -> None:
    _, exchange = with_date(bare, estate, datetime.now(UTC), date)
    assert exchange["server_date"] is None
    assert exchange["status"] == 200


def test_aq_13_a_server_date_without_a_zone_does_not_end_the_run(bare: Program, estate: Estate) -> None:
    _, exchange = with_date(bare, estate, datetime.now(UTC), "Mon, 23 Nov 2026 06:00:00 -0000")
    assert exchange["server_date"] in {None, "2026-11-23T06:00:00Z"}


def test_aq_13_every_time_in_the_archive_is_utc(oracle: Oracle) -> None:
    """Seeded as seconds since 1970, with offsets, and as columns of a report."""
    seen = set[str]()
    for body in oracle.once.of_kind("evidence"):
        for row in trace.lines(oracle.once.reader, body["records"]):
            for name, value in row.items():
                if name.endswith("_at") or name == "at":
                    assert value is None or UTC_MOMENT.fullmatch(value), (body["type"], name, value)
                    seen |= {body["type"]} if value else set()
        for exchange in trace.lines(oracle.once.reader, body["exchanges"]):
            assert UTC_MOMENT.fullmatch(exchange["started_at"])
            assert UTC_MOMENT.fullmatch(exchange["ended_at"])
    assert len(seen) >= 8, seen
    for leaf in oracle.once.leaves:
        for found in MOMENT.finditer(text := json.dumps(leaf.body)):
            assert UTC_MOMENT.match(text, found.start()), text[found.start() : found.start() + 40]


def test_aq_13_an_event_has_the_sources_time_and_not_ours(oracle: Oracle) -> None:
    rows = oracle.once.rows("aws.cloudtrail.root_and_console", oracle.account("northwind-prod"))
    seeded = moment(oracle.manifest["seeded_at"])
    assert {moment(row["at"]) for row in rows} == {seeded - timedelta(days=days) for days in (12, 2, 1)}


def test_aq_13_the_report_has_the_moment_it_was_made_beside_the_moment_it_was_read(oracle: Oracle) -> None:
    for account in oracle.manifest["accounts"].values():
        (leaf,) = (one for one in trace.newest(oracle.once.leaves, REPORT) if one.body["unit"] == account)
        (read,) = (
            one
            for one in trace.lines(oracle.once.reader, leaf.body["exchanges"])
            if one["operation"] == "iam:GetCredentialReport"
        )
        answer = oracle.once.reader.content(read["body"]).decode()
        (generated,) = re.findall(r"<GeneratedTime>([^<]+)</GeneratedTime>", answer)
        observed = {row["observed_at"] for row in oracle.once.rows(REPORT, account)}
        assert {moment(one) for one in observed} == {moment(generated)}
        assert moment(generated) < moment(read["ended_at"])
