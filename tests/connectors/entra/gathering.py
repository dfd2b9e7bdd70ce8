"""Collects with the Entra connector as the product does, from a tenant on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from connectors.entra.settings import EntraSettings
from tests.connectors.gathering import Gathered, Time, collected, loaded
from tests.doubles.graph.tenant import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from collector.model import Window
    from tests.doubles.graph.tenant import Tenant

__all__ = ["Gathered", "Time", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    return loaded("entra")


def gathered(
    tenant: Tenant,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    window: Window | None = None,
    probe: bool = False,
    time: Time | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Gathered]:
    """The snapshots of these evidence types, or of all, of one run; by a token that is given unless settings differ."""
    entra, clock = connector(), time or Time(tenant.now)
    outside = Outside(clock.now, clock.sleep, {"ENTRA_TOKEN": TOKEN, **(environment or {})})
    made = EntraSettings(
        **{
            "base_url": tenant.double.url,
            "sign_in": "token",
            "attempts": 2,
            "timeout_seconds": 5,
            "service_accounts": ("svc-*",),
            "break_glass": ("breakglass*",),
            **(settings or {}),
        }
    )
    return collected(entra, evidence or sorted(entra.types), made, outside, window=window, probe=probe)


def gather(tenant: Tenant, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(tenant, evidence, **how)
    return found
