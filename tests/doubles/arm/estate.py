"""What is in the made-up tenant: the same in every subscription, and here and there something that is not right."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.arm import happenings, services, settings, stores
from tests.doubles.arm.ids import TENANT, subscription_id, text
from tests.doubles.arm.plants import PLANTS

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Estate:
    """Answers by their paths in lower case, and the tables of Resource Graph."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    singles: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            "resources": [],
            "resourcecontainers": [],
            "policyresources": [],
            "securityresources": [],
            "managedservicesresources": [],
        }
    )
    planted: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Place:
    """One subscription while it is laid out."""

    estate: Estate
    index: int
    now: datetime
    plants: frozenset[str]

    @property
    def id(self) -> str:
        return subscription_id(self.index)

    @property
    def path(self) -> str:
        return f"/subscriptions/{self.id}"

    def plant(self, name: str, item: str) -> bool:
        """Whether this deviation is to be here; then it is in the manifest, as the item that must show it."""
        assert name in PLANTS, name
        if name not in self.plants:
            return False
        self.estate.planted.setdefault(name, []).append(item)
        return True

    def resource(self, kind: str, name: str, known: dict[str, Any], /, **also: Any) -> str:
        """A resource in Resource Graph and in the subscription's own list; its id."""
        provider, *types = kind.split("/")
        names = name.split("/")
        path = "/".join(f"{one}/{called}" for one, called in zip(types, names, strict=True))
        made = f"{self.path}/resourceGroups/rg-app/providers/{provider}/{path}"
        row = {
            "id": made,
            "name": names[-1],
            "type": kind,
            "location": "westeurope",
            "tags": {"Environment": "production", "Owner": "platform"},
            **also,
        }
        self.estate.tables["resources"].append({**row, "subscriptionId": self.id, "properties": known})
        listed = {**row, "createdTime": text(self.now - timedelta(days=300))}
        self.estate.lists.setdefault(f"{self.path}/resources".lower(), []).append(listed)
        return made

    def list(self, path: str, rows: list[dict[str, Any]]) -> None:
        self.estate.lists[path.lower()] = rows

    def single(self, path: str, body: dict[str, Any]) -> None:
        self.estate.singles[path.lower()] = body


def built(subscriptions: int, now: datetime, plants: Iterable[str] = PLANTS) -> Estate:
    """A tenant; each deviation is planted once, in turn over the subscriptions."""
    estate = Estate()
    shown: list[dict[str, Any]] = []
    root = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
    group = root.replace(TENANT, "platform")
    below: list[dict[str, Any]] = [
        {
            "id": group,
            "type": "Microsoft.Management/managementGroups",
            "name": "platform",
            "properties": {"displayName": "Platform", "parent": {"id": root}},
        }
    ]
    for index in range(subscriptions):
        here = frozenset(one for at, one in enumerate(plants) if at % subscriptions == index)
        place = Place(estate, index, now, here)
        name = f"subscription {index}"
        state = "Enabled" if index != 1 else "Warned"
        shown.append(
            {
                "id": place.path,
                "subscriptionId": place.id,
                "displayName": name,
                "state": state,
                "tenantId": TENANT,
                "authorizationSource": "RoleBased",
                "tags": {"environment": "production"},
            }
        )
        below.append(
            {
                "id": place.path,
                "type": "Microsoft.Management/managementGroups/subscriptions",
                "name": place.id,
                "properties": {"displayName": name, "parent": {"id": group}},
            }
        )
        estate.tables["resourcecontainers"].append(
            {"id": place.path, "name": name, "type": "microsoft.resources/subscriptions", "subscriptionId": place.id}
        )
        for lay in (stores.lay, services.lay, settings.lay, happenings.lay):
            lay(place)
    estate.lists["/subscriptions"] = shown
    estate.lists["/tenants"] = [{"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "Example"}]
    estate.lists[f"{root}/descendants".lower()] = below
    return estate
