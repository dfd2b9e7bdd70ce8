"""Where the calls of each subscription go: every one has quotas of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.source.rest.client import Ask, Call, Client


class BySubscription:
    """Makes calls, and keeps one pace for each subscription: Resource Manager counts reads by subscription."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}

    def call(self, ask: Ask) -> Call:
        """What sending it came to."""
        parts = ask.url.path.lower().split("/")
        whose = parts[parts.index("subscriptions") + 1] if "subscriptions" in parts[:-1] else ""
        with self._lock:
            client = self._clients.setdefault(whose, self._client())
        return client.call(ask)
