"""Collects with the Azure connector as the product does, from a tenant on loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.plan import Task, plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.azure.settings import AzureSettings
from tests.doubles.arm.tenant import TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from collector.connector import Connector
    from collector.model import Snapshot, Window
    from tests.doubles.arm.tenant import Tenant


def connector() -> Connector:
    """With every evidence type it has."""
    found, broken = load(["azure"])
    assert not broken, broken
    return found["azure"]


@dataclass(frozen=True)
class Gathered:
    """One snapshot, its rows by table, and every byte that was kept."""

    snapshot: Snapshot
    rows: list[dict[str, Any]]
    exchanges: list[dict[str, Any]]
    kept: Mapping[str, bytes] = field(repr=False)

    @property
    def causes(self) -> list[str]:
        return [gap.cause.value for gap in self.snapshot.gaps]

    def table(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["table"] == name]

    def by(self, column: str, table: str) -> dict[str, dict[str, Any]]:
        return {row[column]: row for row in self.table(table)}


class Time:
    """The tenant's clock; a sleep moves the collector's own, and nobody waits."""

    def __init__(self, now: datetime) -> None:
        self.at = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


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
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    azure = connector()
    chosen = [azure.types[one] for one in evidence or sorted(azure.types)]
    clock = time or Time(tenant.now)
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
    with Pool(threads) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        connection = azure.sign_in(made, outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"azure": connection.home()}, outside.clock())
            if window is not None:
                tasks = [Task(one.evidence, one.scope, one.window and window) for one in tasks]
            snapshots = collect(tasks, {"azure": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    return [
        Gathered(
            one,
            [canonical.decode(line) for line in kept[one.records.sha256].splitlines()],
            [canonical.decode(line) for line in kept[one.exchanges.sha256].splitlines()],
            kept,
        )
        for one in snapshots
    ]


def gather(tenant: Tenant, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(tenant, evidence, **how)
    return found
