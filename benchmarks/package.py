"""What a package costs: time and memory to build it, and how soon a population of 50,000 items opens.

    python -m benchmarks.package               # the simulated year, and a page of 50,000 rows in Chromium
    python -m benchmarks.package --skip-year   # the page alone

No figure is asserted here.
"""

# ruff: noqa: T201 - a benchmark speaks

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from collector.package.binder.render import page
from tests.doubles.year.almanac import DAYS, ONE_DAY, START
from tests.doubles.year.cached import year

ROWS = 50_000
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


def built(scratch: Path) -> None:
    """Build the package of the year in a process of its own, and print what it took."""
    last = START + (DAYS - 1) * ONE_DAY
    out, sealed = scratch / "package", year(tell=True)
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - this interpreter, and arguments of our own
        [sys.executable, "-m", "collector", "package", "--from", f"{START:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}",
         "--out", str(out), "--zip"],
        cwd=sealed, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    took = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    files = [path for path in out.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    leaves = sum(1 for _ in (out / "07-integrity" / "leaves.csv").open("rb")) - 1
    print(f"the year: {leaves:,} leaves → {len(files):,} files, {size / 1e6:.0f} MB")
    print(f"built, verified and zipped in {took:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of processor)")
    print(f"peak memory {used.ru_maxrss / 1024:.0f} MB; zip {(scratch / 'package.zip').stat().st_size / 1e6:.0f} MB")


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
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        opened(Path(folder))
        if not given.skip_year:
            built(Path(folder))


if __name__ == "__main__":
    main()
