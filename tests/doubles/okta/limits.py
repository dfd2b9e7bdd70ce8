"""Okta's published limits by the minute (Workforce Identity), and the headers that tell what is left of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

WINDOW = 60
PUBLISHED = (
    (r"/api/v1/apps(/.*)?", 100),
    (r"/api/v1/groups/[^/]+", 1000),
    (r"/api/v1/groups(/.*)?", 500),
    (r"/api/v1/users/[^/]+", 2000),
    (r"/api/v1/users", 600),
    (r"/api/v1/logs", 120),
    (r"/api/v1/devices", 100),
    (r".*", 1200),
)


@dataclass
class Limits:
    """Counts by bucket, in windows of a minute that begin at whole minutes."""

    clock: Callable[[], datetime]
    on: bool = False
    override: dict[str, int] = field(default_factory=dict)
    """Other limits, by the pattern of their bucket."""
    most: dict[str, int] = field(default_factory=dict)
    """The most that was asked of a bucket in any window."""
    refused: int = 0
    _spent: dict[tuple[str, int], int] = field(default_factory=dict)

    def spend(self, path: str) -> tuple[bool, list[tuple[str, str]]]:
        """Whether one more may be asked, and what the headers say."""
        if not self.on:
            return True, []
        pattern, limit = next((p, n) for p, n in PUBLISHED if re.fullmatch(p, path))
        limit = self.override.get(pattern, limit)
        window = int(self.clock().timestamp()) // WINDOW
        spent = self._spent[pattern, window] = self._spent.get((pattern, window), 0) + 1
        self.most[pattern] = max(self.most.get(pattern, 0), min(spent, limit))
        self.refused += spent > limit
        headers = [
            ("X-Rate-Limit-Limit", str(limit)),
            ("X-Rate-Limit-Remaining", str(max(0, limit - spent))),
            ("X-Rate-Limit-Reset", str((window + 1) * WINDOW)),
        ]
        return spent <= limit, headers
