"""Which requests the double has seen, so that a test can tell one read from two."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.aws.wire import Call


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of request; two requests with the same input share a digest."""

    service: str
    operation: str
    account: str
    region: str
    digest: str
    fault: str
    status: int


class Journal:
    """Counts of requests by what they asked and how they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Entry] = Counter()

    def note(self, call: Call, fault: str, status: int) -> None:
        """Count one answered request."""
        digest = hashlib.sha256(call.text.encode()).hexdigest()[:16]
        entry = Entry(call.service, call.operation, call.account, call.region, digest, fault, status)
        with self._lock:
            self._counts[entry] += 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._counts.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Every kind of request with its count, in the order first seen."""
        with self._lock:
            return [
                {name: getattr(entry, name) for name in Entry.__slots__} | {"count": count}
                for entry, count in self._counts.items()
            ]
