"""GuardDuty: the threats that it found, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import Alert
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

KEPT = 90
_AT_ONCE = 50
"""GuardDuty gives the details of no more findings in one answer."""
_LEVELS = ((9, "critical"), (7, "high"), (4, "medium"), (1, "low"))
"""From which number on a finding is of which severity, as GuardDuty's guide says."""
_ABOUT = (
    ("InstanceDetails", "InstanceId"),
    ("EksClusterDetails", "Arn"),
    ("EcsClusterDetails", "Arn"),
    ("LambdaDetails", "FunctionArn"),
    ("RdsDbInstanceDetails", "DbInstanceArn"),
)
"""Where a finding says what it is about, in the order in which that is looked for."""


@aws.evidence(
    "aws.guardduty.findings",
    yields=Alert,
    needs=["guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"],
    shares=["guardduty:ListDetectors"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=KEPT,
    late_minutes=KEPT * 24 * 60,
)
def findings(source: AwsSource) -> Iterator[Alert]:
    """Threat findings and their disposal.

    Population: every finding about the account, archived or not, that GuardDuty last updated inside the window, in each
    enabled region. A region without a detector answers that it has none, and has no findings: that nothing looks there
    is in `aws.guardduty.coverage`. GuardDuty forgets a finding after 90 days, and is asked for all that it remembers
    each time, since a finding is archived without being updated.

    One that is not archived is `open`. One that is archived is `closed` as `archived`: GuardDuty does not tell when, by
    whom, or whether a person or a suppression rule did it. Severity is the word that GuardDuty's guide has for its
    number. An administrator's account also lists findings about its members; those are read in the members.

    Complete when every list was read to its last page in every region, and as many findings were had in full as listed.
    """
    for detector in source.list("guardduty", "ListDetectors", "DetectorIds"):
        yield from _found_by(source, detector["value"])


def _found_by(source: AwsSource, detector_id: str) -> Iterator[Alert]:
    window = source.window
    of_account = {
        "accountId": {"Equals": [source.account]},
        "updatedAt": {"GreaterThanOrEqual": _milliseconds(window.start), "LessThan": _milliseconds(window.end)},
    }
    listed = source.list(
        "guardduty",
        "ListFindings",
        "FindingIds",
        DetectorId=detector_id,
        FindingCriteria={"Criterion": of_account},
        # The oldest first: one that is made while the list is read moves no other.
        SortCriteria={"AttributeName": "createdAt", "OrderBy": "ASC"},
    )
    ids = [str(one["value"]) for one in listed]
    batches = [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
    got = 0
    for _, answer in source.each(
        batches,
        lambda some: source.get("guardduty", "GetFindings", "Findings", DetectorId=detector_id, FindingIds=some),
    ):
        for finding in answer.parts("Findings"):
            got += 1
            yield alert(finding, source.place)
    source.total("findings listed = findings had in full", expected=len(ids), found=got)


def alert(finding: Answer, place: str) -> Alert:
    """One finding, as GuardDuty gives it."""
    archived = (finding.get("Service") or {}).get("Archived")
    return Alert(
        key=finding["Arn"],
        seen=[finding],
        alert_id=finding["Arn"],
        source=f"GuardDuty in {place}",
        kind=finding.get("Type"),
        severity=_level(finding.get("Severity")),
        status={True: "closed", False: "open"}.get(archived) if isinstance(archived, bool) else None,
        opened_at=_moment(finding.get("CreatedAt")),
        changed_at=_moment(finding.get("UpdatedAt")),
        disposition="archived" if archived else None,
        target=_about(finding.get("AccountId"), finding.get("Resource") or {}),
    )


def _level(number: float | None) -> str | None:
    return next((word for least, word in _LEVELS if number is not None and number >= least), None)


def _about(account: str | None, resource: Mapping[str, Any]) -> str | None:
    key = resource.get("AccessKeyDetails") or {}
    if key.get("UserType") == "IAMUser" and key.get("UserName") and account:
        return f"arn:aws:iam::{account}:user/{key['UserName']}"
    buckets = [one.get("Arn") for one in resource.get("S3BucketDetails") or ()]
    named = [(resource.get(part) or {}).get(name) for part, name in _ABOUT]
    return next(filter(None, [*named, *buckets]), resource.get("ResourceType"))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
