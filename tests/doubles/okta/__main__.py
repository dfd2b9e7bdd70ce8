"""The org as a process of its own: `python -m tests.doubles.okta`. It ends when its standard input does."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from datetime import datetime

from tests.doubles.okta.clocks import FastClock
from tests.doubles.okta.estate import build
from tests.doubles.okta.limits import Limits
from tests.doubles.okta.server import running_okta


def main() -> None:
    """Serve; for each line that comes, tell what was asked so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=60)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--limits", action="store_true", help="Okta's published limits by the minute")
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--start", required=True, help="where the clock begins")
    asked = parser.parse_args()
    clock = FastClock(asked.speed, datetime.fromisoformat(asked.start))
    with running_okta(build(asked.users, end=clock.start), clock=clock.now) as double:
        double.latency = asked.latency_ms / 1000 / asked.speed
        double.limits = Limits(clock.now, on=asked.limits)
        print(double.url, flush=True)  # noqa: T201 - how whoever started it learns where it is
        for _ in sys.stdin:
            told = {
                "requests": len(double.asked),
                "by_path": Counter(one.path.rpartition("/")[2] for one in double.asked),
                "refused": double.limits.refused,
                "complaints": double.complaints,
            }
            print(json.dumps(told), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
