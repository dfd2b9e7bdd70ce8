"""The double as a process of its own: `python -m tests.doubles.gcp --projects 400 --latency-ms 50`.

It says where it listens and writes a key file; at each line it reads it says what it has seen, and at the end it ends.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.doubles.gcp.server import running_gcp


def main() -> None:
    """Listen until nobody is there to listen to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=400)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="where the key file goes")
    asked = parser.parse_args()
    with running_gcp(asked.projects) as double:
        double.seconds = asked.latency_ms / 1000
        double.judging = False
        started = {"url": double.url, "key": double.tokens.key_file(asked.folder)}
        print(json.dumps(started), flush=True)  # noqa: T201 - how it is spoken to
        for _ in sys.stdin:
            by_method: dict[str, int] = {}
            for one in double.called:
                by_method[one.method] = by_method.get(one.method, 0) + 1
            seen = {"requests": len(double.rest.asked), "by_method": by_method, "complaints": double.complaints}
            print(json.dumps(seen), flush=True)  # noqa: T201 - how it is spoken to


if __name__ == "__main__":
    main()
