"""Spoils GitHub's answers for some minutes, and says what came of it: `python -m benchmarks.fuzz_rest --minutes 10`.

Every evidence type is read from recorded answers of the double over real HTTP, of which one to four are spoilt each
time: cut, garbled, refused, of another kind or shape, without their end mark, with single values of any kind. What
counts as found is said in `tests/fuzzing/hunt.py`; with anything found the program ends with 1. The same seed spoils
the same answers again.
"""

from __future__ import annotations

import argparse
import sys
import time

import structlog

from tests.fuzzing.hunt import Tally, hunting

_AT_ONCE = 25


def main() -> int:
    """Hunt, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    tally, seed = Tally(), given.seed
    with hunting() as hunt:
        last = time.monotonic() + given.minutes * 60
        while time.monotonic() < last:
            hunt.go(seed, _AT_ONCE, tally)
            seed += 1
    say(
        f"{tally.tries} snapshots of {len(hunt.usual)} evidence types, {tally.spoilt} spoilt answers, "
        f"seeds {given.seed} to {seed - 1}"
    )
    say(f"complete all the same {tally.complete}, of these with other values {tally.told_otherwise}")
    say("causes      " + ", ".join(f"{name} {count}" for name, count in tally.causes.most_common()))
    say("mutations   " + ", ".join(f"{name} {count}" for name, count in tally.mutations.most_common()))
    say(f"found       {len(tally.found)}")
    for one in tally.found:
        say(f"  {one}")
    return 1 if tally.found else 0


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
