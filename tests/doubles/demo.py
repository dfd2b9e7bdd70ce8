"""The demo: a simulated AWS organisation, collected, sealed, verified and judged by the unchanged program.

With `--year`, twelve months of one account instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.doubles.aws.process import running_aws
from tests.doubles.year import demo as year

CONFIGURATION = """\
organisation = "Northwind (simulated)"
simulated = true

[aws]
role = "{role}"
"""


def main() -> int:
    """Run it; exit code 0 when every step worked, whatever the estate's state is."""
    if sys.argv[1:] == ["--year"]:
        return year.main()
    if sys.argv[1:]:
        print(f"usage: python3 run.py demo [--year], not {sys.argv[1:]}", file=sys.stderr)  # noqa: T201 - a demo speaks
        return 2
    folder = Path("demo") / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    folder.mkdir(parents=True)
    say("This estate is SIMULATED: a local AWS double (moto, over real HTTP) with made-up accounts.")
    with running_aws() as double:
        say("seeding an organisation of three accounts, two of them members, in three regions")
        manifest = double.seed()
        # One refusal, as real estates have them: somebody forgot one region in a policy.
        refused = {"account": manifest["accounts"]["northwind-data"], "region": "us-east-1"}
        double.fault("deny", match={"operation": "ListSecrets", **refused})
        (folder / "collector.toml").write_text(CONFIGURATION.format(role=manifest["role"]))
        say("collecting; ListSecrets is denied in one region of northwind-data, to show what a gap looks like")
        snapshot = run(folder, double.environment, "snapshot")
    # From here on nothing talks to AWS, simulated or not: the archive speaks for itself.
    verified = run(folder, {}, "verify")
    reported = run(folder, {}, "report")
    say(f"the page an auditor would read: {(folder / 'report' / 'index.html').resolve()}")
    return 0 if (snapshot, verified, reported) == (1, 0, 0) else 1


def run(folder: Path, environment: dict[str, str], *arguments: str) -> int:
    """One command of the program, as a user would give it."""
    say(f"$ collector {' '.join(arguments)}")
    command = [sys.executable, "-m", "collector", *arguments]
    ended = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=False)  # noqa: S603 - ours
    print(f"[exit code {ended.returncode}]", flush=True)  # noqa: T201 - a demo speaks
    return ended.returncode


def say(text: str) -> None:
    """One line of the demo's own voice."""
    print(f"\n=== {text}", flush=True)  # noqa: T201 - a demo speaks


if __name__ == "__main__":
    sys.exit(main())
