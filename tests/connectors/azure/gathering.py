"""Collects with the Azure connector as the product does, from a tenant on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from connectors.azure.settings import AzureSettings
from tests.connectors.gathering import Gathered, Time, collected, loaded
from tests.doubles.arm.tenant import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from collector.model import Window
    from tests.doubles.arm.tenant import Tenant

__all__ = ["Gathered", "Time", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    return loaded("azure")


def gathered(
    tenant: Tenant,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    window: Window | None = None,
    probe: bool = False,
    time: Time | None = None,
    environment: Mapping[str, str] | None = None,
    threads: int = 4,
) -> list[Gathered]:
    """The snapshots of these evidence types, or of all, of one run; by a token that is given unless settings differ."""
    azure, clock = connector(), time or Time(tenant.now)
    outside = Outside(clock.now, clock.sleep, {"AZURE_TOKEN": TOKEN, **(environment or {})})
    made = AzureSettings(
        **{
            "base_url": tenant.double.url,
            "sign_in": "token",
            "attempts": 2,
            "timeout_seconds": 5,
            "reserve_percent": 0,
            **(settings or {}),
        }
    )
    wanted = evidence or sorted(azure.types)
    return collected(azure, wanted, made, outside, window=window, probe=probe, threads=threads)


def gather(tenant: Tenant, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(tenant, evidence, **how)
    return found
