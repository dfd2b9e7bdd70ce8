"""Seed a running double: `python -m tests.doubles.aws.estate --endpoint http://127.0.0.1:PORT`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace

from tests.doubles.aws.estate.build import seed_estate
from tests.doubles.aws.estate.size import DEMO, TENFOLD


def main() -> None:
    """Print the manifest as JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--endpoint", required=True)
    arguments.add_argument("--users", type=int, help="IAM users over both member accounts")
    arguments.add_argument("--buckets", type=int, help="S3 buckets over all accounts")
    arguments.add_argument("--events", type=int, help="CloudTrail events besides the story's own")
    arguments.add_argument("--scale", action="store_true", help="the tenfold estate of the benchmark")
    arguments.add_argument("--role", default="EvidenceCollector", help="the role to collect by")
    given = arguments.parse_args()
    size = TENFOLD if given.scale else DEMO
    wanted = {name: getattr(given, name) for name in ("users", "buckets", "events")}
    size = replace(size, **{name: value for name, value in wanted.items() if value is not None})
    json.dump(seed_estate(given.endpoint, size, role=given.role), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
