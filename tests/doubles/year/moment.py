"""Tells a double of the year what time it is."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


def tell(endpoint: str, moment: datetime, **more: object) -> dict[str, Any]:
    """Set its time, and hand it what has come about since; what it answers."""
    body = json.dumps({"now": moment.isoformat(), **more}).encode()
    request = urllib.request.Request(f"{endpoint}/_year/now", body, method="POST")  # noqa: S310 - ours
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as response:
        answered: dict[str, Any] = json.load(response)
        return answered
