"""Collects with the Workspace connector as the product does, from a Google on loopback."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from connectors.workspace.settings import WorkspaceSettings
from tests.connectors.gathering import Gathered, collected, loaded
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
    return loaded("gws")


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
    outside = Outside(lambda: datetime.now(UTC) + ahead, lambda *_: time.sleep(0.001), environment or {})
    with tempfile.TemporaryDirectory() as folder:
        told = {
            "subject": ADMINISTRATOR,
            "base_url": double.url,
            "attempts": 2,
            "program_accounts": tuple(double.manifest["programs"]),
            "credentials_file": double.tokens.key_file(Path(folder)),
        }
        made = WorkspaceSettings(**{**told, **(settings or {})})
        found = collected(connector(), evidence, made, outside, window=window, reached=reached, probe=probe)
    assert not double.complaints, double.complaints
    return found


def gather(double: WorkspaceDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
