"""A writer in a process of its own. Usage: writer.py EVIDENCE KEYS NAME RUNS [DIE_AT BEFORE|AFTER [REPEATS]]

Commits RUNS runs and prints the name of each once it is acknowledged. EVIDENCE is a directory or a URL. With
DIE_AT (not negative; directories only), ends without any clean-up at that put: just before or just after the store does
it. REPEATS makes a run large, or small.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.places import store_at
from collector.errors import ArchiveError, ForkError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.archive.store import Store

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TRIES = 10
Answer = TypeVar("Answer")


class MortalStore(LocalStore):
    left = -1
    after = False

    def put_if_absent(self, key: str, content: bytes) -> bool:
        self.left -= 1
        if self.left == -1 and not self.after:
            os._exit(9)
        stored = super().put_if_absent(key, content)
        if self.left == -1:
            os._exit(9)
        return stored


def again(act: Callable[[], Answer]) -> Answer:
    """What `act` returns, done again when the store gave up: a server on a busy machine may not answer in time."""
    for _ in range(TRIES - 1):
        try:
            return act()
        except (TamperedError, ForkError):
            raise
        except ArchiveError:
            continue
    return act()


def place(evidence: str, die_at: int, *, after: bool) -> Store:
    if die_at < 0:
        return store_at(evidence, 30, lambda: datetime.now(UTC), os.environ)
    store = MortalStore(Path(evidence))
    store.left, store.after = die_at, after
    return store


def main(
    evidence: str, keys: str, name: str, runs: str, die_at: str = "-1", side: str = "", repeats: str = "300000"
) -> None:
    store = place(evidence, int(die_at), after=side == "AFTER")
    held = Keys.load(Path(keys))
    if not again(lambda: any(store.list("log/"))):
        Archive.create(store, held, AT)
    archive = again(lambda: Archive.open(store, held))
    for number in range(int(runs)):
        run = f"{name}-{number}"
        with again(lambda: archive.stage(AT)) as staging:
            small = staging.put(f"small {run}\n".encode())
            large = staging.put(run.encode() * int(repeats))
            leaf = {"kind": "note", "name": run, "small": {"sha256": small}, "sha256": large}
            again(lambda: archive.append([leaf], staging))  # noqa: B023 - called here and now
        sys.stdout.write(f"{run}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
