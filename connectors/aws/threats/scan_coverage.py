"""Amazon Inspector: what is scanned for weaknesses, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import Monitor, Scanner
from connectors.aws import aws
from connectors.aws.instances import instances
from connectors.aws.tags import labels, plain
from connectors.aws.threats.inspector import COVERAGE, KIND, PAUSED, STATUS, account_status, covered, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.instances import Instance

_RESOURCES = ("ec2", "ecr", "lambda", "lambdaCode", "codeRepository", "ami")
_ALWAYS_TOLD = ("ec2", "ecr")
_KINDS = {
    "AWS_EC2_INSTANCE": "host",
    "AWS_ECR_CONTAINER_IMAGE": "image",
    "AWS_ECR_REPOSITORY": "repository",
    "AWS_LAMBDA_FUNCTION": "function",
    "CODE_REPOSITORY": "dependencies",
    "MACHINE_IMAGE": "machine_image",
    "Microsoft.Compute/virtualMachines": "host",
    "Microsoft.ContainerRegistry/registry/containerImage": "image",
    "Microsoft.Web/sites": "function",
    "compute.googleapis.com/Instance": "host",
    "artifactregistry.googleapis.com/DockerImage": "image",
    "cloudfunctions.googleapis.com/Function": "function",
}
_OTHER_SCANS = {"NETWORK": "network", "CODE": "code"}
_LAPSED = frozenset({"SCAN_ELIGIBILITY_EXPIRED", "IMAGE_ARCHIVED"})
"""Why Inspector no longer watches an image that nobody has pushed or used for long."""


@aws.evidence(
    "aws.inspector.coverage",
    yields=(Monitor, Scanner),
    needs=[STATUS, COVERAGE, "ec2:DescribeInstances"],
    per=Per.PLACE,
)
def coverage(source: AwsSource) -> Iterator[Monitor | Scanner]:
    """Vulnerability scan coverage.

    Population, in each enabled region: a row for each kind of scan that Inspector has (`monitor`), on or off, also
    where it is off altogether; one for everything that it says it covers, of whatever kind (`scanner`); and one for
    each instance that is not among it: `absent`, or `disabled` where scans of instances are off, if it runs.

    `state` is `enabled` where Inspector calls a scan active and `disabled` where it does not; `because` has its reason.
    An instance that does not run is `not_applicable`, and so is an image that it watches no longer after long disuse,
    if it tells that no task or pod runs it; where it does not tell that, the state is null.
    `scanned_at` is when it last checked for weaknesses. Whether the network reaches an instance is a scan of its own
    (`network`), which says nothing of what is installed there.

    Complete when the last page of both lists was read in every enabled region. Not included: images, functions and
    machine images that Inspector does not list.
    """
    status = account_status(source)
    yield from _monitors(source, status)
    known, here = covered(source, status), instances(source) or {}
    listed: set[str] = set()
    for one in known or ():
        kind, name = _kind(one), one["resourceId"]
        if kind == "host":
            listed.add(name)
        yield _scanner(source, one, kind, here.get(name))
    for name, instance in here.items():
        if name not in listed:
            yield _unlisted(source, status, name, instance, told=known is not None)


def _monitors(source: AwsSource, status: Answer) -> Iterator[Monitor]:
    for resource in _RESOURCES:
        if resource in (status.get("resourceState") or _ALWAYS_TOLD):
            yield Monitor(
                key=f"{source.place} {resource}",
                seen=[status],
                monitor=f"Inspector's scan of {resource} in {source.place}",
                kind=KIND,
                covers=source.place,
                state=state(status, resource),
            )


def _kind(one: Answer) -> str:
    """What is scanned; a kind that AWS has added since keeps its own name."""
    return _OTHER_SCANS.get(one["scanType"]) or _KINDS.get(one["resourceType"], str(one["resourceType"]))


def _scanner(source: AwsSource, one: Answer, kind: str, instance: Instance | None) -> Scanner:
    seems, reason = _state(one), (one.get("scanStatus") or {}).get("reason")
    unused = "; no container uses it" if reason in _LAPSED and seems == "not_applicable" else ""
    return Scanner(
        key=f"{source.place} {kind} {one['resourceId']}",
        seen=[one, *([instance.reservation] if instance else [])],
        asset_id=one["resourceId"],
        kind=kind,
        state=seems,
        because=None if reason in {None, "SUCCESSFUL"} else f"Amazon Inspector: {reason}{unused}.",
        environment=_environment(source, instance),
        scanned_at=one.get("lastScannedAt"),
    )


def _state(one: Answer) -> str | None:
    told = one.get("scanStatus") or {}
    code, reason = told.get("statusCode"), told.get("reason")
    if code != "INACTIVE":
        return {"ACTIVE": "enabled"}.get(str(code))
    if reason in PAUSED:
        return "not_applicable"
    if reason in _LAPSED:
        used = ((one.get("resourceMetadata") or {}).get("ecrImage") or {}).get("inUseCount")
        return None if used is None else "disabled" if used else "not_applicable"
    return "disabled"


def _unlisted(source: AwsSource, status: Answer, name: str, instance: Instance, *, told: bool) -> Scanner:
    off = state(status, "ec2") == "disabled"
    if not instance.runs:
        seems, because = "not_applicable", "It does not run."
    elif not told:
        seems, because = None, None
    else:
        seems = "disabled" if off else "absent"
        because = "Amazon Inspector's scan of instances is off." if off else None
    return Scanner(
        key=f"{source.place} host {name}",
        seen=[instance.reservation, status],
        asset_id=name,
        kind="host",
        state=seems,
        because=because,
        environment=_environment(source, instance),
    )


def _environment(source: AwsSource, instance: Instance | None) -> str | None:
    """As the tags of the instance say; None for anything whose tags were not read."""
    if instance is None:
        return None
    environment: str | None = labels(source, plain(instance.fields.get("Tags")))["environment"]
    return environment
