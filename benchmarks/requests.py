"""How many requests a run makes as its archive grows: `python -m benchmarks.requests`.

Runs of one synthetic provider (`--scopes`) are committed one after the other, an hour apart, each by a program that has
just opened the archive. The store is a directory; what is counted does not depend on it, but the read-back of a lock,
which a directory does not have, adds about five lists and ten gets to each run in a bucket, and a list of its log: one
page for every 1,000 objects there, which is 250 runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import structlog

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.traffic import CountedStore
from collector.prices import LIST_PRICES, estimate
from tests.doubles.many import HOUR, QUARTER, run_of

SHOWN = (1, 2, 10, 24, 25, 50, 100, 250, 500, 1_000, 2_000)


def main() -> None:
    """Make the runs, print a line for some of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--scopes", type=int, default=20)
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    say("run", "puts", "gets", "lists", "sent", "received", "a month, daily")
    with tempfile.TemporaryDirectory(prefix="requests-") as folder:
        keys, store = Keys.create(Path(folder, "keys"), "example.com/evidence"), LocalStore(Path(folder, "evidence"))
        Archive.create(store, keys, QUARTER)
        for number in range(1, given.runs + 1):
            counted = CountedStore(store)
            run_of(given.scopes, counted, keys, QUARTER + number * HOUR)
            if number in SHOWN or number == given.runs:
                one = counted.traffic
                cost = estimate(LIST_PRICES["s3"], puts=one.puts + one.lists, gets=one.gets, stored=one.sent)
                dollars = f"${cost.requests + cost.storage:.4f}"
                say(str(number), *map(str, (one.puts, one.gets, one.lists, one.sent, one.received)), dollars)


def say(*cells: str) -> None:
    """One line of the table."""
    sys.stdout.write("".join(f"{cell:>12}" for cell in cells) + "\n")


if __name__ == "__main__":
    main()
