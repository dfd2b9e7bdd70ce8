"""Amazon Inspector: what it found weak, since when, and when that ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.connector import Per
from collector.model import Kind
from collector.records import Monitor, Vulnerability
from connectors.aws import aws
from connectors.aws.threats.inspector import COVERAGE, KIND, PAUSED, STATUS, account_status, covered, is_off, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

KEPT = 3
"""Days: so long Inspector keeps a closed finding of what was deleted, or is no longer scanned; other closed ones 30."""
_PAGE = 100
_STATES = {"ACTIVE": "open", "SUPPRESSED": "dismissed"}
_CLOSED = "CLOSED"
_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "INFORMATIONAL": "low"}
_FIXES = {"YES": True, "PARTIAL": True, "NO": False}
_SCANS = {"PACKAGE_VULNERABILITY": "PACKAGE", "NETWORK_REACHABILITY": "NETWORK", "CODE_VULNERABILITY": "CODE"}
_KINDS = {
    "AWS_EC2_INSTANCE": "host",
    "AWS_ECR_CONTAINER_IMAGE": "image",
    "AWS_LAMBDA_FUNCTION": "function",
    "CODE_REPOSITORY": "dependency",
    "MACHINE_IMAGE": "machine_image",
    "Microsoft.Compute/virtualMachines": "host",
    "Microsoft.ContainerRegistry/registry/containerImage": "image",
    "compute.googleapis.com/Instance": "host",
    "artifactregistry.googleapis.com/DockerImage": "image",
}
_OTHER_KINDS = {"NETWORK_REACHABILITY": "network", "CODE_VULNERABILITY": "code"}
_RESOURCES = {
    "AWS_EC2_INSTANCE": "ec2",
    "AWS_ECR_CONTAINER_IMAGE": "ecr",
    "AWS_LAMBDA_FUNCTION": "lambda",
    "CODE_REPOSITORY": "codeRepository",
    "MACHINE_IMAGE": "ami",
}


class Watched(NamedTuple):
    """What Inspector watches: by resource and kind of scan, why it does not; `known` is false when it was not told."""

    status: Answer
    lapsed: frozenset[tuple[str, str]]
    listed: frozenset[tuple[str, str]]
    known: bool


@aws.evidence(
    "aws.inspector.findings",
    yields=(Vulnerability, Monitor),
    needs=[STATUS, COVERAGE, "inspector2:ListFindings"],
    shares=[STATUS, COVERAGE],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=KEPT,
)
def findings(source: AwsSource) -> Iterator[Vulnerability | Monitor]:
    """Vulnerabilities with first-seen and closed dates.

    Population: every finding that Inspector holds of this account in each enabled region, whenever it was made: open,
    suppressed (`dismissed`) and closed. It deletes closed ones: after 3 days those of what was deleted or is no longer
    scanned, after 30 days the others. So it is asked at least daily, and the dates stay in the archive. And one row for
    each region, which tells whether Inspector is on there (`monitor`): where it is off, it holds no finding.

    A closed finding is `fixed`, at its last change, where Inspector still scans what it was found on, or that is no
    more. Inspector also closes what it no longer scans, which mends nothing: such a finding has no status.

    Complete when the last page was read in every enabled region. Not told by AWS: who suppressed a finding, and when:
    that is done by rules. A weakness to which nobody has given a severity yet has none; `informational` counts as low.
    """
    status = account_status(source)
    yield Monitor(
        key=source.place,
        seen=[status],
        monitor=f"Inspector in {source.place}",
        kind=KIND,
        covers=source.place,
        state=state(status),
    )
    if is_off(status):
        return
    watched = _watched(source, status)
    own = {"awsAccountId": [{"comparison": "EQUALS", "value": source.account}]}
    for one in source.list("inspector2", "ListFindings", "findings", filterCriteria=own, maxResults=_PAGE):
        for resource in one["resources"]:
            yield _vulnerability(one, resource, watched)


def _watched(source: AwsSource, status: Answer) -> Watched:
    known = covered(source, status)
    told = [(one["resourceId"], one["scanType"], one.get("scanStatus") or {}) for one in known or ()]
    return Watched(
        status,
        frozenset(
            (name, scan)
            for name, scan, of in told
            if of.get("statusCode") != "ACTIVE" and of.get("reason") not in PAUSED
        ),
        frozenset((name, scan) for name, scan, _ in told),
        known=known is not None,
    )


def _vulnerability(one: Answer, resource: Mapping[str, Any], watched: Watched) -> Vulnerability:
    several = len(one["resources"]) > 1
    status = _STATES.get(one["status"])
    if one["status"] == _CLOSED and _still_watched(one, resource, watched):
        status = "fixed"
    return Vulnerability(
        key=f"{one['findingArn']} {resource['id']}" if several else one["findingArn"],
        seen=[one],
        finding_id=one["findingArn"],
        asset_id=resource["id"],
        kind=_OTHER_KINDS.get(one["type"]) or _KINDS.get(resource["type"]),
        title=(one.get("packageVulnerabilityDetails") or {}).get("vulnerabilityId") or one.get("title"),
        severity=_SEVERITIES.get(one["severity"]),
        status=status,
        first_seen_at=one.get("firstObservedAt"),
        fixed_at=one.get("updatedAt") if status == "fixed" else None,
        fix_available=_FIXES.get(str(one.get("fixAvailable"))),
    )


def _still_watched(one: Answer, resource: Mapping[str, Any], watched: Watched) -> bool:
    """Whether a closed finding says something of the weakness, and not only of the scan that ended."""
    place = (resource["id"], _SCANS.get(one["type"], ""))
    if not watched.known or place in watched.lapsed:
        return False
    # What is listed no more is gone, if things of its kind are scanned at all.
    of = _RESOURCES.get(resource["type"])
    of = "lambdaCode" if of == "lambda" and place[1] == "CODE" else of
    return place in watched.listed or (of is not None and state(watched.status, of) == "enabled")
