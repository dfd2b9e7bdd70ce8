"""Answers read before, with their ETags, for a provider that says "304, as before".

Nothing is ever answered from here without asking. It lives as long as whoever made it, and holds a bounded amount.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.source.rest.wire import Reply

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it came, under its ETag."""

    etag: str
    reply: Reply


class Memory:
    """The newest answers by address, as many as there is room for."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Remembered] = OrderedDict()
        self._size = 0

    def recall(self, url: str) -> Remembered | None:
        """What the address answered last, if that is still held."""
        with self._lock:
            if url in self._held:
                self._held.move_to_end(url)
            return self._held.get(url)

    def remember(self, url: str, reply: Reply) -> None:
        """Hold an answer that has an ETag; what was used longest ago makes room."""
        etag = reply.headers.get("etag")
        with self._lock:
            if known := self._held.pop(url, None):
                self._size -= len(known.reply.body)
            if etag and len(reply.body) <= self._most_bytes:
                self._held[url] = Remembered(etag, reply)
                self._size += len(reply.body)
            while self._size > self._most_bytes:
                _, oldest = self._held.popitem(last=False)
                self._size -= len(oldest.reply.body)
