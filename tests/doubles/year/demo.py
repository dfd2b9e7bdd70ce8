"""The demo of a year: what an auditor would ask first of a period, answered from its archive alone."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.doubles.year import almanac
from tests.doubles.year.almanac import BUCKET, END, START
from tests.doubles.year.cached import year

_PERIOD = ("--from", f"{START:%Y-%m-%d}", "--to", f"{END.date() - almanac.ONE_DAY:%Y-%m-%d}")


def main() -> int:
    """Make the year, or take the one that was made before, and ask; exit code 0 when every step worked."""
    say("This year is SIMULATED: local doubles of the providers, a clock that is set, made-up people.")
    say("letting a year happen, day by day; some minutes the first time, then kept for these sources")
    folder = Path("demo") / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-year"
    shutil.copytree(year(tell=True), folder)
    made = json.loads((folder / "year.json").read_text())
    say(
        f"{made['days']} days: {made['runs']} runs, {made['leaves']:,} leaves, {made['bytes']:,} bytes; it took "
        f"{made['seconds']:.0f} s, and {made['processor_seconds']:.0f} s of one processor"
    )
    codes = [run(folder, "verify")]
    say("What was missed, and why?")
    codes += [run(folder, "coverage", *_PERIOD), run(folder, "coverage", *_PERIOD, "--missing")]
    say("What did no source remember any more? The line that says lost; what follows it was back-filled.")
    codes += [run(folder, "population", "aws.backup.jobs")]
    say("What went wrong in the period, mended or not?")
    for control in ("IAM-01", "IAM-10", "IAM-15"):
        deviations(folder, control)
    say(f"The whole period of one item, {BUCKET}: nothing is copied into the days on which nobody looked")
    codes += [run(folder, "history", "IAM-15", *_PERIOD, "--item", BUCKET), run(folder, "report")]
    say(f"the page an auditor would read: {(folder / 'report' / 'index.html').resolve()}")
    return 0 if not any(codes) else 1


def deviations(folder: Path, control: str) -> None:
    """Each deviation of a control, with the bounds of its length and the evidence at its edges."""
    asked = ("history", control, *_PERIOD, "--csv")
    for row in csv.DictReader(io.StringIO(_ran(folder, *asked, capture=True).stdout)):
        if row["state"] == "deviation":
            until = row["seen to"] if row["evidence after"] else "the end of the period"
            print(  # noqa: T201 - a demo speaks
                f"{control}  {row['item']}\n        from {row['seen from']} to {until}: at least "
                f"{row['at least (hours)']} hours, at most {row['at most (hours)']}; leaves {row['evidence before']} | "
                f"{row['first evidence']} to {row['last evidence']} | {row['evidence after'] or 'open'}",
                flush=True,
            )


def run(folder: Path, *arguments: str) -> int:
    """One command of the program, as a user would give it."""
    say(f"$ collector {' '.join(arguments)}")
    ended = _ran(folder, *arguments)
    print(f"[exit code {ended.returncode}]", flush=True)  # noqa: T201 - a demo speaks
    return ended.returncode


def say(text: str) -> None:
    """One line of the demo's own voice."""
    print(f"\n=== {text}", flush=True)  # noqa: T201 - a demo speaks


def _ran(folder: Path, *arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "collector", *arguments]
    heard = subprocess.PIPE if capture else None
    return subprocess.run(command, cwd=folder, env=os.environ, stdout=heard, text=True, check=False)  # noqa: S603 - ours
