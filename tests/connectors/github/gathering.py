"""Collects with the GitHub connector as the product does, from a GitHub on loopback."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from connectors.github.settings import GithubSettings
from tests.connectors.gathering import Gathered, collected, loaded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Connector
    from collector.model import Window
    from tests.doubles.github.process import GithubDouble

__all__ = ["NORTHWIND", "Gathered", "connector", "gather", "gathered"]

NORTHWIND = "northwind"


def connector() -> Connector:
    """With every evidence type it has."""
    return loaded("github")


def gathered(
    double: GithubDouble,
    *evidence: str,
    settings: Mapping[str, Any] | None = None,
    window: Window | None = None,
    probe: bool = False,
    threads: int = 4,
) -> list[Gathered]:
    """The snapshots of these evidence types, of one run; by the owner's token unless the settings say otherwise."""
    outside = Outside(lambda: datetime.now(UTC), lambda *_: time.sleep(0.001), {"GITHUB_TOKEN": double.token})
    made = GithubSettings(**{"base_url": double.url, "organisations": (NORTHWIND,), "attempts": 2, **(settings or {})})
    return collected(connector(), evidence, made, outside, window=window, probe=probe, threads=threads)


def gather(double: GithubDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
