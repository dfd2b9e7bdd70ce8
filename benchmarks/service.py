"""Whether the service stays as it is: memory, threads, open files and lateness over thousands of slots.

    python -m benchmarks.service               # 30 minutes, a slot of every evidence type and scope each second
    python -m benchmarks.service --minutes 2   # a smoke test

`collector serve` runs as a process of its own, its clock 300 times as fast and its provider one that answers from
memory; scheduler, archive, rules, port and status page are the real ones. No figure is asserted here.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from collector.archive import pin
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.slots import moment
from collector.turn import ledger_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).parents[1]
SCALE = 300
CONFIGURATION = """
schedule = { default = "every 5 minutes", claim_minutes = 30 }
serve = { listen = "127.0.0.1:0", jitter_seconds = 0, grace_seconds = 3600 }
"""
PATHS = ("/", "/healthz", "/readyz", "/metrics")
_LOOK_SECONDS = 5.0
_PARTS = 6
_MEGABYTE = 1e6
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """The process at one moment."""

    at: float
    """Seconds since its start."""
    memory: int
    """What it holds of the machine's memory, in bytes."""
    threads: int
    files: int
    ready: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What a service did, and what it took for it."""

    looks: Sequence[Look]
    late: Sequence[tuple[float, float]]
    """Of each run: seconds since the first one, and how many real seconds after its slot it was at work."""
    slots: Counter[str]
    twice: int
    code: int
    faults: int
    cpu: float
    leaves: int


def serve(minutes: float, folder: Path, *, look_seconds: float = _LOOK_SECONDS, scale: int = SCALE) -> Served:
    """Have a service live for so long, and look at it from outside."""
    (folder / "collector.toml").write_text(CONFIGURATION)
    command = [sys.executable, "-m", "tests.schedules.fast", str(folder)]
    command += ["--anchor", str(time.time()), "--scale", str(scale)]
    log = folder / "service.log"
    looks: list[Look] = []
    with (
        log.open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - this interpreter and our own arguments
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as process,
    ):
        try:
            address, began = _address(log), time.monotonic()
            while (gone := time.monotonic() - began) < minutes * 60:
                statuses = {path: _asked(address + path) for path in PATHS}
                looks.append(_look(process.pid, gone, ready=set(statuses.values()) == {200}))
                time.sleep(look_seconds)
            cpu = _cpu(process.pid)
            process.send_signal(signal.SIGTERM)
            code = process.wait(_PATIENCE)
        finally:
            process.kill()
    return _served(folder, looks, scale, code, cpu)


def _served(folder: Path, looks: Sequence[Look], scale: int, code: int, cpu: float) -> Served:
    store, keys = LocalStore(folder / "evidence"), folder / "evidence.keys"
    ledger = ledger_of(store)
    ends = max(claim.at for claim in ledger.claims)
    answers = [
        ledger.answer(one, slot) for one in ledger.series for slot in ledger.slots(one, ledger.rules[0].at, ends)
    ]
    report = verify(store, (keys / "log.pub").read_text().strip(), pin.read(keys))
    return Served(
        looks=looks,
        late=_late(store, scale),
        slots=Counter(answer.state.value if answer else "no answer" for answer in answers),
        twice=len(ledger.again),
        code=code,
        faults=len(report.faults),
        cpu=cpu,
        leaves=report.head.size if report.head else 0,
    )


def _late(store: LocalStore, scale: int) -> list[tuple[float, float]]:
    """How long after the newest slot that it serves each run read the clock to take it up."""
    slots: dict[str, str] = {}
    found = []
    for leaf in Reader(store).leaves():
        body = leaf.body
        if body["kind"] == "evidence" and body["slot"]:
            slots[body["run"]] = max(body["slot"], slots.get(body["run"], ""))
        elif body["kind"] == "run" and body["run"] in slots:
            at = moment(body["slots"]["at"])
            found.append((at, (at - moment(slots.pop(body["run"]))).total_seconds() / scale))
    return [((at - found[0][0]).total_seconds() / scale, late) for at, late in found]


def _address(log: Path) -> str:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        for line in log.read_text().splitlines():
            if line.startswith("{") and (said := json.loads(line))["event"] == "listening":
                return f"http://{said['host']}:{said['port']}"
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text()}")


def _asked(url: str) -> int:
    """The status of an answer, the whole of which was read; 0 when there was none."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=_PATIENCE) as response:
            response.read()
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def _look(process: int, at: float, *, ready: bool) -> Look:
    """From /proc, so on Linux only."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    files = len(list(Path(f"/proc/{process}/fd").iterdir()))
    return Look(at, int(status["VmRSS"].split()[0]) * 1024, int(status["Threads"]), files, ready)


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _table(served: Served, minutes: float) -> str:
    """One row for each part of the time."""
    lines = [
        "| minutes | memory | threads | open files | runs | late, median | late, at most |",
        "|---|---|---|---|---|---|---|",
    ]
    for part in range(_PARTS):
        low, high = (minutes * 60 * edge / _PARTS for edge in (part, part + 1))
        looks = [one for one in served.looks if low <= one.at < high]
        late = [late * 1000 for at, late in served.late if low <= at < high]
        if looks and late:
            memory = _span(round(one.memory / _MEGABYTE) for one in looks)
            threads, files = _span(one.threads for one in looks), _span(one.files for one in looks)
            lines.append(
                f"| {low / 60:.0f} to {high / 60:.0f} | {memory} MB | {threads} | {files} | {len(late)} "
                f"| {statistics.median(late):.0f} ms | {max(late):.0f} ms |"
            )
    return "\n".join(lines)


def _span(counts: Iterable[int]) -> str:
    found = sorted(set(counts))
    return f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _account(served: Served, minutes: float) -> str:
    ready = sum(one.ready for one in served.looks)
    slots = ", ".join(f"{count:,} {state}" for state, count in served.slots.items())
    return (
        f"{minutes:g} minutes, {SCALE} times as fast as the clock; slots: {slots}; {served.twice} answered twice\n"
        f"{served.leaves:,} leaves, {served.faults} faults; exit code {served.code}; every page answered well at "
        f"{ready} of {len(served.looks)} looks\n"
        f"{served.cpu:.0f} s of processor; load of the machine {os.getloadavg()[1]:.1f}\n"
    )


def main() -> int:
    """Serve, and print what it took; 1 when a slot was answered twice or not at all, or the archive is not sound."""
    given = argparse.ArgumentParser()
    given.add_argument("--minutes", type=float, default=30.0)
    minutes = given.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="service-") as folder:
        served = serve(minutes, Path(folder))
    sys.stdout.write(_account(served, minutes) + "\n" + _table(served, minutes) + "\n")
    return int(bool(served.twice or served.faults or served.slots["no answer"]))


if __name__ == "__main__":
    sys.exit(main())
