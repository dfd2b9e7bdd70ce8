"""What a large Google Cloud organisation costs to collect: `python -m benchmarks.gcp`.

The program itself collects all 27 evidence types from the double, which runs in a process of its own and answers each
request late. No time is ever asserted: what counts is the ratio to the bound that latency and threads set.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_KILOBYTE = 1024 if sys.platform != "darwin" else 1  # what one unit of ru_maxrss is
_CONFIGURATION = """
[collect]
threads = {threads}

[gcp]
base_url = "{url}"
credentials_file = "{key}"
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Collect once, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=400)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--threads", type=int, default=16)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        _measure(asked, Path(name))


def _measure(asked: argparse.Namespace, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.doubles.gcp", "--folder", str(folder)]
    command += ["--projects", str(asked.projects), "--latency-ms", str(asked.latency_ms)]
    # The commands are this interpreter and our own words.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as double:  # noqa: S603
        assert double.stdin is not None  # noqa: S101 - it was asked for
        assert double.stdout is not None  # noqa: S101 - it was asked for
        try:
            started = json.loads(double.stdout.readline())
            (folder / "collector.toml").write_text(_CONFIGURATION.format(threads=asked.threads, **started))
            _collector(folder, "init")
            wall, peak, code = _collector(folder, "snapshot", "--only", "gcp.*")
            double.stdin.write("counts\n")
            double.stdin.flush()
            seen: dict[str, Any] = json.loads(double.stdout.readline())
        finally:
            double.stdin.close()
    bound = seen["requests"] * asked.latency_ms / 1000 / asked.threads
    _say(f"{asked.projects} projects, {asked.latency_ms:.0f} ms, {asked.threads} threads; exit code {code}")
    _say(f"requests  {seen['requests']}")
    for method, number in sorted(seen["by_method"].items(), key=lambda one: -one[1]):
        _say(f"  {number:6}  {method}")
    _say(f"wall time  {wall:.1f} s;  bound  {bound:.1f} s (requests x latency / threads);  ratio  {wall / bound:.2f}")
    _say(f"peak memory  {peak / 1_000_000:.0f} MB")


def _collector(folder: Path, *arguments: str) -> tuple[float, int, int]:
    """Wall time, peak memory and exit code of one command."""
    program = Path(sys.executable).with_name("collector")
    begun = time.monotonic()
    with (folder / f"{arguments[0]}.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], cwd=folder, stdout=log, stderr=log)  # noqa: S603
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - begun, used.ru_maxrss * _KILOBYTE, process.returncode


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command of this repository's own


if __name__ == "__main__":
    main()
