"""Where the calls of each subscription go: every one has quotas of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.source.rest.base import Base
    from collector.source.rest.client import Ask, Call, Client


class BySubscription:
    """Makes calls, and keeps one pace for each subscription: Resource Manager counts reads by subscription."""

    def __init__(self, client: Callable[[Base], Client]) -> None:
        """`client` makes one for an address: Resource Manager's or Graph's."""
        self._client = client
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}

    def call(self, ask: Ask) -> Call:
        """What sending it came to."""
        parts = ask.url.path.lower().split("/")
        whose = parts[parts.index("subscriptions") + 1] if "subscriptions" in parts[:-1] else ""
        with self._lock:
            known = f"{ask.base} {whose}"
            if known not in self._clients:
                self._clients[known] = self._client(ask.base)
            client = self._clients[known]
        return client.call(ask)
