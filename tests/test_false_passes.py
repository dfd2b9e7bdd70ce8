"""The ways peers turn ignorance into green, each injected at the wire between the real connector and the double.

Every test asserts what an auditor would read: the gap with its cause, no item of the scope as passing, all of it on the
report page, and an exit code that is not 0.
"""

from __future__ import annotations

import csv
import html
import io
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.model import Cause

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Estate, Program

pytestmark = pytest.mark.first

BUCKETS, REPORT, AUTHORIZATION = "aws.s3.public_access", "aws.iam.credential_report", "aws.iam.authorization_details"

PARTS = {"acce": ("active", "last_rotated", "last_used_date"), "cert": ("active", "last_rotated")}
"""Columns of a credential report for each key and each certificate."""


@dataclass
class Read:
    """What is sealed, and what the page says."""

    reader: Reader
    page: str

    def leaf(self, evidence: str, unit: str) -> dict[str, Any]:
        (leaf,) = (one for one in trace.newest(self.reader.leaves(), evidence) if one.body["unit"] == unit)
        return leaf.body

    def gaps(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        lines = trace.lines(self.reader, self.leaf(evidence, unit)["completeness"])
        return [line["gap"] for line in lines if "gap" in line]

    def rows(self, evidence: str, unit: str) -> list[dict[str, Any]]:
        return trace.lines(self.reader, self.leaf(evidence, unit)["records"])

    def outcomes(self, control: str, unit: str) -> list[dict[str, Any]]:
        (leaf,) = (
            one for one in self.reader.leaves() if one.body["kind"] == "outcome" and one.body["control"] == control
        )
        return [line for line in trace.lines(self.reader, leaf.body["outcomes"]) if line["unit"] == unit]


def read(collector: Program) -> Read:
    assert collector("verify").code == 0
    assert collector("report").code == 0
    page = (collector.folder / "report" / "index.html").read_text()
    return Read(Reader(LocalStore(collector.folder / "evidence")), html.unescape(re.sub(r"<[^>]+>", " ", page)))


def assert_untold(found: Read, evidence: str, unit: str, control: str, cause: Cause, subject: str) -> None:
    """The gap is sealed with its cause and subject, stands on the page, and nothing of the scope passes."""
    assert not found.leaf(evidence, unit)["complete"]
    gaps = [gap for gap in found.gaps(evidence, unit) if subject in gap["subject"]]
    assert gaps, found.gaps(evidence, unit)
    assert {gap["cause"] for gap in gaps} == {cause}
    squeezed = " ".join(found.page.split())
    assert " ".join(gaps[0]["subject"].split()) in squeezed
    assert " ".join(gaps[0]["detail"].split()) in squeezed
    outcomes = found.outcomes(control, unit)
    assert outcomes
    assert {line["outcome"] for line in outcomes} == {"cannot_tell"}


def test_false_pass_01_a_denied_list_is_no_empty_list(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-data")
    estate.double.fault("deny", match={"operation": "ListBuckets", "account": unit})
    ended = collector("snapshot", "--only", BUCKETS, "--scope", unit)
    assert ended.code == 1, ended.text
    assert_untold(read(collector), BUCKETS, unit, "IAM-15", Cause.DENIED, "s3:ListBuckets")
    assert "denied" in ended.out


def test_false_pass_02_a_denied_child_stays_in_the_population(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    bucket = next(one["item"] for one in estate.manifest["deviations"]["IAM-15"] if one["account"] == unit)
    estate.double.fault("deny", match={"operation": "GetBucketPolicyStatus", "account": unit, "contains": bucket})
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 1
    found = read(collector)
    assert_untold(found, BUCKETS, unit, "IAM-15", Cause.DENIED, f"Bucket={bucket}")
    held = {row["resource_id"] for row in found.rows(BUCKETS, unit)}
    assert len(held) == estate.manifest["counts"][f"{unit}/global"]["s3.buckets"]
    assert any(bucket in name for name in held)


def test_false_pass_03_an_error_in_a_worker_is_not_swallowed(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    # No provider error: an answer of a shape nobody expected, read by a worker in the midst of a fan-out.
    body = '{"KeyMetadata": {"KeyId": "k", "Arn": 5, "KeyState": 7, "CreationDate": "no date"}}'
    estate.double.fault(
        "replace_body",
        match={"operation": "DescribeKey", "account": unit},
        headers={"Content-Type": "application/x-amz-json-1.1"},
        body=body,
    )
    assert collector("snapshot", "--only", "aws.kms.keys", "--scope", unit).code == 1
    found = read(collector)
    assert not found.leaf("aws.kms.keys", unit)["complete"]
    assert {line["outcome"] for line in found.outcomes("IAM-18", unit)} == {"cannot_tell"}


def test_false_pass_05_one_denial_leaves_every_other_evidence_type_alone(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-data")
    estate.double.fault("deny", match={"operation": "GetAccountAuthorizationDetails", "account": unit})
    patterns = ("--only", AUTHORIZATION, "--only", "aws.kms.keys", "--only", BUCKETS)
    assert collector("snapshot", *patterns, "--scope", unit).code == 1
    found = read(collector)
    assert_untold(found, AUTHORIZATION, unit, "IAM-04", Cause.DENIED, "iam:GetAccountAuthorizationDetails")
    assert found.leaf("aws.kms.keys", unit)["complete"]
    assert found.leaf(BUCKETS, unit)["complete"]
    assert "pass" in {line["outcome"] for line in found.outcomes("IAM-15", unit)}


def test_false_pass_06_an_account_that_cannot_be_entered_is_that_accounts_gap(
    collector: Program, estate: Estate
) -> None:
    shut, open_ = estate.account("northwind-data"), estate.account("northwind-prod")
    estate.double.fault("deny", match={"operation": "AssumeRole", "contains": shut})
    ended = collector("snapshot", "--only", BUCKETS, "--scope", shut, "--scope", open_)
    assert ended.code == 1, ended.text
    found = read(collector)
    assert_untold(found, BUCKETS, shut, "IAM-15", Cause.DENIED, "sts:GetCallerIdentity")
    assert "AssumeRole" in found.gaps(BUCKETS, shut)[0]["detail"]
    assert found.leaf(BUCKETS, open_)["complete"]


def test_false_pass_07_throttling_that_outlasts_the_retries(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    estate.double.fault("throttle", match={"operation": "GetBucketAcl", "account": unit})
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 1
    assert_untold(read(collector), BUCKETS, unit, "IAM-15", Cause.THROTTLED, "s3:GetBucketAcl")


def test_throttling_that_ends_in_time_costs_nothing_but_attempts(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    estate.double.fault("throttle", match={"operation": "ListBuckets", "account": unit}, times=1)
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 0
    reader = Reader(LocalStore(collector.folder / "evidence"))
    (leaf,) = trace.newest(reader.leaves(), BUCKETS)
    (listed,) = (one for one in trace.lines(reader, leaf.body["exchanges"]) if one["operation"] == "s3:ListBuckets")
    assert listed["attempts"] == 2


def test_false_pass_08_a_time_out(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-data")
    estate.double.fault("timeout", match={"operation": "ListKeys", "account": unit, "region": "us-east-1"}, seconds=6)
    assert collector("snapshot", "--only", "aws.kms.keys", "--scope", unit).code == 1
    assert_untold(read(collector), "aws.kms.keys", unit, "IAM-18", Cause.TIMEOUT, "kms:ListKeys")


def test_false_pass_10_page_two_fails_and_page_one_is_no_list(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    match = {"operation": "GetAccountAuthorizationDetails", "account": unit}
    estate.double.fault(match=match, page_size=5)
    estate.double.fault("error500", match=match, skip=1)
    assert collector("snapshot", "--only", AUTHORIZATION, "--scope", unit).code == 1
    found = read(collector)
    assert_untold(found, AUTHORIZATION, unit, "IAM-04", Cause.UNAVAILABLE, "iam:GetAccountAuthorizationDetails")


def test_false_pass_13_half_a_sync_takes_nothing_away(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 0
    before = Read(Reader(LocalStore(collector.folder / "evidence")), "")
    leaf, names = before.leaf(BUCKETS, unit), {row["resource_id"] for row in before.rows(BUCKETS, unit)}
    assert names
    estate.double.fault("deny", match={"operation": "ListBuckets", "account": unit})
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 1
    after = read(collector)
    assert not after.leaf(BUCKETS, unit)["complete"]
    assert {row["resource_id"] for row in trace.lines(after.reader, leaf["records"])} == names, "as it was sealed"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    told = collector("history", "IAM-15", "--from", yesterday, "--to", today, "--csv").out
    rows = [row for row in csv.DictReader(io.StringIO(told)) if row["item"] in names]
    assert {row["item"] for row in rows} == names
    assert "not there" not in {row["state"] for row in rows}
    last = {row["item"]: row["state"] for row in rows if row["looks"] != "0"}
    assert last == dict.fromkeys(names, "cannot_tell")


def test_false_pass_14_what_could_not_be_told_is_counted_and_named_beside_what_passed(
    collector: Program, estate: Estate
) -> None:
    unit, other = estate.account("northwind-prod"), estate.account("northwind-data")
    estate.double.fault("deny", match={"operation": "GetBucketPolicyStatus", "account": unit})
    scopes = ("--scope", unit, "--scope", other)
    ended = collector("snapshot", "--only", BUCKETS, *scopes)
    assert ended.code == 1
    found = read(collector)
    untold = [line for line in found.outcomes("IAM-15", unit) if line["outcome"] == "cannot_tell"]
    assert len(untold) > 1
    assert any(line["outcome"] == "pass" for line in found.outcomes("IAM-15", other)), "there is good news too"
    pages = " ".join(
        html.unescape(re.sub(r"<[^>]+>", " ", page.read_text()))
        for page in (collector.folder / "report").rglob("*.html")
    )
    squeezed = " ".join(pages.split())
    for line in untold:
        assert line["item"] in squeezed
        assert " ".join(line["because"].split()) in squeezed
    (counted,) = (line.split() for line in ended.out.splitlines() if line.startswith("IAM-15"))
    assert str(sum(one["outcome"] == "cannot_tell" for one in (*untold, *found.outcomes("IAM-15", other)))) in counted


def test_false_pass_18_a_report_from_hours_ago_is_not_now(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    hours_ago = datetime.now(UTC) - timedelta(hours=5)
    columns = [
        *[
            "user",
            "arn",
            "user_creation_time",
            "password_enabled",
            "password_last_used",
            "password_last_changed",
            "password_next_rotation",
            "mfa_active",
        ]
    ]
    columns += [
        f"{key}_{part}" for key in ("access_key_1", "access_key_2", "cert_1", "cert_2") for part in PARTS[key[:4]]
    ]
    row = ["<root_account>", f"arn:aws:iam::{unit}:root", "2020-01-01T00:00:00Z"] + ["not_supported"] * (
        len(columns) - 3
    )
    content = b64encode(f"{','.join(columns)}\n{','.join(row)}\n".encode()).decode()
    body = (
        '<GetCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetCredentialReportResult>'
        f"<Content>{content}</Content><ReportFormat>text/csv</ReportFormat>"
        f"<GeneratedTime>{hours_ago:%Y-%m-%dT%H:%M:%SZ}</GeneratedTime>"
        "</GetCredentialReportResult></GetCredentialReportResponse>"
    )
    match = {"operation": "GetCredentialReport", "account": unit}
    estate.double.fault("replace_body", match=match, headers={"Content-Type": "text/xml"}, body=body)
    assert collector("snapshot", "--only", REPORT, "--scope", unit).code == 1
    found = read(collector)
    assert_untold(found, REPORT, unit, "IAM-01", Cause.UNAVAILABLE, "GetCredentialReport")


@pytest.mark.parametrize("fault", ["truncate", "cut", "empty", "html"])
@pytest.mark.parametrize(
    ("operation", "evidence", "control"),
    [
        ("ListBuckets", BUCKETS, "IAM-15"),
        ("ListKeys", "aws.kms.keys", "IAM-18"),
        ("ListDetectors", "aws.guardduty.coverage", "LOG-06"),
    ],
)
def test_false_pass_19_a_broken_answer_is_no_empty_answer(
    collector: Program, estate: Estate, fault: str, operation: str, evidence: str, control: str
) -> None:
    unit = estate.account("northwind-data")
    estate.double.fault(fault, match={"operation": operation, "account": unit})
    assert collector("snapshot", "--only", evidence, "--scope", unit).code == 1
    assert_untold(read(collector), evidence, unit, control, Cause.TRUNCATED, operation)


def test_an_html_404_is_not_the_services_own_none(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    estate.double.fault("not_found_html", match={"operation": "GetBucketPolicyStatus", "account": unit})
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 1
    assert_untold(read(collector), BUCKETS, unit, "IAM-15", Cause.UNAVAILABLE, "s3:GetBucketPolicyStatus")


def test_credentials_that_expire_in_the_midst_are_a_gap(collector: Program, estate: Estate) -> None:
    unit = estate.account("northwind-prod")
    estate.double.fault("expired", match={"operation": "GetBucketAcl", "account": unit})
    assert collector("snapshot", "--only", BUCKETS, "--scope", unit).code == 1
    assert_untold(read(collector), BUCKETS, unit, "IAM-15", Cause.DENIED, "s3:GetBucketAcl")


def test_false_pass_22_evidence_that_cannot_be_kept_is_no_success(collector: Program, estate: Estate) -> None:
    assert collector("snapshot", "--only", BUCKETS).code == 0
    packs = collector.folder / "evidence" / "packs"
    moved = packs.rename(collector.folder / "elsewhere")
    packs.write_text("a file stands where the packs go")
    ended = collector("snapshot", "--only", "aws.kms.keys")
    assert ended.code == 3
    assert "archive" in ended.err
    assert "packs" in ended.err
    packs.unlink()
    moved.rename(packs)
    assert collector("verify").code == 0
    assert estate.double.requests(), "it did collect; only keeping failed"


@pytest.mark.parametrize("name", ["zz", "aws"])
def test_false_pass_23_a_connector_that_cannot_be_imported(collector: Program, tmp_path: Path, name: str) -> None:
    """Beside the others, or in the place of one: then all that was to come from it cannot be told."""
    (tmp_path / "collector.toml").unlink()
    installed = tmp_path / "installed"
    (installed / "broken").mkdir(parents=True)
    (installed / "broken" / "__init__.py").write_text("import no_such_module\n")
    metadata = installed / "broken-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[evidence_collector.connectors]\n{name} = broken:{name}\n")
    ended = collector("snapshot", PYTHONPATH=str(installed))
    assert ended.code == 1, ended.text
    found = read(collector)
    (run,) = (leaf.body for leaf in found.reader.leaves() if leaf.body["kind"] == "run")
    assert [(gap["cause"], gap["subject"]) for gap in run["gaps"]] == [("defect", f"connector {name}")]
    assert f"connector {name}" in found.page
    assert f"connector {name}" in ended.out
    if name == "aws":
        leaves = [leaf.body for leaf in found.reader.leaves() if leaf.body["kind"] == "outcome"]
        assert leaves
        assert {outcome for leaf in leaves for outcome, count in leaf["counts"].items() if count} == {"cannot_tell"}
