"""Collects with the Google Cloud connector as the product does, from a Google on loopback."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from collector.model import Window
from connectors.gcp.settings import GcpSettings
from tests.connectors.gathering import Gathered, collected, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from tests.doubles.gcp.server import GcpDouble

__all__ = ["Gathered", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    return loaded("gcp")


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
    gcp = connector()
    outside = Outside(lambda: datetime.now(UTC), lambda *_: time.sleep(0.001), environment or {})

    def window() -> Window:
        now = outside.clock()
        return Window(now - timedelta(days=days), now)

    with tempfile.TemporaryDirectory() as folder:
        told = {"base_url": double.url, "attempts": 2, "credentials_file": double.tokens.key_file(Path(folder))}
        made = GcpSettings(**{**told, **(settings or {})})
        found = collected(gcp, evidence or gcp.types, made, outside, window=window, probe=probe)
    assert not judged or not double.complaints, double.complaints
    return found


def gather(double: GcpDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
