"""How fast the archive is written and verified, and in how much memory: `python -m benchmarks.archive`.

A synthetic year is committed run by run to a local directory (hourly, `--leaves` a run), then verified by the collector
and by the stranger's verify.py. No time is ever asserted: what counts are the ratios to raw SHA-256 and raw zstd, which
move with the machine as the times do. All rates are per second of processor, so other work on the machine does not
blur them; only the append rate, which waits for the disk, is per second of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive import pack
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.ledger import Ledger
from collector.archive.local import LocalStore
from collector.archive.notes import VerifierKey
from collector.archive.report import Report
from collector.archive.verify_contents import check_contents
from collector.archive.verify_log import check_log

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
STRANGER = ROOT / "collector" / "archive" / "standalone" / "verify.py"
HOURS = 8760
CHANGES_EVERY = 24
"""In how many runs the records of one scope change once."""

_KILOBYTE = 1024 if sys.platform != "darwin" else 1  # what one unit of ru_maxrss is
_MEGABYTE = 1e6
_RAW = 64 << 20
_START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Build the year, verify it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaves", type=int, default=50, help="evidence leaves in a run (default: 50)")
    parser.add_argument("--commits", type=int, default=HOURS, help="runs (default: 8760, a year of hours)")
    parser.add_argument("--folder", type=Path, help="where to build (default: a temporary directory)")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        sys.stdout.write(json.dumps(measured(STEPS[given.step], given)))
        return
    with tempfile.TemporaryDirectory(prefix="archive-", dir=given.folder) as folder:
        sys.stdout.write(table(given, {step: child(step, given, Path(folder)) for step in STEPS}))


def child(step: str, given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """One step in a process of its own, so that each has its own peak of memory."""
    size = ["--leaves", str(given.leaves), "--commits", str(given.commits)]
    command = [sys.executable, "-m", "benchmarks.archive", "--step", step, "--folder", str(folder), *size]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603 - ourselves
    figures: dict[str, Any] = json.loads(output)
    return figures


def measured(step: Callable[[argparse.Namespace], dict[str, Any]], given: argparse.Namespace) -> dict[str, Any]:
    """What the step says, and what it cost: seconds on the clock and of processor, bytes of memory at most."""
    wall, before = time.perf_counter(), _processor()
    figures = step(given)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = {"wall": time.perf_counter() - wall, "cpu": _processor() - before, "peak": peak * _KILOBYTE}
    return {**spent, **figures}


def _processor() -> float:
    return sum(time for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) for time in resource.getrusage(who)[:2])


def raw(given: argparse.Namespace) -> dict[str, Any]:
    """What the machine can do at most, in bytes a second: SHA-256, and zstd over contents like those of the archive."""
    del given
    block, pages = os.urandom(1 << 20), [exchanges(0, scope) for scope in range(2_000)]
    frames, length = [pack.compress(page) for page in pages], sum(map(len, pages))
    hashing = _seconds(lambda: [sha256(block).digest() for _ in range(_RAW >> 20)])
    expanding = _seconds(lambda: [pack.expand(frame) for frame in frames])
    compressing = _seconds(lambda: [pack.compress(page) for page in pages])
    return {"sha256": _RAW / hashing, "expand": length / expanding, "compress": length / compressing}


def _seconds(act: Callable[[], object]) -> float:
    """The shortest of five tries."""
    tries = []
    for _ in range(5):
        started = time.process_time()
        act()
        tries.append(time.process_time() - started)
    return min(tries)


def build(given: argparse.Namespace) -> dict[str, Any]:
    """The year itself."""
    keys = Keys.create(given.folder / "keys", "example.com/evidence")
    store = LocalStore(given.folder / "evidence")
    archive = Archive.create(store, keys, _START)
    appending = 0.0
    for run in range(given.commits):
        at = _START + timedelta(hours=run)
        with archive.stage(at) as staging:
            leaves = [evidence(staging.put, run, scope) for scope in range(given.leaves)]
            leaves.append({"kind": "run", "run": f"r{run}", "expected": given.leaves, "outcome": "ok"})
            started = time.perf_counter()
            archive.append(leaves, staging)
            appending += time.perf_counter() - started
    (given.folder / "log.pub").write_text(str(keys.log.verifier_key))
    sizes = {kind: _size(given.folder / "evidence" / kind) for kind in ("log", "packs", "blobs")}
    return {"appending": appending, "head": json.loads(archive.head.encode()), **sizes}


def evidence(put: Callable[[bytes], str], run: int, scope: int) -> dict[str, Any]:
    """The leaf of one scope, with the members a real one has; its contents are put."""
    changed = (run + scope) // CHANGES_EVERY
    records = b"".join(
        canonical.encode({"table": "iam_user", "row_id": f"{row:032x}", "source_id": f"user-{scope}-{row}-{changed}"})
        + b"\n"
        for row in range(10)
    )
    completeness = b'{"total":{"expected":10,"found":10,"name":"users","ties":true}}\n'
    at = (_START + timedelta(hours=run, milliseconds=scope)).isoformat(timespec="milliseconds")
    return {
        "kind": "evidence",
        "run": f"r{run}",
        "type": "aws.iam.users",
        "type_kind": "population",
        "provider": "aws",
        "unit": f"{100_000_000_000 + scope}",
        "unit_name": f"account {scope}",
        "window": None,
        "started": at,
        "ended": at,
        "caller": f"arn:aws:sts::{100_000_000_000 + scope}:assumed-role/EvidenceCollector/session",
        "complete": True,
        "gaps": {},
        "records": {"sha256": put(records), "count": 10},
        "exchanges": {"sha256": put(exchanges(run, scope)), "count": 2},
        "completeness": {"sha256": put(completeness), "count": 1},
    }


def exchanges(run: int, scope: int) -> bytes:
    """Two pages of one answer. Times and request ids are new in each run, so this content is."""
    seed = sha256(f"{run} {scope}".encode()).hexdigest()
    lines = [
        {
            "request": seed[:16],
            "page": page,
            "operation": "iam:ListUsers",
            "place": f"aws/{100_000_000_000 + scope}",
            "parameters": {"MaxItems": 1000},
            "started_at": (_START + timedelta(hours=run)).isoformat(),
            "attempts": 1,
            "status": 200,
            "error": None,
            "request_id": f"{seed[16:24]}-{seed[24:28]}-{seed[28:40]}{page}",
            "body": None,
        }
        for page in range(2)
    ]
    return b"".join(canonical.encode(line) + b"\n" for line in lines)


def verified(given: argparse.Namespace) -> dict[str, Any]:
    """The collector's own verification, the log and the contents apart."""
    store, report = LocalStore(given.folder / "evidence"), Report()
    key = VerifierKey.parse((given.folder / "log.pub").read_text())
    with Ledger() as ledger:
        started = time.process_time()
        reading = check_log(store, key, None, report, ledger)
        log = time.process_time() - started
        check_contents(store, reading, report)
    if not report.sound:
        raise RuntimeError(f"the archive is not sound: {report.faults[:3]}")
    counts = {"leaves": report.leaves, "contents": report.contents, "length": report.length}
    return {"log": log, "contents_cpu": time.process_time() - started - log, **counts}


def verified_by_a_stranger(given: argparse.Namespace) -> dict[str, Any]:
    """The same by the one file that is handed out."""
    key = (given.folder / "log.pub").read_text()
    command = [sys.executable, "-I", str(STRANGER), str(given.folder / "evidence"), "--key", key, "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603 - our own file
    return {"leaves": found["leaves"], "length": found["length"]}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


STEPS = {"raw": raw, "build": build, "verify": verified, "stranger": verified_by_a_stranger}


def table(given: argparse.Namespace, steps: dict[str, dict[str, Any]]) -> str:
    """The figures, each with what it means."""
    machine, built, ours, theirs = (steps[step] for step in STEPS)
    leaves, length = ours["leaves"], ours["length"]
    log_rate, content_rate = built["log"] / ours["log"], length / ours["contents_cpu"]
    rows = [
        ("raw SHA-256, 1 MiB at a time", f"{machine['sha256'] / _MEGABYTE:,.0f} MB/s"),
        ("raw zstd, content by content", f"{machine['expand'] / _MEGABYTE:,.0f} MB/s expanded"),
        ("", f"{machine['compress'] / _MEGABYTE:,.0f} MB/s compressed"),
        ("archive", f"{given.commits:,} commits, {leaves:,} leaves, {ours['contents']:,} contents"),
        ("log", f"{built['log'] / _MEGABYTE:,.1f} MB, {built['log'] / leaves:,.0f} bytes a leaf"),
        ("packs", f"{(built['packs'] + built['blobs']) / _MEGABYTE:,.1f} MB for {length / _MEGABYTE:,.1f} MB"),
        ("append, waiting for the disk", f"{given.commits / built['appending']:,.0f} commits/s"),
        ("", f"{leaves / built['appending']:,.0f} leaves/s, peak {built['peak'] / _MEGABYTE:,.0f} MB"),
        ("verify, log", f"{leaves / ours['log']:,.0f} leaves/s in {ours['log']:.1f} s"),
        ("", f"{log_rate / _MEGABYTE:,.0f} MB/s, {log_rate / machine['sha256']:.1%} of raw SHA-256"),
        ("verify, contents", f"{ours['contents'] / ours['contents_cpu']:,.0f} contents/s"),
        ("", f"{content_rate / _MEGABYTE:,.0f} MB/s, {content_rate / machine['expand']:.1%} of raw zstd"),
        ("verify, all", f"{ours['wall']:.1f} s, {leaves / ours['cpu']:,.0f} leaves/s"),
        ("", f"peak {ours['peak'] / _MEGABYTE:,.0f} MB"),
        ("standalone verify.py, all", f"{theirs['wall']:.1f} s, {leaves / theirs['cpu']:,.0f} leaves/s"),
        ("", f"peak {theirs['peak'] / _MEGABYTE:,.0f} MB"),
    ]
    return "".join(f"{name:<32}{figure}\n" for name, figure in rows)


if __name__ == "__main__":
    main()
