"""How many requests GitHub's changes take, and how near that is to the least: `python -m benchmarks.github`.

The connector reads a year of the double's big organisation: 60 repositories, 3,000 pull requests. The least is what no
reader of the same facts could go below: each list in pages as large as GitHub answers them (50 pull requests with their
reviews and checks; 100 of anything else), each number that no list has asked for once, and once the checks of each
change whose first answer does not settle them. What is above that is looking again: whether a list moved while it was
read.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from math import ceil

import structlog

from connectors.github.change_operations import CHECKS, ISSUE, PULLS, REVIEWS
from connectors.github.pull_requests import PAGE_SIZE
from connectors.github.shared_operations import ISSUES, REPOSITORIES, REPOSITORY_HEADS
from tests.connectors.github.gathering import gather
from tests.doubles.github.estate.size import SIZES
from tests.doubles.github.process import running_github

_PAGE = 100


def main() -> None:
    """Read, count, and print a line for each operation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=sorted(SIZES), default="big")
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with running_github(given.size) as double:
        found = gather(double, "github.pulls.merged")
        repositories = double.manifest["repositories"]
    if not found.snapshot.complete:
        sys.exit(f"not read whole: {found.snapshot.gaps}")
    made = Counter(one["operation"] for one in found.exchanges)
    merged = [len(one["pulls"]["merged"]) for one in repositories if not one["empty"]]
    numbers = [one["highest_number"] - len(one["deleted_numbers"]) for one in repositories if not one["empty"]]
    least = {
        REPOSITORIES: ceil(len(repositories) / _PAGE),
        REPOSITORY_HEADS: ceil(len(repositories) / _PAGE),
        PULLS: sum(ceil(one / PAGE_SIZE) for one in merged),
        REVIEWS: made[REVIEWS],
        CHECKS: made[CHECKS],
        ISSUES: sum(ceil(one / _PAGE) for one in numbers),
        ISSUE: made[ISSUE],
    }
    changes = len(found.table("change"))
    say("operation", "made", "least")
    for name in sorted({*made, *least}, key=lambda one: -made[one]):
        say(name, str(made[name]), str(least.get(name, 0)))
    asked, needed = sum(made.values()), sum(least.values())
    say("all", str(asked), str(needed))
    say(f"for each 1,000 of {changes} changes", f"{asked * 1000 / changes:.0f}", f"{needed * 1000 / changes:.0f}")
    say("of the least", f"{asked / needed:.2f}", "1.00")


def say(name: str, made: str, least: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{name:<58}{made:>8}{least:>8}\n")


if __name__ == "__main__":
    main()
