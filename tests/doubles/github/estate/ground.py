"""What every part of the seeding stands on: the organisation, numbers, chance and moments."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.github.estate.nouns import Organisation
    from tests.doubles.github.estate.size import Size

GUARDED, RULED, LENIENT, BARE = "guarded", "ruled", "lenient", "bare"
EMERGENCY = "emergency"


@dataclass(slots=True)
class Ground:
    """The ground. `regimes` says how each repository that is worked in is guarded."""

    org: Organisation
    size: Size
    seed: int
    manifest: Manifest = field(default_factory=Manifest)
    regimes: dict[str, str] = field(default_factory=dict)
    _ids: defaultdict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(lambda: itertools.count(1001)))

    def id(self, kind: str) -> int:
        """The next number of a kind; small enough for GraphQL's 32-bit databaseId."""
        return next(self._ids[kind])

    def chance(self, *part: object) -> random.Random:
        """A source of chance of its own for each part, so that one part's draws leave the others' as they were."""
        return random.Random("/".join(map(str, (self.seed, *part))))  # noqa: S311 - repeatable, on purpose

    def sha(self, *of: object) -> str:
        """A commit's or a blob's name."""
        return hashlib.sha1("/".join(map(str, (self.seed, *of))).encode(), usedforsecurity=False).hexdigest()

    def ago(self, **span: float) -> datetime:
        """A moment before the end."""
        return self.org.end - timedelta(**span)

    def full(self, repo: str) -> str:
        """OWNER/NAME."""
        return f"{self.org.login}/{repo}"

    def worked_in(self, *regimes: str) -> list[str]:
        """The repositories under these regimes, in their order."""
        return [name for name, regime in self.regimes.items() if regime in regimes]
