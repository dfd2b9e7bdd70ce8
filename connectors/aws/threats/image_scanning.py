"""ECR: whether the images of a repository are scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Cause
from collector.records import Monitor, Scanner
from connectors.aws import aws
from connectors.aws.threats.inspector import KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_PAGE = 1000
_ASKED_AT_ONCE = 25
_SETTINGS = "BatchGetRepositoryScanningConfiguration"
_BY_HAND = "MANUAL"
_ON_PUSH = "SCAN_ON_PUSH"
_RESCANS = {"CONTINUOUS_SCAN": True, _ON_PUSH: False, _BY_HAND: False}


@aws.evidence(
    "aws.ecr.scanning",
    yields=(Monitor, Scanner),
    needs=["ecr:DescribeRepositories", "ecr:GetRegistryScanningConfiguration", f"ecr:{_SETTINGS}"],
    per=Per.PLACE,
)
def scanning(source: AwsSource) -> Iterator[Monitor | Scanner]:
    """Image scanning settings.

    Population, in each enabled region: every private repository of the account, whether its images are scanned when
    they are pushed (`state`), and whether again afterwards (`rescans`), as ECR itself works it out from the filters of
    the registry and the older setting of the repository. And one row for the registry, also where it has no repository:
    `enabled` when its rules have anything scanned. Which kind of scan it is, basic or enhanced, is in the raw answer.

    Complete when the list was read to its end in every enabled region, and ECR told of each repository in it.
    Not included: public repositories.
    """
    registry = source.look("ecr", "GetRegistryScanningConfiguration", "scanningConfiguration")
    yield Monitor(
        key=source.place,
        seen=[registry],
        monitor=f"image scanning of the registry in {source.place}",
        kind=KIND,
        covers=source.place,
        state=registry.tell(lambda one: _scans(one["scanningConfiguration"])),
    )
    repositories = list(source.list("ecr", "DescribeRepositories", "repositories", maxResults=_PAGE))
    settings = _settings(source, [one["repositoryName"] for one in repositories])
    for one in repositories:
        setting = settings.get(one["repositoryName"])
        yield Scanner(
            key=one["repositoryArn"],
            seen=[one, *([setting] if setting else [])],
            asset_id=one["repositoryArn"],
            kind="images",
            state=_state(setting),
            rescans=_RESCANS.get(setting.get("scanFrequency", "")) if setting else None,
        )


def _scans(registry: Mapping[str, Any]) -> str:
    rules = registry.get("rules") or ()
    on = any(rule["scanFrequency"] != _BY_HAND and rule["repositoryFilters"] for rule in rules)
    return "enabled" if on else "disabled"


def _settings(source: AwsSource, names: list[str]) -> dict[str, Answer]:
    """What is in force for each repository. One that ECR tells nothing of is a gap, as is a batch that is refused."""
    batches = [names[start : start + _ASKED_AT_ONCE] for start in range(0, len(names), _ASKED_AT_ONCE)]
    found: dict[str, Answer] = {}
    for batch, answer in source.each(
        batches, lambda one: source.get("ecr", _SETTINGS, "scanningConfigurations", repositoryNames=one)
    ):
        told = {one["repositoryName"]: one for one in answer.parts("scanningConfigurations")}
        failed = {one["repositoryName"]: one.get("failureCode") for one in answer.get("failures") or ()}
        for name in batch:
            if name not in told:
                why = f"ECR does not tell its settings: {failed.get(name, 'left out')}"
                source.gap(Cause.UNAVAILABLE, f"ecr:{_SETTINGS} {name} ({source.place})", why)
        found |= told
    return found


def _state(setting: Answer | None) -> str | None:
    """Whether images are scanned when they are pushed; the frequency leaves an older setting of the repository out."""
    if setting is None:
        return None
    frequency, on_push = setting.get("scanFrequency"), setting.get("scanOnPush")
    if _RESCANS.get(str(frequency)) or frequency == _ON_PUSH or on_push:
        return "enabled"
    return "disabled" if frequency == _BY_HAND else None
