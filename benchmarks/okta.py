"""How long the users of a large Okta org and their factors take: `python -m benchmarks.okta`.

Okta has no list of all factors, so each user is one request, and Okta's limit by the minute decides. No time is ever
asserted: what counts is the ratio to the bound that this limit sets.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.connectors.okta.gathering import gathered
from tests.doubles.okta.clocks import FastClock
from tests.doubles.okta.org import Org
from tests.doubles.okta.server import OktaDouble

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_MINUTE = 1200
"""What Okta publishes for most of its endpoints (Workforce Identity); reading the factors of a user is one of them."""
RESERVE = 20
"""Percent of a limit that the collector leaves to others, by default."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One collection."""

    seconds: float
    """By the clock of both sides."""
    requests: int
    factors: int
    refused: int
    rows: int
    complete: bool


def measure(users: int, latency_ms: float, threads: int, *, limits: bool, speed: float) -> Measured:
    """Collect `okta.users` and `okta.factors` once, from a double in a process of its own."""
    clock = FastClock(speed, datetime.now(UTC))
    command = [sys.executable, "-m", "tests.doubles.okta", "--users", str(users), "--latency-ms", str(latency_ms)]
    command += ["--speed", str(speed), "--start", clock.start.isoformat(), *(["--limits"] if limits else [])]
    # The command is this interpreter and our own words.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101 - it was asked for
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            double = OktaDouble(Org(clock.start), process.stdout.readline().strip())
            begun = time.monotonic()
            found = gathered(
                double, "okta.users", "okta.factors", settings={"attempts": 6, "reserve_percent": RESERVE},
                clock=clock.now, sleep=clock.sleep, threads=threads,
            )  # fmt: skip
            seconds = (time.monotonic() - begun) * speed
            process.stdin.write("counts\n")
            process.stdin.flush()
            seen: dict[str, Any] = json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
    return Measured(
        seconds=seconds,
        requests=seen["requests"],
        factors=seen["by_path"]["factors"],
        refused=seen["refused"],
        rows=sum(len(one.rows) for one in found),
        complete=all(one.snapshot.complete for one in found),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure without the limit, then with it on a clock that runs faster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--speed", type=float, default=2, help="how much faster time passes where the limit is on")
    asked = parser.parse_args(arguments)
    free = measure(asked.users, asked.latency_ms, asked.threads, limits=False, speed=1)
    waiting = free.requests * asked.latency_ms / 1000 / asked.threads
    _show("without a limit", free, waiting, f"requests x {asked.latency_ms:.0f} ms / {asked.threads} threads")
    kept = measure(asked.users, asked.latency_ms, asked.threads, limits=True, speed=asked.speed)
    _show("with the limit", kept, kept.factors / PER_MINUTE * 60, f"factor requests at {PER_MINUTE} a minute")
    mine = kept.factors / (PER_MINUTE * (100 - RESERVE) / 100) * 60
    _say(f"  ratio to the share of it that is the collector's ({100 - RESERVE} %)  {kept.seconds / mine:.2f}")
    _say(f"peak memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _show(title: str, one: Measured, bound: float, how: str) -> None:
    _say(f"{title}: {one.requests} requests, {one.factors} of them for factors; {one.rows} records")
    _say(f"  complete {one.complete}, refused {one.refused}")
    _say(f"  wall time  {one.seconds:.0f} s;  bound  {bound:.0f} s ({how});  ratio  {one.seconds / bound:.2f}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command of this repository's own


if __name__ == "__main__":
    main()
