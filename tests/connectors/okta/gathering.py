"""Collects with the Okta connector as the product does, from an org on loopback."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.plan import Task, plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.okta.settings import OktaSettings
from tests.doubles.okta.signing_in import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.connector import Connector
    from collector.model import Snapshot, Window
    from tests.doubles.okta.server import OktaDouble


def connector() -> Connector:
    """With every evidence type it has."""
    found, broken = load(["okta"])
    assert not broken
    return found["okta"]


@dataclass(frozen=True)
class Gathered:
    """One snapshot, its rows, and every byte that was kept."""

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


def gathered(
    double: OktaDouble,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    window: Window | None = None,
    probe: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = lambda *_: time.sleep(0.001),
    threads: int = 4,
) -> list[Gathered]:
    """The snapshots of these evidence types, of one run; by the API token unless the settings say otherwise."""
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    okta = connector()
    chosen = [okta.types[one] for one in evidence or okta.types]
    outside = Outside(clock, sleep, {"OKTA_API_TOKEN": TOKEN})
    made = OktaSettings(**{"base_url": double.url, "attempts": 2, "service_users": ("svc-*",), **(settings or {})})
    with Pool(threads) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        connection = okta.sign_in(made, outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"okta": connection.home()}, outside.clock())
            if window is not None:
                tasks = [Task(one.evidence, one.scope, one.window and window) for one in tasks]
            snapshots = collect(tasks, {"okta": connection}, pool, keep, outside.clock, lambda *_: None)
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


def gather(double: OktaDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
