"""Collects with the Workspace connector as the product does, from a Google on loopback."""

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
from collector.plan import Task, continued, plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.workspace.settings import WorkspaceSettings
from tests.connectors.github.gathering import Gathered
from tests.doubles.workspace.estate import ADMINISTRATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from collector.model import Window
    from collector.slots import Series
    from tests.doubles.workspace.server import WorkspaceDouble

__all__ = ["Gathered", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    found, broken = load(["gws"])
    assert not broken
    return found["gws"]


def gathered(
    double: WorkspaceDouble,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    window: Window | None = None,
    reached: Mapping[Series, datetime] | None = None,
    ahead: timedelta = timedelta(),
    probe: bool = False,
    environment: Mapping[str, str] | None = None,
) -> list[Gathered]:
    """The snapshots of these evidence types, of one run. Whatever Google does not describe fails the test."""
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    gws = connector()
    chosen = [gws.types[one] for one in evidence]
    outside = Outside(lambda: datetime.now(UTC) + ahead, lambda *_: time.sleep(0.001), environment or {})
    with tempfile.TemporaryDirectory() as folder, Pool(4) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        told = {
            "subject": ADMINISTRATOR,
            "base_url": double.url,
            "attempts": 2,
            "program_accounts": tuple(double.manifest["programs"]),
            "credentials_file": double.tokens.key_file(Path(folder)),
        }
        connection = gws.sign_in(WorkspaceSettings(**{**told, **(settings or {})}), outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"gws": connection.home()}, outside.clock())
            tasks = continued(tasks, reached or {})
            if window is not None:
                tasks = [Task(one.evidence, one.scope, one.window and window) for one in tasks]
            snapshots = collect(tasks, {"gws": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    assert not double.complaints, double.complaints
    return [
        Gathered(
            one,
            [canonical.decode(line) for line in kept[one.records.sha256].splitlines()],
            [canonical.decode(line) for line in kept[one.exchanges.sha256].splitlines()],
            kept,
        )
        for one in snapshots
    ]


def gather(double: WorkspaceDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
