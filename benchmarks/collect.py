"""How long a collection takes, and how near that is to what is possible: `python -m benchmarks.collect`.

The whole command `collector snapshot` runs against answers from memory, each 50 ms late. No time is ever asserted: what
counts is the ratio to the bound, which moves with the machine as the time does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from benchmarks import chain
from benchmarks.recording import SIZES, tape_of
from benchmarks.running import configure, counts, ended, environment, serving
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.config import CollectSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from benchmarks.running import Ended

BOTO3_CALL = 0.002
"""Seconds of processor that boto3 itself takes for a call, as a rule of thumb; the bound uses it on every machine."""
_SAMPLE = 300
_MEGABYTE = 1e6
_MILLISECOND = 0.001


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of the command."""

    ended: Ended
    collecting: float
    """Seconds from the first task's start until everything was read, as sealed in the archive."""
    collecting_peak: int
    """The most memory it had held by then, in bytes."""
    requests: int
    records: int
    snapshots: int
    most: int
    mean: float
    chain: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What no collection by boto3 in one process can go below."""

    waiting: float
    """Every request's latency, with every thread waiting all the time."""
    chain: float
    """The longest run of requests of which each needs the one before."""
    processor: float
    """What boto3 itself computes for the requests; Python runs one thread at a time."""

    @property
    def seconds(self) -> float:
        """The largest of the three."""
        return max(self.waiting, self.chain, self.processor)


def measure(tape: Path, threads: int, latency_ms: float) -> Measured:
    """Run the command once, in a fresh process, folder and archive."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        configure(folder, threads)
        with serving(tape, "--latency-ms", str(latency_ms)) as endpoint:
            command = [sys.executable, "-m", "collector", "snapshot"]
            ran = ended(command, folder, environment(endpoint))
            seen = counts(endpoint)
        if seen["unknown"] or ran.code:
            raise SystemExit(
                f"an incomplete run cannot count: exit code {ran.code}, not on the tape: {len(seen['unknown'])}; "
                f"remove {tape} to record anew\n{ran.errors}"
            )
        return _read(folder / "evidence", ran, seen)


def _read(archive: Path, ran: Ended, seen: dict[str, Any]) -> Measured:
    leaves = [leaf.body for leaf in Reader(LocalStore(archive)).leaves()]
    (run,) = (leaf for leaf in leaves if leaf["kind"] == "run")
    evidence = [leaf for leaf in leaves if leaf["kind"] == "evidence"]
    return Measured(
        ended=ran,
        collecting=(datetime.fromisoformat(run["ended"]) - datetime.fromisoformat(run["started"])).total_seconds(),
        collecting_peak=ran.peak_by(datetime.fromisoformat(run["ended"])),
        requests=seen["requests"],
        records=sum(leaf["records"]["count"] for leaf in evidence),
        snapshots=len(evidence),
        most=seen["most"],
        mean=seen["mean"],
        chain=chain.longest(archive),
    )


def bound(one: Measured, threads: int, latency_ms: float) -> Bound:
    """The bound of a run with as many requests."""
    latency = latency_ms * _MILLISECOND
    return Bound(one.requests * latency / threads, one.chain * latency, one.requests * BOTO3_CALL)


def boto3_call(tape: Path) -> float:
    """Seconds of processor that one call takes here: plain boto3, one thread, no latency, two protocols."""
    with serving(tape, "--latency-ms", "0") as endpoint:
        variables = environment(endpoint)
        session = boto3.Session(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"],
            region_name=variables["AWS_DEFAULT_REGION"],
        )  # fmt: skip
        plain = Config(proxies={})
        query = session.client("sts", endpoint_url=endpoint, config=plain).get_caller_identity
        json = session.client("organizations", endpoint_url=endpoint, config=plain).list_accounts
        return (_each(query) + _each(json)) / 2


def _each(call: Callable[[], object]) -> float:
    call()  # the first one connects
    started = time.thread_time()
    for _ in range(_SAMPLE):
        call()
    return (time.thread_time() - started) / _SAMPLE


def report(one: Measured, limit: Bound, boto3_seconds: float) -> Iterable[tuple[str, str]]:
    """The rows of the table."""
    ran = one.ended
    yield "wall time", f"{ran.wall:.1f} s"
    yield "  of which collecting", f"{one.collecting:.1f} s"
    yield "processor time", f"{ran.cpu:.1f} s"
    yield "peak memory", f"{ran.peak / _MEGABYTE:.0f} MB"
    yield "  of which by the end of collecting", f"{one.collecting_peak / _MEGABYTE:.0f} MB"
    yield "snapshots, records", f"{one.snapshots}, {one.records}"
    yield "requests", f"{one.requests}"
    yield "in flight, most and mean", f"{one.most}, {one.mean:.1f}"
    yield "bound: requests x latency / threads", f"{limit.waiting:.1f} s"
    yield "bound: longest chain", f"{limit.chain:.1f} s ({one.chain} requests)"
    yield "bound: boto3's processor time", f"{limit.processor:.1f} s ({BOTO3_CALL * 1000:.1f} ms a call)"
    yield "  measured here", f"{boto3_seconds * 1000:.1f} ms a call"
    yield "ratio: wall / bound", f"{ran.wall / limit.seconds:.2f}"
    yield "ratio: collecting / bound", f"{one.collecting / limit.seconds:.2f}"


def main() -> None:
    """Measure as often as asked, and show the best run."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--size", choices=SIZES, default="tenfold")
    arguments.add_argument("--threads", type=int, default=CollectSettings().threads)
    arguments.add_argument("--latency-ms", type=float, default=50)
    arguments.add_argument("--runs", type=int, default=3, help="the quickest of so many counts")
    arguments.add_argument("--tape", type=Path, help="a recording to use whatever has changed since")
    arguments.add_argument("--quick", action="store_true", help="the demo estate, once: does it work at all?")
    given = arguments.parse_args()
    size, runs = ("demo", 1) if given.quick else (given.size, given.runs)
    tape = given.tape or tape_of(size)
    best = min((measure(tape, given.threads, given.latency_ms) for _ in range(runs)), key=lambda one: one.ended.wall)
    limit = bound(best, given.threads, given.latency_ms)
    print(f"{size} estate, {given.threads} threads, {given.latency_ms:g} ms a request, best of {runs}")  # noqa: T201
    for name, value in report(best, limit, boto3_call(tape)):
        print(f"{name:<38}{value}")  # noqa: T201 - a benchmark speaks


if __name__ == "__main__":
    main()
