"""What a package costs: time and memory to build it, and how soon a population of 50,000 items opens.

    python -m benchmarks.package                          # the simulated year, the same ten times as wide, the page
    python -m benchmarks.package --times 1 3 --year YEAR  # other widths, of a year that is there already
    python -m benchmarks.package --skip-year              # the page alone

No figure is asserted here.
"""

# ruff: noqa: T201 - a benchmark speaks

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.widened import widened
from collector.package.binder.render import page
from tests.doubles.year.almanac import DAYS, ONE_DAY, START
from tests.doubles.year.cached import year

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 50_000
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """What it took to verify an archive and to build its package."""

    times: int
    leaves: int
    items: int
    files: int
    size: float
    """In megabytes, as the next is."""
    zipped: float
    wall: float
    processor: float
    peak: float


def built(year: Path, times: int, scratch: Path, *, on_paper: bool = False) -> Built:
    """Build the package of the year, so many times as wide, in a process of its own."""
    sealed, out = year, scratch / "package"
    if times > 1:
        sealed = scratch / "archive"
        sealed.mkdir()
        widened(year, sealed, times)
    last = START + (DAYS - 1) * ONE_DAY
    command = [
        sys.executable, "-m", "collector", "package", "--from", f"{START:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}",
        "--out", str(out), "--zip", *(["--pdf"] if on_paper else []),
    ]  # fmt: skip
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=sealed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    _, status, used = os.wait4(child.pid, 0)  # of this process alone: RUSAGE_CHILDREN keeps the largest of all
    took = time.perf_counter() - started
    if status:
        raise SystemExit(f"building the package ended with {os.waitstatus_to_exitcode(status)}")
    said = json.loads((out / "09-data" / "package.json").read_bytes())
    files = [path for path in out.rglob("*") if path.is_file()]
    made = Built(
        times, said["archive"]["leaves"], sum(one["items"] for one in said["controls"]), len(files),
        sum(path.stat().st_size for path in files) / 1e6, (scratch / "package.zip").stat().st_size / 1e6, took,
        used.ru_utime + used.ru_stime, used.ru_maxrss / 1024,
    )  # fmt: skip
    for path in (out, scratch / "archive"):
        shutil.rmtree(path, ignore_errors=True)
    (scratch / "package.zip").unlink()
    return made


def grown(found: Sequence[Built]) -> None:
    """Print each, and how it grew against the first: 1.00 is in step with the width."""
    print(
        "width   leaves    items    files   size MB  zip MB   seconds  of processor  peak MB  grew: time, memory, size"
    )
    first = found[0]
    for one in found:
        wide = one.times / first.times
        growth = (one.processor / first.processor, one.peak / first.peak, one.size / first.size)
        told = ", ".join(f"{part / wide:.2f}" for part in growth) if one is not first else ""
        print(
            f"{one.times:5} {one.leaves:8,} {one.items:8,} {one.files:8,} {one.size:9.0f} {one.zipped:7.0f} "
            f"{one.wall:9.1f} {one.processor:13.1f} {one.peak:8.0f}  {told}"
        )


def opened(scratch: Path) -> None:
    """Open a population page of 50,000 items, and turn and search it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no Chromium here: the Debian package chromium")
        return
    target = scratch / "population.html"
    target.write_bytes(_page())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        shown = browser.new_page()
        started = time.perf_counter()
        shown.goto(target.as_uri())
        shown.locator("#items tbody tr").nth(99).wait_for()
        took = time.perf_counter() - started
        started = time.perf_counter()
        shown.get_by_role("button", name="Later rows").click()
        shown.get_by_text("Rows 101 to 200").wait_for()
        turned = time.perf_counter() - started
        started = time.perf_counter()
        shown.get_by_label("Find").fill("i-00049999")
        shown.get_by_text("found among").wait_for()
        found = time.perf_counter() - started
        browser.close()
    print(f"{ROWS:,} rows: {target.stat().st_size / 1e6:.1f} MB, open in {took:.2f} s; the next page "
          f"{turned:.2f} s, a search {found:.2f} s")  # fmt: skip


def _page() -> bytes:
    """The population page as the package writes it, over a made-up control."""
    facts = {
        "organisation": "Benchmark",
        "origin": "evidence/benchmark",
        "simulated": True,
        "generator": "0",
        "size": 1,
        "generated": START,
    }
    span = {"first": START.date(), "last": START.date()}
    control = {"id": "IAM-01", "rule": {"header": {"title": "A second factor for every person"}}, "items": range(ROWS)}
    rows = [
        (f"{number:032x}", f"i-{number:08d}.example.com", "aws 123456789012", ("pass", "deviation")[number % 50 == 0],
         "A second factor is enrolled: security key.", "")
        for number in range(ROWS)
    ]  # fmt: skip
    binder = {"facts": facts, "period": span, "controls": [control]}
    return page(
        "binder/population.html.j2", "03-controls/IAM-01/population.html", binder=binder, control=control, rows=rows,
        whole={"complete": True},
    )  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="What a package costs.")
    parser.add_argument("--skip-year", action="store_true", help="the page of 50,000 rows alone")
    parser.add_argument("--skip-page", action="store_true", help="the year alone")
    parser.add_argument("--year", type=Path, help="a folder of the simulated year; default: it is made, or was")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10], help="how many times as wide the year is")
    parser.add_argument("--pdf", action="store_true", help="with the PDF of cover and controls")
    parser.add_argument("--scratch", type=Path, help="where to build  [default: the temporary directory]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="package-", dir=given.scratch) as folder:
        if not given.skip_page:
            opened(Path(folder))
        if not given.skip_year:
            sealed = given.year.resolve() if given.year else year(tell=True)
            grown([built(sealed, times, Path(folder), on_paper=given.pdf) for times in given.times])


if __name__ == "__main__":
    main()
