"""The made-up tenant as a process of its own: it prints its address, and how many requests came when it is asked."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime

from tests.doubles.arm.tenant import running_tenant


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=4)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--now", type=datetime.fromisoformat, required=True)
    asked = parser.parse_args()
    latency = asked.latency_ms / 1000
    with running_tenant(asked.subscriptions, now=asked.now, latency=latency) as tenant:
        print(json.dumps({"url": tenant.double.url, "planted": tenant.planted}), flush=True)  # noqa: T201 - how whoever started it learns where it is
        for _ in sys.stdin:
            graph = sum(method == "POST" and path.endswith("/resources") for method, path in tenant.answered)
            seen = {"requests": len(tenant.answered), "graph": graph, "complaints": tenant.double.complaints}
            print(json.dumps(seen), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
