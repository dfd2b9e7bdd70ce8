"""Who holds which long-lived credentials in an account."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from collector.answer import Answer
from collector.errors import UnreadableError
from collector.model import Cause, Gap
from collector.records import Account, Credential
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.aws.source import AwsSource

ROOT = "<root_account>"
LOOKS = (0.5, 1, 2, 4, 8, 15, 30)
"""Seconds between two looks at a report in the making: about a minute in all. AWS mostly needs two or three seconds."""
STALE = timedelta(hours=4, minutes=10)
"""AWS hands out the same report for up to four hours; the rest is for its making and for clocks that differ."""
NOT_GIVEN = frozenset({"", "n/a", "no_information", "not_supported"})
COLUMNS = frozenset({
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{n}_{what}" for n in (1, 2) for what in ("active", "last_rotated", "last_used_date")),
    *(f"cert_{n}_{what}" for n in (1, 2) for what in ("active", "last_rotated")),
})  # fmt: skip


@aws.evidence(
    "aws.iam.credential_report",
    yields=(Account, Credential),
    needs=["iam:GenerateCredentialReport", "iam:GetCredentialReport", "iam:GetAccountSummary"],
)
def credential_report(source: AwsSource) -> Iterator[Account | Credential]:
    """IAM users, passwords, MFA and access keys.

    Population: the account's root user and every IAM user in it; of each, the password, up to two access keys and up to
    two signing certificates, those that are switched off included. People who sign in through Identity Center or
    another identity provider are no IAM users and are not in it; nor are service-specific credentials (CodeCommit,
    Bedrock).

    Source: the credential report. AWS makes one at most every four hours, so every row carries the moment of the report
    as its own; a report older than that is a gap. A user with a password counts as human, one without as service. IAM
    knows no disabled user: a user with a password, key or certificate that works is active; of others nothing is said.
    The report gives no ids of keys: they are named by user and place (`access_key_1`).

    Complete when there is one root row, and the rows without it are as many as the account summary counts users. More
    than two keys or certificates of one user are a gap: the report does not list them.
    """
    _made(source)
    report = source.get("iam", "GetCredentialReport", "Content")
    made_at: datetime = report["GeneratedTime"]
    if source.now - made_at > STALE:
        source.gap(Cause.UNAVAILABLE, "iam:GetCredentialReport", f"report is stale: generated {made_at.isoformat()}")
    rows = lines(report)
    for row in rows:
        yield from _records(source, row, made_at)
    roots = sum(row["user"] == ROOT for row in rows)
    source.total("one row for the root user", expected=1, found=roots)
    users = source.look("iam", "GetAccountSummary", "SummaryMap").get("SummaryMap", {}).get("Users")
    if users is not None:
        source.total("IAM users in the account summary = rows of the report", expected=users, found=len(rows) - roots)


def lines(report: Answer) -> list[Answer]:
    """The report's rows, each with its place in it; UnreadableError for a report that is cut off or is none."""
    reader = csv.DictReader(report["Content"].decode("utf-8").splitlines(), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise _unreadable(f"line {reader.line_num}: {error}") from error
    if missing := COLUMNS.difference(reader.fieldnames or ()):
        raise _unreadable(f"no column {min(missing)}")
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise _unreadable(f"line {number} has not as many cells as the header")
    origin = report.origin
    return [
        Answer(row, origin and replace(origin, path=f"Content line {number}")) for number, row in enumerate(rows, 2)
    ]


def moment(text: str) -> datetime | None:
    """A time of the report; None for AWS's three ways of not giving one; ValueError for anything else."""
    return None if text.lower() in NOT_GIVEN else datetime.fromisoformat(text)


def truth(text: str) -> bool | None:
    """A yes or no of the report; None where AWS does not say; ValueError for anything else."""
    if text.lower() in NOT_GIVEN:
        return None
    return {"true": True, "false": False}[text.lower()]


def _made(source: AwsSource) -> None:
    """Have a report made, and wait for it: a daily read never finds one that is young enough.

    This is the one read that has to wait: AWS offers nothing between "ask again" and failing. One thread waits, for
    about a minute at most; what is not ready by then is a gap.
    """
    for seconds in LOOKS:
        if source.get("iam", "GenerateCredentialReport", "State")["State"] == "COMPLETE":
            return
        time.sleep(seconds)
    detail = f"the report was still being made after {sum(LOOKS):.0f} seconds: run again"
    raise UnreadableError(Gap(Cause.UNAVAILABLE, "iam:GenerateCredentialReport", detail))


def _records(source: AwsSource, row: Answer, made_at: datetime) -> list[Account | Credential]:
    """A user and its credentials; a gap, and no row, where the report says something we do not understand."""
    try:
        credentials: list[Credential] = [
            *_password(row, made_at),
            *(one for n in (1, 2) for one in _numbered(row, made_at, "access_key", f"access_key_{n}")),
            *(one for n in (1, 2) for one in _numbered(row, made_at, "certificate", f"cert_{n}")),
        ]
        records: list[Account | Credential] = [_account(row, made_at, credentials), *credentials]
    except (KeyError, ValueError) as error:
        source.gap(Cause.TRUNCATED, f"iam:GetCredentialReport {row['user']}", f"a value that no report has: {error}")
        return []
    more = row.get("additional_credentials_info") or ""
    if more.lower() not in NOT_GIVEN | {"0"}:
        source.gap(Cause.TRUNCATED, f"iam:GetCredentialReport {row['user']}", f"not all credentials listed: {more}")
    return records


def _account(row: Answer, made_at: datetime, credentials: list[Credential]) -> Account:
    password = truth(row["password_enabled"])
    kinds = {True: "human", False: "service", None: None}
    return Account(
        key=row["arn"],
        seen=[row],
        observed_at=made_at,
        account_id=row["arn"],
        name=row["user"],
        kind="root" if row["user"] == ROOT else kinds[password],
        status="active" if any(one.status == "active" for one in credentials) else None,
        mfa_enrolled=truth(row["mfa_active"]),
        created_at=moment(row["user_creation_time"]),
        last_login_at=moment(row["password_last_used"]),
    )


def _password(row: Answer, made_at: datetime) -> Iterator[Credential]:
    """Of the root user's password AWS mostly does not say whether there is one: then there is no row for it."""
    if truth(row["password_enabled"]):
        yield Credential(
            key=f"{row['arn']}/password",
            seen=[row],
            observed_at=made_at,
            credential_id=f"{row['arn']}/password",
            principal_id=row["arn"],
            kind="password",
            status="active",
            rotated_at=moment(row["password_last_changed"]),
            last_used_at=moment(row["password_last_used"]),
            expires_at=moment(row["password_next_rotation"]),
        )


def _numbered(row: Answer, made_at: datetime, kind: str, column: str) -> Iterator[Credential]:
    """A key or certificate. One that is switched off keeps its date; one that does not exist has none."""
    active, rotated_at = truth(row[f"{column}_active"]), moment(row[f"{column}_last_rotated"])
    if active or rotated_at:
        yield Credential(
            key=f"{row['arn']}/{column}",
            seen=[row],
            observed_at=made_at,
            credential_id=f"{row['arn']}/{column}",
            principal_id=row["arn"],
            kind=kind,
            status={True: "active", False: "disabled", None: None}[active],
            rotated_at=rotated_at,
            last_used_at=moment(row.get(f"{column}_last_used_date", "")),
        )


def _unreadable(detail: str) -> UnreadableError:
    return UnreadableError(Gap(Cause.TRUNCATED, "iam:GetCredentialReport Content", detail))
