"""Make a simulated year: `python -m tests.doubles.year FOLDER [--seed N] [--days N]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.doubles.year import almanac
from tests.doubles.year.build import build


def main() -> None:
    """Build it, and print the figures."""
    given = argparse.ArgumentParser(prog="python -m tests.doubles.year", description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--days", type=int, default=almanac.DAYS, help="only the first so many days")
    asked = given.parse_args()
    made = build(asked.folder.resolve(), asked.seed, asked.days, say)
    say(
        f"{made.days} days, {made.runs} runs ({made.outcomes}), {made.leaves} leaves, {made.bytes:,} bytes; "
        f"{made.seconds:.0f} s, of these {made.processor_seconds:.0f} s of one processor"
    )


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
