"""A writer in a process of its own. Usage: writer.py EVIDENCE KEYS NAME RUNS [DIE_AT BEFORE|AFTER]

Commits RUNS runs and prints the name of each once it is acknowledged. With DIE_AT, ends without any clean-up at that
put: just before or just after the store does it.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


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


def main(evidence: str, keys: str, name: str, runs: str, die_at: str = "-1", side: str = "") -> None:
    store = MortalStore(Path(evidence))
    store.left, store.after = int(die_at) if int(die_at) >= 0 else 1 << 60, side == "AFTER"
    held = Keys.load(Path(keys))
    if not any(store.list("log/")):
        Archive.create(store, held, AT)
    archive = Archive.open(store, held)
    for number in range(int(runs)):
        run = f"{name}-{number}"
        with archive.stage(AT) as staging:
            small = staging.put(f"small {run}\n".encode())
            large = staging.put(run.encode() * 300_000)
            archive.append([{"kind": "note", "name": run, "small": {"sha256": small}, "sha256": large}], staging)
        sys.stdout.write(f"{run}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
