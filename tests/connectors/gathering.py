"""Collects with a connector as the product does. What is each provider's own: its double, its settings, its clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.plan import Task, continued, plan, shared_needs
from collector.redact import Redactor
from collector.registry import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from collector.connector import Connector
    from collector.model import Snapshot, Window
    from collector.slots import Series


def loaded(provider: str) -> Connector:
    """The connector with every evidence type it has."""
    found, broken = load([provider])
    assert not broken, broken
    return found[provider]


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
    """The double's clock; a sleep moves the collector's own, and nobody waits."""

    def __init__(self, now: datetime) -> None:
        self.at = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


def collected(
    connector: Connector,
    evidence: Iterable[str],
    settings: object,
    outside: Outside,
    *,
    window: Window | Callable[[], Window] | None = None,
    reached: Mapping[Series, datetime] | None = None,
    probe: bool = False,
    threads: int = 4,
) -> list[Gathered]:
    """The snapshots of these evidence types, of one run; of populations, over `window` where one is given."""
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    name, chosen = connector.provider, [connector.types[one] for one in evidence]
    with Pool(threads) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        connection = connector.sign_in(settings, outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {name: connection.home()}, outside.clock())
            tasks = continued(tasks, reached or {})
            if window is not None:
                over = window() if callable(window) else window
                tasks = [Task(one.evidence, one.scope, one.window and over) for one in tasks]
            snapshots = collect(tasks, {name: connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()

    def lines(sha256: str) -> list[dict[str, Any]]:
        return [canonical.decode(line) for line in kept[sha256].splitlines()]

    return [Gathered(one, lines(one.records.sha256), lines(one.exchanges.sha256), kept) for one in snapshots]
