"""Which subscriptions there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import Per
from collector.records import ScopeUnit
from connectors.azure import azure
from connectors.azure.graph import SHOWN
from connectors.azure.labels import of_subscription, tag
from connectors.azure.packages import SUBSCRIPTIONS
from connectors.azure.tenant_operations import DESCENDANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_STATES = {"Enabled": "active", "Warned": "active", "PastDue": "active"}
"""What is warned or owes money is in full use until it is disabled."""
_SUBSCRIPTION = "/subscriptions"


@azure.evidence(
    "azure.subscriptions", yields=ScopeUnit, needs=[SUBSCRIPTIONS, DESCENDANTS, SHOWN.query], per=Per.ESTATE
)
def subscriptions(source: AzureSource) -> Iterator[ScopeUnit]:
    """Subscriptions.

    Population: every subscription of the tenant that Azure lists to the collector, in whatever state it is: active,
    disabled, deleted; one that is warned or past due is active. Each has the path of its management groups,
    from the root down.

    Complete when the list was read to its end and three totals tie: as many subscriptions hang below the root
    management group as are listed; Resource Graph shows each that is not deleted; and each that is not deleted is one
    that this run collects from, or one that the configuration excludes with a reason. Where the collector's role is
    not given at the root management group, that group cannot be read, and a gap says so: then there may be
    subscriptions that nobody looked at.

    Not told by Azure: when a subscription was made. The environment of a subscription is the word of the
    configuration, or else of its own tag.
    """
    listed = list(source.found(SUBSCRIPTIONS))
    below = {one["name"].lower(): one for one in _descendants(source)}
    for one in listed:
        place = below.get(one["subscriptionId"].lower())
        path = _path(place, below) if place else None
        yield ScopeUnit(
            key=one["subscriptionId"],
            seen=[one, *([place] if place else [])],
            unit_id=one["subscriptionId"],
            name=one.get("displayName"),
            status=status(one),
            parent=path,
            environment=of_subscription(source, one["subscriptionId"]) or tag(one, source.settings.environment_tag),
        )
    there = [one for one in listed if status(one) != "deleted"]
    if below:
        hanging = {name for name, one in below.items() if one["id"].lower().startswith(_SUBSCRIPTION)}
        ids = {one["subscriptionId"].lower() for one in listed}
        source.total(
            "subscriptions listed or below the root management group = in both",
            expected=len(hanging | ids),
            found=len(hanging & ids),
        )
    shown = list(source.list(SHOWN.query))
    source.total("subscriptions listed = shown by Resource Graph", expected=len(there), found=len(shown))
    left_out = {one.lower() for one, reason in source.settings.excluded_subscriptions.items() if reason}
    known = {one.lower() for one in source.collected} | left_out
    source.total(
        "subscriptions = collected + excluded with a reason",
        expected=len(there),
        found=sum(one["subscriptionId"].lower() in known for one in there),
    )


def status(subscription: Answer) -> str | None:
    """A subscription's state in the words of all providers, such as active and disabled."""
    state = subscription.get("state")
    return None if state is None else _STATES.get(state, str(state).lower())


def _descendants(source: AzureSource) -> list[Answer]:
    """All that hangs below the root management group, whose name is the tenant's id; a gap where that is refused."""
    return [one for _, found in source.each([DESCENDANTS], lambda asked: list(source.list(asked))) for one in found]


def _path(place: Answer, below: dict[str, Answer]) -> str:
    """The names of the management groups above, the topmost first. A group that hangs in itself ends the path."""
    names: list[str] = []
    seen: set[str] = set()
    parent = _parent(place)
    while parent and parent not in seen:
        seen.add(parent)
        group = below.get(parent)
        shown = (group.get("properties") or {}).get("displayName") if group else None
        names.append(str(shown or parent))
        parent = _parent(group) if group else ""
    return "/".join(reversed(names))


def _parent(one: Answer) -> str:
    above = ((one.get("properties") or {}).get("parent") or {}).get("id") or ""
    return str(above).rsplit("/", 1)[-1].lower()
