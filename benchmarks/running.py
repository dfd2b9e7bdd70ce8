"""Processes that a benchmark starts: the replay server, and the collector as a user starts it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.replay import COUNTS, READY
from tests.doubles.aws.process import AwsDouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
ROLE = "EvidenceCollector"
_CONFIGURATION = '[collect]\nthreads = {threads}\n\n[aws]\nrole = "{role}"\n'
_KILOBYTE = 1024 if sys.platform != "darwin" else 1  # what one unit of ru_maxrss is
_SECONDS_TO_END = 30
_LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended, and what it cost."""

    code: int
    wall: float
    """Seconds from its start to its end."""
    cpu: float
    """Seconds of processor time, over all its threads."""
    peak: int
    """The most memory it held at once, in bytes."""
    errors: str
    peaks: tuple[tuple[datetime, int], ...] = ()
    """The most memory it had held by each of these moments, in bytes."""

    def peak_by(self, moment: datetime) -> int:
        """The most memory it had held by then."""
        return max((held for at, held in self.peaks if at <= moment), default=0)


@contextlib.contextmanager
def serving(tape: Path, *arguments: str) -> Iterator[str]:
    """A `benchmarks.replay` process; where it listens."""
    command = [sys.executable, "-m", "benchmarks.replay", str(tape), *arguments]
    with subprocess.Popen(  # noqa: S603 - this interpreter and our own arguments
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(READY):
                raise RuntimeError(f"the replay server did not start: {line!r}")
            yield line.removeprefix(READY).strip()
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait(_SECONDS_TO_END)


def counts(endpoint: str) -> dict[str, Any]:
    """What a replay server has seen so far."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(endpoint + COUNTS) as response:
        seen: dict[str, Any] = json.load(response)
        return seen


def environment(endpoint: str) -> dict[str, str]:
    """Variables that lead any boto3 to the server at `endpoint`, and nowhere else."""
    return {
        **os.environ,
        **AwsDouble(endpoint, Path(os.devnull)).environment,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "",
    }


def configure(folder: Path, threads: int) -> None:
    """Write the configuration of a collection over the whole organisation."""
    (folder / "collector.toml").write_text(_CONFIGURATION.format(threads=threads, role=ROLE))


def ended(command: Sequence[str], folder: Path, variables: dict[str, str]) -> Ended:
    """Run a command to its end. Its peak memory counts from this process's own, so this one must stay small."""
    errors = folder / "errors.txt"
    with errors.open("wb") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - this interpreter and our own arguments
            command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=stderr
        )
        peaks: list[tuple[datetime, int]] = []
        while not (waited := os.wait4(process.pid, os.WNOHANG))[0]:
            peaks.append((datetime.now(UTC), _peak_so_far(process.pid)))
            time.sleep(_LOOK_EVERY)
        _, status, usage = waited
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Ended(process.returncode, wall, cpu, usage.ru_maxrss * _KILOBYTE, errors.read_text("utf-8"), tuple(peaks))


def _peak_so_far(process: int) -> int:
    """The most memory a process has had until now, in bytes; 0 where the system does not tell, or it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) * _KILOBYTE for line in status.splitlines() if line.startswith("VmHWM")), 0)
