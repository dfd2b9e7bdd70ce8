"""Which requests the double has seen, so that a test can count what a collection costs."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.github.wire import Request

_KEYS = ("operation", "address", "fault", "status")


class Journal:
    """Counts of requests by what they asked and how they were answered; GraphQL ones by their operation's name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str, int]] = Counter()

    def note(self, request: Request, fault: str, status: int) -> None:
        """Count one answered request."""
        with self._lock:
            self._counts[request.operation, request.url().removeprefix(request.base), fault, status] += 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Every kind of request with its count, in the order first seen."""
        with self._lock:
            return [dict(zip(_KEYS, kind, strict=True)) | {"count": count} for kind, count in self._counts.items()]
