"""What resources' tags say: environment, class of data, owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.answer import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

GET_RESOURCES = "resourcegroupstaggingapi:GetResources"
Tags = dict[str, str]
_KINDS = ("s3", "dynamodb:table", "backup:backup-vault", "elasticloadbalancing:loadbalancer")


class Labels(NamedTuple):
    """The fields of a record that tags speak for."""

    environment: str | None = None
    data_class: str | None = None
    owner: str | None = None


class Tagged:
    """The tags of one region's resources that their own services list without any; unseen when refused."""

    def __init__(self, mappings: Iterable[Answer] | None) -> None:
        """`mappings` are the items of GetResources; None when they could not be had."""
        self._seen = mappings is not None
        self._by_arn = {mapping["ResourceARN"]: mapping for mapping in mappings or ()}

    def tags(self, arn: str) -> Tags | None:
        """The resource's tags; AWS lists only what has any. None when we could not look."""
        return plain(self._by_arn.get(arn, UNSEEN).get("Tags")) if self._seen else None

    def seen(self, arn: str) -> list[Answer]:
        """The answer that says so, where there is one."""
        return [self._by_arn[arn]] if arn in self._by_arn else []


def tagged(source: AwsSource, regions: Iterable[str]) -> dict[str, Tagged]:
    """For each region, the tags of such resources: one call for all kinds, the same in every evidence type."""
    found = dict.fromkeys(regions, Tagged(None))
    return found | {region: Tagged(mappings) for region, mappings in source.each(found, lambda one: _ask(source, one))}


def _ask(source: AwsSource, region: str) -> list[Answer]:
    service, operation = GET_RESOURCES.split(":")
    listed = source.at(region).list(
        service, operation, "ResourceTagMappingList", ResourceTypeFilters=[*_KINDS], ResourcesPerPage=100
    )
    return list(listed)


def plain(tags: Iterable[Mapping[str, Any]] | None) -> Tags:
    """`[{"Key": …, "Value": …}]` as a mapping; a resource without tags has none."""
    return {tag["Key"]: tag.get("Value") or "" for tag in tags or ()}


def labels(source: AwsSource, tags: Tags | None) -> dict[str, Any]:
    """What the configured tags say, by field. A resource without the environment's tag is in its account's environment.

    Everything is None where the tags could not be read: the account's environment might not be the resource's.
    """
    if tags is None:
        return Labels()._asdict()
    settings = source.settings
    return Labels(
        environment=tags.get(settings.environment_tag) or settings.environments.get(source.account),
        data_class=tags.get(settings.data_class_tag) or None,
        owner=tags.get(settings.owner_tag) or None,
    )._asdict()
