"""Certificates that Google shows for a company: those of load balancers, and those of Certificate Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Credential
from connectors.gcp.moments import moment

if TYPE_CHECKING:
    from connectors.gcp.inventory import Asset

_STATES = {
    "ACTIVE": "active",
    "FAILED": "failed",
    "PROVISIONING_FAILED": "failed",
    "PROVISIONING_FAILED_PERMANENTLY": "failed",
    "RENEWAL_FAILED": "failed",
}
"""Of one that Google issues and renews itself. One that it is at work on is neither."""


def of_load_balancer(one: Asset, proxy: Asset | None) -> Credential:
    """One that belongs to Compute Engine, and the proxy that shows it."""
    managed = one.data.get("managed")
    return Credential(
        key=one.name,
        seen=[one.seen, *([proxy.seen] if proxy else [])],
        credential_id=one.name,
        principal_id=proxy.name if proxy else None,
        kind="certificate",
        status=_state(one, managed.get("status") if managed else None),
        created_at=moment(one.data.get("creationTimestamp")),
        expires_at=moment(one.data.get("expireTime")),
    )


def of_manager(one: Asset) -> Credential:
    """One that Certificate Manager keeps, and what it says uses it: proxies, and entries of maps."""
    managed = one.data.get("managed") or one.data.get("managedIdentity")
    users = sorted(str(user.get("name") or "").removeprefix("//") for user in one.data.get("usedBy") or ())
    return Credential(
        key=one.name,
        seen=[one.seen],
        credential_id=one.name,
        principal_id=", ".join(users) or None,
        kind="certificate",
        status=_state(one, managed.get("state") if managed else None),
        created_at=moment(one.data.get("createTime")),
        expires_at=moment(one.data.get("expireTime")),
    )


def _state(one: Asset, said: str | None) -> str | None:
    """One that the company brought and renews itself is in force as long as it is there."""
    brought = bool(one.data) and not one.data.keys() & {"managed", "managedIdentity"}
    return "active" if brought else _STATES.get(said or "")
