"""Collects with the Okta connector as the product does, from an org on loopback."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.connector import Outside
from connectors.okta.settings import OktaSettings
from tests.connectors.gathering import Gathered, collected, loaded
from tests.doubles.okta.signing_in import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.connector import Connector
    from collector.model import Window
    from tests.doubles.okta.server import OktaDouble

__all__ = ["Gathered", "connector", "gather", "gathered"]


def connector() -> Connector:
    """With every evidence type it has."""
    return loaded("okta")


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
    okta, outside = connector(), Outside(clock, sleep, {"OKTA_API_TOKEN": TOKEN})
    made = OktaSettings(**{"base_url": double.url, "attempts": 2, "service_users": ("svc-*",), **(settings or {})})
    return collected(okta, evidence or okta.types, made, outside, window=window, probe=probe, threads=threads)


def gather(double: OktaDouble, evidence: str, **how: Any) -> Gathered:
    """The snapshot of one evidence type."""
    (found,) = gathered(double, evidence, **how)
    return found
