"""Collects one evidence type from a GitHub on loopback, as the product does."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.plan import plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.github.settings import GithubSettings

TOKEN = "ghp_" + "a1b2c3d4e5f6" * 3


class Gathered(NamedTuple):
    """What one evidence type gave."""

    rows: list[dict[str, Any]]
    causes: list[str]
    complete: bool
    kept: bytes
    """Every body that was kept."""


def gathered(url: str, evidence: str, *, organisation: str, token: str = TOKEN) -> Gathered:
    """The rows and gaps of one evidence type."""
    (github,) = load(["github"])[0].values()
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    chosen = [github.types[evidence]]
    outside = Outside(lambda: datetime.now(UTC), lambda *_: time.sleep(0.001), {"GITHUB_TOKEN": token})
    with Pool(4) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen))
        settings = GithubSettings(base_url=url, organisations=(organisation,), attempts=2)
        connection = github.sign_in(settings, outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"github": connection.home()}, outside.clock())
            (snapshot,) = collect(tasks, {"github": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    rows = [canonical.decode(line) for line in kept[snapshot.records.sha256].splitlines()]
    causes = [gap.cause.value for gap in snapshot.gaps]
    return Gathered(rows, causes, snapshot.complete, b"".join(kept.values()))
