"""How long the subscriptions of a large tenant take: `python -m benchmarks.azure`.

Every evidence type is read in every subscription, each answer as late as the option says, and all rules that judge
Azure judge it: what is planted must be found, and nothing else. No time is ever asserted; what counts is the ratio to
the bound that the requests themselves set.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.connectors.azure.gathering import gathered
from tests.connectors.azure.judging import judged
from tests.doubles.arm.plants import PLANTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.connectors.azure.gathering import Gathered
    from tests.doubles.arm.tenant import Tenant


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect once from a double in a process of its own, then judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=120)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--threads", type=int, default=16)
    asked = parser.parse_args(arguments)
    now = datetime.now(UTC).replace(microsecond=0)
    command = [sys.executable, "-m", "tests.doubles.arm", "--subscriptions", str(asked.subscriptions)]
    command += ["--latency-ms", str(asked.latency_ms), "--now", now.isoformat()]
    # The command is this interpreter and our own words.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101 - it was asked for
        assert process.stdout is not None  # noqa: S101 - it was asked for
        try:
            told = json.loads(process.stdout.readline())
            tenant = cast("Tenant", SimpleNamespace(now=now, double=SimpleNamespace(url=told["url"])))
            begun = time.monotonic()
            found = gathered(tenant, settings={"attempts": 6, "reserve_percent": 20}, threads=asked.threads)
            seconds = time.monotonic() - begun
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            process.stdin.write("counts\n")
            process.stdin.flush()
            seen: dict[str, Any] = json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
    bound = seen["requests"] * asked.latency_ms / 1000 / asked.threads
    _say(f"{asked.subscriptions} subscriptions, {len(found)} snapshots, {sum(len(one.rows) for one in found)} records")
    _say(f"  complete {all(one.snapshot.complete for one in found)}, complaints {len(seen['complaints'])}")
    _say(f"  requests {seen['requests']}, of them {seen['graph']} to Resource Graph")
    _say(f"  wall time {seconds:.0f} s;  bound {bound:.0f} s (requests x latency / threads)")
    _say(f"  ratio {seconds / bound:.2f}")
    _say(f"  peak memory after collecting, every kept answer included: {memory:.0f} MB")
    _judge(found, told["planted"])


def _judge(found: Sequence[Gathered], planted: Mapping[str, Sequence[str]]) -> None:
    """What is planted and not found, and what is found and not planted."""
    missed = invented = 0
    for control in sorted(set(PLANTS.values())):
        verdicts = judged(found, control)
        deviations = [key for key, (outcome, _) in verdicts.items() if outcome == "deviation"]
        # Where a log is missing, the subscription is what was planted.
        seen = {unit if control == "LOG-01" else item for unit, item in deviations}
        wanted = {item for name, items in planted.items() if PLANTS[name] == control for item in items}
        missed += len(wanted - seen)
        invented += len(deviations) - len(wanted & seen)
    total = sum(len(items) for items in planted.values())
    _say(f"  planted {total} in {len(planted)} ways: missed {missed}, invented {invented}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command of this repository's own


if __name__ == "__main__":
    main()
