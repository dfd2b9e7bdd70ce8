from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answer import Answer
from collector.errors import UnreadableError
from collector.model import Origin
from connectors.aws.access import credentials

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

REPORT = "aws.iam.credential_report"
HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)


def report(*rows: str) -> Answer:
    content = "\n".join([HEADER, *rows]).encode()
    return Answer({"Content": content}, Origin("r", 1, ""))


def by_name(gathered: Gathered, table: str) -> dict[str, dict[str, Any]]:
    return {row["source_id"].split(":", 5)[-1]: row for row in gathered.table(table)}


def test_users_and_credentials(gather: Gather, manifest: dict[str, Any]) -> None:
    prod, data = manifest["accounts"]["northwind-prod"], manifest["accounts"]["northwind-data"]
    found = {one.snapshot.scope.unit_id: one for one in gather(REPORT)}
    assert all(one.snapshot.complete for one in found.values())
    accounts, keys = by_name(found[prod], "account"), by_name(found[prod], "credential")
    assert len(accounts) == manifest["counts"][f"{prod}/global"]["iam.users"] + 1
    assert accounts["user/ben.ortiz"]["mfa_enrolled"] is False
    assert accounts["user/ben.ortiz"]["kind"] == "human"
    assert accounts["user/svc-deploy"]["kind"] == "service"
    assert accounts["user/svc-retired"]["status"] is None, "no working credential is not the same as disabled"
    assert keys["user/svc-retired/access_key_1"]["status"] == "disabled"
    assert keys["user/carla.nunes/access_key_1"]["status"] == "active"
    assert "user/anna.keller/access_key_2" not in keys
    root = by_name(found[data], "account")["root"]
    assert (root["kind"], root["mfa_enrolled"]) == ("root", False)
    assert "root/access_key_1" in by_name(found[data], "credential")
    assert "root/password" not in by_name(found[data], "credential"), "AWS does not say whether there is one"
    assert all(row["observed_at"] for one in found.values() for row in one.rows)


def test_a_stale_report_is_a_gap_and_its_rows_keep_its_date(gather: Gather) -> None:
    (fresh,) = gather(REPORT, role="")
    made_at = datetime.fromisoformat(fresh.rows[0]["observed_at"])
    (young,) = gather(REPORT, role="", now=made_at + timedelta(hours=4, minutes=9))
    assert young.snapshot.complete
    (stale,) = gather(REPORT, role="", now=made_at + timedelta(hours=4, minutes=11))
    assert stale.causes == ["unavailable"]
    assert "stale" in stale.snapshot.gaps[0].detail
    assert {row["observed_at"] for row in stale.rows} == {fresh.rows[0]["observed_at"]}


def test_a_report_that_never_gets_ready_is_a_gap(
    gather: Gather, aws: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "LOOKS", (0, 0))
    body = (
        "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>INPROGRESS</State>"
        "</GenerateCredentialReportResult></GenerateCredentialReportResponse>"
    )
    aws.fault("replace_body", match={"operation": "GenerateCredentialReport"}, body=body)
    (unready,) = gather(REPORT, role="")
    assert unready.causes == ["unavailable"]
    assert unready.rows == []


@pytest.mark.parametrize("operation", ["GenerateCredentialReport", "GetCredentialReport", "GetAccountSummary"])
def test_a_refusal_is_a_gap(gather: Gather, aws: AwsDouble, operation: str) -> None:
    aws.fault("deny", match={"operation": operation})
    (refused,) = gather(REPORT, role="")
    assert refused.causes == ["denied"]
    assert bool(refused.rows) == (operation == "GetAccountSummary")


@pytest.mark.parametrize("text", ["", "N/A", "no_information", "not_supported"])
def test_what_aws_does_not_say_is_not_known(text: str) -> None:
    assert credentials.truth(text) is None
    assert credentials.moment(text) is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("false", False), ("FALSE", False)])
def test_truth(text: str, *, value: bool) -> None:
    assert credentials.truth(text) is value


@given(st.text(max_size=12))
def test_anything_else_is_an_error_not_a_value(text: str) -> None:
    if text.lower() in credentials.NOT_GIVEN | {"true", "false"}:
        return
    with pytest.raises(KeyError):
        credentials.truth(text)


@given(st.datetimes(min_value=datetime(2010, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants it naive
def test_times_come_back(value: datetime) -> None:
    assert credentials.moment(value.isoformat()) == value


def test_rows_know_their_line() -> None:
    cells = ["ann", "arn:aws:iam::1:user/ann", *["N/A"] * 20]
    (row,) = credentials.lines(report(",".join(cells)))
    assert row["user"] == "ann"
    assert row.origin == Origin("r", 1, "Content line 2")


@pytest.mark.parametrize("broken", ["ann,arn:aws:iam::1:user/ann", ",".join(["x"] * 23), '"ann'])
def test_a_cut_line_is_no_row(broken: str) -> None:
    with pytest.raises(UnreadableError):
        credentials.lines(report(broken))


def test_a_report_without_a_known_column_is_unreadable() -> None:
    with pytest.raises(UnreadableError, match="no column"):
        credentials.lines(Answer({"Content": b"user,arn\n"}, Origin("r", 1, "")))
