"""Azure Resource Graph: the resources of all subscriptions in a few answers, and how they are shown to be all.

Resource Graph leaves out in silence what the identity may not see. So each reading is held against two other answers:
the subscription must be among those that Resource Graph shows, and the resources of these kinds must be the same as in
the subscription's own list. Where a kind has none, its resource provider says whether it is registered at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.model import Cause
from collector.source.rest.api import Operation
from connectors.azure.packages import RESOURCES
from connectors.azure.skip_token import SkipToken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

PATH = "/providers/Microsoft.ResourceGraph/resources"
VERSION = "2021-03-01"
_PROVIDERS_VERSION = "2021-04-01"
_COLUMNS = "id, name, type, subscriptionId, location, kind, sku, tags, zones, managedBy, properties"
_UNREGISTERED = frozenset({"NotRegistered", "Unregistered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Kinds of resources that are read together by one query."""

    title: str
    types: tuple[str, ...]
    """In lower case; empty: all."""
    reads: tuple[str, ...]
    """The permissions to see them."""
    table: str = "Resources"
    columns: str = _COLUMNS
    tied: bool = True
    """Whether the subscription's own list has them too."""

    @property
    def query(self) -> str:
        """The name of the operation."""
        return f"POST {PATH} {self.title}"

    @property
    def needs(self) -> tuple[str, ...]:
        """What a reader of these kinds declares."""
        return (self.query, SHOWN.query, *([RESOURCES] if self.tied else []), *map(registration, self.providers))

    @property
    def providers(self) -> tuple[str, ...]:
        """The resource providers of these kinds."""
        return tuple(dict.fromkeys(one.split("/")[0] for one in self.reads)) if self.types else ()

    @property
    def operation(self) -> Operation:
        """The query, as it is sent."""
        chosen = ", ".join(f"'{one}'" for one in self.types)
        where = f" | where type in~ ({chosen})" if self.types else ""
        return Operation(
            self.query,
            needs=", ".join(("Microsoft.ResourceGraph/resources/read", *self.reads)),
            items="/data",
            pages=SkipToken(),
            query={"api-version": VERSION},
            parameters={"query": f"{self.table}{where} | project {self.columns} | order by id asc"},
            bucket="resource graph",
        )


SHOWN = Kinds(
    title="subscriptions",
    types=("microsoft.resources/subscriptions",),
    reads=("Microsoft.Resources/subscriptions/read",),
    table="ResourceContainers",
    columns="id, name, type, subscriptionId",
    tied=False,
)


def registration(provider: str) -> str:
    """The operation that says whether a resource provider is registered in a subscription."""
    return f"GET /subscriptions/{{subscription}}/providers/{provider}"


def registration_operation(provider: str) -> Operation:
    """As it is sent."""
    return Operation(
        registration(provider),
        needs="Microsoft.Resources/subscriptions/providers/read",
        has=("/registrationState",),
        parameters={"api-version": _PROVIDERS_VERSION},
    )


def resources(source: AzureSource, kinds: Kinds) -> list[Answer]:
    """The subscription's resources of these kinds; whatever shows that there may be others is put on record."""
    rows = source.rows(kinds.query)
    for _, hidden in source.each([SHOWN.query], source.hidden_from):
        if hidden:
            source.gap(
                Cause.DENIED,
                f"{kinds.title} (subscription {source.scope.unit_id} {source.scope.name})",
                "Resource Graph does not show this subscription, so what it lists is not all",
            )
    if kinds.tied:
        for _, listed in source.each([RESOURCES], lambda one: list(source.found(one))):
            _tied(source, kinds, rows, listed)
    if not rows:
        _registered(source, kinds)
    return rows


def of_type(rows: Iterable[Answer], kind: str) -> list[Answer]:
    """Those of one type, in lower case."""
    return [one for one in rows if str(one.get("type")).lower() == kind]


def _tied(source: AzureSource, kinds: Kinds, rows: list[Answer], listed: list[Answer]) -> None:
    here = {one["id"].lower() for one in rows}
    there = {one["id"].lower() for one in listed if not kinds.types or str(one.get("type")).lower() in kinds.types}
    source.total(
        f"{kinds.title}: in Resource Graph or in the subscription's own list = in both",
        expected=len(here | there),
        found=len(here & there),
    )


def _registered(source: AzureSource, kinds: Kinds) -> None:
    """That there is none is an answer only where there could be some."""
    for provider in kinds.providers:
        state = source.look(registration(provider)).get("registrationState")
        if state in _UNREGISTERED:
            source.gap(
                Cause.NOT_CONFIGURED,
                f"{provider} (subscription {source.scope.unit_id} {source.scope.name})",
                f"the resource provider is not registered in this subscription, so {kinds.title} cannot be looked at",
            )
