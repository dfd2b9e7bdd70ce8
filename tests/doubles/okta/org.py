"""What an Okta org holds: plain JSON as Okta would answer it, and how the parts hang together."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]


def stamp(moment: datetime) -> str:
    """As Okta writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass
class Org:
    """All lists are in the order in which Okta would page through them."""

    end: datetime
    """The moment the estate was made for: everything in it is older."""
    id: str = "00o1n8sbwArJ7OQRw406"
    pipeline: str = "idx"
    users: dict[str, Json] = field(default_factory=dict)
    factors: dict[str, list[Json]] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    user_roles: dict[str, list[Json]] = field(default_factory=dict)
    """Those held directly."""
    group_roles: dict[str, list[Json]] = field(default_factory=dict)
    permissions: dict[str, list[str]] = field(default_factory=dict)
    """Of roles of the company's own making, by their id."""
    apps: dict[str, Json] = field(default_factory=dict)
    app_users: dict[str, list[Json]] = field(default_factory=dict)
    app_groups: dict[str, list[Json]] = field(default_factory=dict)
    policies: list[Json] = field(default_factory=list)
    rules: dict[str, list[Json]] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    shown_at: dict[str, datetime] = field(default_factory=dict)
    """When an event that is late gets into the log, by its uuid."""
    tokens: list[Json] = field(default_factory=list)
    streams: list[Json] = field(default_factory=list)
    threats: Json = field(default_factory=dict)
    zones: list[Json] = field(default_factory=list)
    behaviours: list[Json] = field(default_factory=list)
    devices: list[Json] = field(default_factory=list)
    assurances: list[Json] = field(default_factory=list)
    campaigns: list[Json] = field(default_factory=list)
    reviews: list[Json] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    """What was planted: by control, the items that deviate and those that only look like it."""
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _count: int = 0

    def new_id(self, prefix: str) -> str:
        """Ids rise as things are made, so that a new one is the last of its list."""
        self._count += 1
        return f"{prefix}{self._count:017d}"

    def add_user(self, login: str, status: str, made: datetime, *, last: datetime | None = None, **profile: Any) -> str:
        """A user; `last` is their last sign-in."""
        first, _, rest = login.partition("@")[0].partition(".")
        one = self.new_id("00u")
        self.users[one] = {
            "id": one,
            "status": status,
            "created": stamp(made),
            "activated": None if status == "STAGED" else stamp(made),
            "statusChanged": stamp(made),
            "lastLogin": last and stamp(last),
            "lastUpdated": stamp(last or made),
            "passwordChanged": None if status in {"STAGED", "PROVISIONED"} else stamp(made),
            "type": {"id": "oty1a2b3c4d5e6f7g8h9"},
            "profile": {
                "firstName": first.title(),
                "lastName": rest.title() or "Account",
                "login": login,
                "email": login.title(),
                "mobilePhone": None,
                **profile,
            },
            "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        }
        self.factors[one] = []
        return one

    def add_factor(
        self, user: str, kind: str, made: datetime, *, status: str = "ACTIVE", provider: str = "OKTA"
    ) -> None:
        one = self.new_id("ufs")
        self.factors[user].append(
            {
                "id": one,
                "factorType": kind,
                "provider": provider,
                "vendorName": provider,
                "status": status,
                "created": stamp(made),
                "lastUpdated": stamp(made),
            }
        )

    def change_status(self, user: str, status: str, at: datetime) -> None:
        """Another status, and what the log says of it."""
        person = self.users[user]
        person |= {"status": status, "statusChanged": stamp(at), "lastUpdated": stamp(at)}
        words = {"DEPROVISIONED": "deactivate", "SUSPENDED": "suspend", "ACTIVE": "activate"}
        self.log(f"user.lifecycle.{words[status]}", at, targets=[self.as_target(user)])

    def delete_user(self, user: str, at: datetime) -> None:
        target = self.as_target(user)
        self.log("user.lifecycle.delete.initiated", at, targets=[target])
        self.log("user.lifecycle.delete.completed", at + timedelta(seconds=1), targets=[target])
        del self.users[user]
        del self.factors[user]
        for members in self.members.values():
            if user in members:
                members.remove(user)

    def as_target(self, user: str) -> Json:
        profile = self.users[user]["profile"]
        return {
            "id": user,
            "type": "User",
            "alternateId": profile["login"],
            "displayName": f"{profile['firstName']} {profile['lastName']}",
        }

    def log(self, kind: str, at: datetime, *, targets: list[Json], actor: Json | None = None, **more: Any) -> Json:
        """An event; `late` is how long it takes to get into the log."""
        late: timedelta = more.pop("late", timedelta())
        number = len(self.events) + 1
        event: Json = {
            "uuid": f"{number:08x}-0000-4000-8000-{number:012x}",
            "published": stamp(at),
            "eventType": kind,
            "version": "0",
            "severity": more.pop("severity", "INFO"),
            "displayMessage": kind.replace(".", " "),
            "actor": actor
            or {
                "id": "00u00000000000000001",
                "type": "User",
                "alternateId": "ada.admin@northwind.example",
                "displayName": "Ada Admin",
            },
            "outcome": {"result": more.pop("result", "SUCCESS")},
            "target": targets,
            "transaction": {"type": "WEB", "id": f"trn{number:020d}", "detail": {}},
            "debugContext": {"debugData": {"requestUri": "/api/v1/users"}},
        }
        self.events.append(event)
        if late:
            self.shown_at[event["uuid"]] = at + late
        return event
