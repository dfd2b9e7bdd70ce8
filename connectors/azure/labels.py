"""What the tags of a resource say, and the parts of its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collector.answer import Answer
    from connectors.azure.source import AzureSource


def tag(row: Answer, name: str) -> str | None:
    """The value of a tag, whose name Azure compares without regard to case."""
    tags = {key.lower(): value for key, value in (row.get("tags") or {}).items()}
    return tags.get(name.lower()) or None


def labels(source: AzureSource, row: Answer) -> dict[str, Any]:
    """Environment, class and owner by the configured tags.

    A resource without the environment's tag is in its subscription's environment.
    """
    settings = source.settings
    return {
        "environment": tag(row, settings.environment_tag) or of_subscription(source, source.scope.unit_id),
        "data_class": tag(row, settings.data_class_tag),
        "owner": tag(row, settings.owner_tag),
    }


def of_subscription(source: AzureSource, subscription: str) -> str | None:
    """The environment that the configuration gives a subscription."""
    by_id = {one.lower(): environment for one, environment in source.settings.environments.items()}
    return by_id.get(subscription.lower())


def parts(resource_id: str) -> dict[str, str]:
    """The names in an id, by the word before each, in lower case: `resourcegroups`, `servers`, `databases`."""
    words = resource_id.strip("/").split("/")
    return {words[index].lower(): words[index + 1] for index in range(0, len(words) - 1, 2)}


def properties(row: Answer) -> dict[str, Any]:
    """The properties of a resource; without any it has none."""
    return row.get("properties") or {}
