"""Counts what an archive asks of its place, for the closing lines of a run and for what they say of its cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.archive.layout import LOG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.store import Store
    from collector.archive.worm import Lock

PAGE = 1_000
"""How many names one request for a list brings at most: S3's and GCS's own limit, and the smallest of all."""
_SETTINGS = 2
"""What a read-back asks about the bucket itself: its versioning, its lock."""


@dataclass(slots=True)
class Traffic:
    """Requests by their kind, and bytes: `sent` with the puts that stored something, `received` with gets.

    What a client repeats by itself after a failure is not seen. A read-back of the lock is counted by what it tells of:
    a list for the log and one for each other object, a get for the settings and one for each object looked at.
    """

    puts: int = 0
    refused: int = 0
    """How many of the puts stored nothing, since the name was taken."""
    gets: int = 0
    lists: int = 0
    sent: int = 0
    received: int = 0


@dataclass(slots=True)
class CountedStore:
    """A store that counts. Used by one thread at a time, as an archive uses its store."""

    store: Store
    traffic: Traffic = field(default_factory=Traffic)
    _logged: int = 0
    """How many objects the log had when it was last listed or put to."""

    def __str__(self) -> str:
        return str(self.store)

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """Counted before the place answers: a put that fails was a request all the same."""
        self.traffic.puts += 1
        stored = self.store.put_if_absent(key, content)
        if stored:
            self.traffic.sent += len(content)
            self._logged += key.startswith(LOG)
        else:
            self.traffic.refused += 1
        return stored

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Counted with the bytes that came."""
        self.traffic.gets += 1
        content = self.store.get(key, start, length)
        self.traffic.received += len(content or b"")
        return content

    def list(self, prefix: str) -> Iterator[str]:
        """Counted page by page, as the names are asked for."""
        seen = 0
        for seen, key in enumerate(self.store.list(prefix), 1):
            if seen % PAGE == 1:
                self.traffic.lists += 1
            yield key
        if seen == 0:
            self.traffic.lists += 1
        if prefix == LOG:
            self._logged = seen

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Counted by what the answer says was looked at; a place without a lock asks nothing of anybody."""
        found = self.store.lock(written)
        looked_at = found.facts.get("looked_at")
        if looked_at is not None:
            others = () if written is None else [key for key in written if not key.startswith(LOG)]
            self.traffic.lists += max(1, -(-self._logged // PAGE)) + len(others)
            self.traffic.gets += _SETTINGS + looked_at
        return found
