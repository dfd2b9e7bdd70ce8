"""The first leaf of a log: what it is, and which keys speak for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.notes import VerifierKey

if TYPE_CHECKING:
    from datetime import datetime

    from collector.archive.segment import Segment

KIND = "genesis"
FORMAT = "evidence-collector/archive/v1"
_CREATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)")


@dataclass(frozen=True, slots=True)
class Genesis:
    """The log `origin`, started at `created` (RFC 3339, UTC), and the keys that sign its segments and tree heads."""

    origin: str
    created: str
    collector: VerifierKey
    log: VerifierKey

    @classmethod
    def at(cls, collector: VerifierKey, log: VerifierKey, at: datetime) -> Genesis:
        """The genesis of a log that starts at an instant (with time zone)."""
        return cls(log.name, instant(at), collector, log)

    def encode(self) -> bytes:
        """The leaf."""
        return canonical.encode(
            {
                "kind": KIND,
                "format": FORMAT,
                "origin": self.origin,
                "created": self.created,
                "collector_key": str(self.collector),
                "log_key": str(self.log),
            }
        )

    @classmethod
    def of(cls, segment: Segment) -> Genesis:
        """The genesis that a log's first segment holds; ValueError when it holds none."""
        return cls.decode(segment.leaves[0] if segment.leaves else b"null")

    @classmethod
    def decode(cls, leaf: bytes) -> Genesis:
        """The genesis in a leaf; ValueError when it is none, or of a format this program does not know."""
        match canonical.parse(leaf):
            case {
                "kind": "genesis",
                "format": str(written),
                "origin": str(origin),
                "created": str(created),
                "collector_key": str(collector),
                "log_key": str(log),
            }:
                if written != FORMAT:
                    raise ValueError(f"the archive's format is {written!r}; this program reads {FORMAT!r}")
                first = cls(origin, created, VerifierKey.parse(collector), VerifierKey.parse(log))
                if first.log.name != origin:
                    raise ValueError(f"the log's key is named {first.log.name}, not {origin}")
                if first.collector.name != f"{origin}/collector":
                    raise ValueError(f"the collector's key is named {first.collector.name}, not {origin}/collector")
                if not _CREATED.fullmatch(created):
                    raise ValueError(f"the genesis was created at {created!r}, which is no time in UTC (RFC 3339)")
                return first
            case _:
                raise ValueError("the first leaf is not a genesis")


def instant(at: datetime) -> str:
    """An instant (with time zone) as the archive's own leaves write it: RFC 3339, UTC, whole seconds."""
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
