"""Security Hub: what any scanner or check reported to it, and what was decided about that."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import Finding, Monitor, Vulnerability
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

KEPT = 30
"""Days: so long an archived finding stays; an active one is deleted when nothing has changed in it for 90."""
NOT_SUBSCRIBED = "InvalidAccessException"
_PAGE = 100
_INSPECTOR = "aws/inspector"
_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "INFORMATIONAL": "low"}
_WORKFLOW = {"NEW": "open", "NOTIFIED": "open", "RESOLVED": "fixed", "SUPPRESSED": "dismissed"}
_CHECKS = {"PASSED": "closed", "NOT_AVAILABLE": "not_applicable"}
_FINDINGS = {"open": "open", "fixed": "closed", "dismissed": "not_applicable"}
_KINDS = {
    "AwsEc2Instance": "host",
    "AwsEcrContainerImage": "image",
    "AwsLambdaFunction": "function",
    "CodeRepository": "dependency",
    "Container": "image",
}


@aws.evidence(
    "aws.securityhub.findings",
    yields=(Finding, Vulnerability, Monitor),
    needs=["securityhub:DescribeHub", "securityhub:GetFindings"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=KEPT,
)
def findings(source: AwsSource) -> Iterator[Finding | Vulnerability | Monitor]:
    """Security Hub findings with workflow state.

    Population: every finding that Security Hub holds of this account and region, whoever reported it, whenever it was
    made, archived ones included (`finding`). One that is about weaknesses is a `vulnerability` too, unless Inspector
    reported it: its findings are evidence of their own. And one row for each enabled region: whether Security Hub is
    subscribed to there (`monitor`); where it is `absent` there is no finding to be had.

    Archived, by whoever reported it, is over: `fixed` and `closed`, at its last change. Resolved by a person is `fixed`
    too, but when is not given. Suppressed is `dismissed` (of a finding that is no weakness: `not_applicable`), by
    whoever wrote its note, for the reason in it: Security Hub tells nothing else of who suppressed it. A check that
    passed is `closed`.

    Complete when the last page was read in every enabled region. What an administrator's account sees of its members,
    or a home region of others, is read where it belongs.
    """
    hub = source.get("securityhub", "DescribeHub", "HubArn", absent=(NOT_SUBSCRIBED,))
    yield Monitor(
        key=source.place,
        seen=[hub],
        monitor=f"Security Hub in {source.place}",
        kind="finding_collection",
        covers=source.place,
        state="absent" if hub.absent else "enabled",
    )
    if hub.absent:
        return
    own = {name: [{"Comparison": "EQUALS", "Value": value}] for name, value in _here(source).items()}
    for one in source.list("securityhub", "GetFindings", "Findings", Filters=own, MaxResults=_PAGE):
        yield _finding(one)
        if one.get("Vulnerabilities") and _product(one) != _INSPECTOR:
            yield _vulnerability(one)


def _here(source: AwsSource) -> dict[str, str]:
    return {"AwsAccountId": source.account, "Region": source.place}


def _finding(one: Answer) -> Finding:
    state = _state(one)
    check = str((one.get("Compliance") or {}).get("Status"))
    status = _FINDINGS.get(state or "")
    if state == "open":
        status = _CHECKS.get(check, status)
    return Finding(
        key=_identity(one),
        seen=[one],
        finding_id=one["Id"],
        asset_id=_asset(one),
        rule=(one.get("Compliance") or {}).get("SecurityControlId") or one["GeneratorId"],
        severity=_severity(one),
        status=status,
        first_seen_at=_moment(one.get("FirstObservedAt") or one["CreatedAt"]),
        last_seen_at=_moment(one.get("LastObservedAt") or one["UpdatedAt"]),
        closed_at=_moment(one["UpdatedAt"]) if status == "closed" and (_archived(one) or check == "PASSED") else None,
    )


def _vulnerability(one: Answer) -> Vulnerability:
    state, resources = _state(one), one["Resources"]
    note: Mapping[str, Any] = (one.get("Note") or {}) if state == "dismissed" else {}
    fixes = {weak.get("FixAvailable") for weak in one["Vulnerabilities"]}
    return Vulnerability(
        key=f"vulnerability {_identity(one)}",
        seen=[one],
        finding_id=one["Id"],
        asset_id=_asset(one),
        kind=_KINDS.get(resources[0]["Type"]) if len(resources) == 1 else None,
        title=", ".join(weak["Id"] for weak in one["Vulnerabilities"]),
        severity=_severity(one),
        status=state,
        first_seen_at=_moment(one.get("FirstObservedAt") or one["CreatedAt"]),
        fixed_at=_moment(one["UpdatedAt"]) if _archived(one) else None,
        dismissed_at=_moment(note.get("UpdatedAt")),
        dismissed_by=note.get("UpdatedBy"),
        dismissed_reason=note.get("Text"),
        fix_available=True if fixes & {"YES", "PARTIAL"} else False if fixes == {"NO"} else None,
    )


def _identity(one: Answer) -> str:
    """An id is unique to the product that gave it."""
    return f"{one['ProductArn']} {one['Id']}"


def _product(one: Answer) -> str:
    return str(one["ProductArn"]).partition(":product/")[2]


def _archived(one: Answer) -> bool:
    return one.get("RecordState") == "ARCHIVED"


def _state(one: Answer) -> str | None:
    """What became of it: by its reporter first, who knows best whether it is over, and then by whoever handles it."""
    if _archived(one):
        return "fixed"
    return _WORKFLOW.get(str((one.get("Workflow") or {}).get("Status")))


def _severity(one: Answer) -> str | None:
    return _SEVERITIES.get(str((one.get("Severity") or {}).get("Label")))


def _asset(one: Answer) -> str | None:
    """What it is about, an instance by its id alone, as EC2 lists it; None for several things at once."""
    resources = one["Resources"]
    if len(resources) != 1:
        return None
    name = str(resources[0]["Id"])
    return name.rpartition("/")[2] if resources[0]["Type"] == "AwsEc2Instance" else name


def _moment(text: str | None) -> datetime | None:
    """A moment with its offset; whatever else a reporter wrote there is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None
