"""A seeded organisation in Google's own words, and a manifest of what was planted in it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
CUSTOMER = "C0northw1"
DOMAIN = "northwind.example"
ADMINISTRATOR = f"ada@{DOMAIN}"
NEVER = "1970-01-01T00:00:00.000Z"
UNITS = {"/": "03root", "/Engineering": "03eng", "/Contractors": "03con"}
NAMES = (
    "ben",
    "cleo",
    "dan",
    "eve",
    "finn",
    "gus",
    "hana",
    "ivo",
    "jude",
    "kim",
    "lena",
    "milo",
    "nora",
    "otto",
    "pia",
)


@dataclass
class Estate:
    """The organisation, list by list; `manifest` says what a reader must find in it."""

    end: datetime
    users: list[Json] = field(default_factory=list)
    deleted: list[Json] = field(default_factory=list)
    units: list[Json] = field(default_factory=list)
    groups: list[Json] = field(default_factory=list)
    members: dict[str, list[Json]] = field(default_factory=dict)
    group_settings: dict[str, Json] = field(default_factory=dict)
    roles: list[Json] = field(default_factory=list)
    assignments: list[Json] = field(default_factory=list)
    tokens: dict[str, list[Json]] = field(default_factory=dict)
    policies: list[Json] = field(default_factory=list)
    devices: list[Json] = field(default_factory=list)
    device_users: list[Json] = field(default_factory=list)
    mobile: list[Json] = field(default_factory=list)
    chrome: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)
    saml: list[Json] = field(default_factory=list)
    oidc: list[Json] = field(default_factory=list)
    activities: dict[str, list[Json]] = field(default_factory=dict)
    factors: dict[str, dict[str, int]] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    def user(self, name: str) -> Json:
        """The live user of this name."""
        return next(one for one in self.users if one["primaryEmail"] == f"{name}@{DOMAIN}")

    def id(self, name: str) -> str:
        """Its id."""
        found: str = self.user(name)["id"]
        return found

    def ago(self, **span: float) -> str:
        """A time before the end, as Google writes it."""
        return written(self.end - timedelta(**span))


def written(time: datetime) -> str:
    """As Google writes times."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def build(seed: int = 7, people: int = 30, *, end: datetime | None = None) -> Estate:
    """The same seed and end make the same organisation."""
    from tests.doubles.workspace.laying import lay  # noqa: PLC0415 - laying needs the nouns above

    estate = Estate(end or datetime.now(UTC).replace(microsecond=0))
    lay(estate, random.Random(seed), people)  # noqa: S311 - it is a double
    return estate
