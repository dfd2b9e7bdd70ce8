"""Collects with the Google Cloud connector as the product does, from a Google on loopback."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.model import Window
from collector.plan import Task, plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.gcp.settings import GcpSettings
from tests.connectors.github.gathering import Gathered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from tests.doubles.gcp.server import GcpDouble

__all__ = ["Gathered", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    found, broken = load(["gcp"])
    assert not broken
    return found["gcp"]


def gathered(
    double: GcpDouble,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    days: int = 10,
    probe: bool = False,
    environment: Mapping[str, str] | None = None,
    judged: bool = True,
) -> list[Gathered]:
    """The snapshots of these evidence types, of one run. Whatever Google does not describe fails the test."""
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    gcp = connector()
    chosen = [gcp.types[one] for one in evidence or gcp.types]
    outside = Outside(lambda: datetime.now(UTC), lambda *_: time.sleep(0.001), environment or {})
    with tempfile.TemporaryDirectory() as folder, Pool(4) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        told = {"base_url": double.url, "attempts": 2, "credentials_file": double.tokens.key_file(Path(folder))}
        connection = gcp.sign_in(GcpSettings(**{**told, **(settings or {})}), outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"gcp": connection.home()}, outside.clock())
            now = outside.clock()
            window = Window(now - timedelta(days=days), now)
            tasks = [Task(one.evidence, one.scope, one.window and window) for one in tasks]
            snapshots = collect(tasks, {"gcp": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    assert not judged or not double.complaints, double.complaints
    return [
        Gathered(
            one,
            [canonical.decode(line) for line in kept[one.records.sha256].splitlines()],
            [canonical.decode(line) for line in kept[one.exchanges.sha256].splitlines()],
            kept,
        )
        for one in snapshots
    ]


def gather(double: GcpDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
