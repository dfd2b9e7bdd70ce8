"""`collector serve` as a process whose day is short: its clocks run `--scale` times as fast, all else is real.

    python -m tests.schedules.fast FOLDER --anchor SECONDS --scale 60 [--aws] [--read SECONDS] [--real-clock-jump FILE]

The clock shows START at the moment ANCHOR (seconds since 1970) and goes on from there, so that whoever is started
later, or beside it, has the same time. Without --aws the provider is the toy, which takes `--read` real seconds for an
answer. When FILE is there, the wall clock is as many seconds ahead as it says.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import apscheduler.executors.base
import apscheduler.schedulers.base

from collector import config as configuration
from collector import registry
from collector.cli import logs, options
from collector.cli.options import Providers
from collector.cli.serve import serve
from schedules.clocks import Times
from tests.schedules.toy import NoSettings, Toy, connector

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import Config
    from schedules.service import Wish

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def clocks(anchor: float, scale: float, ahead: Path | None = None) -> Times:
    def now() -> datetime:
        jump = float(ahead.read_text() or 0) if ahead and ahead.exists() else 0.0
        return START + timedelta(seconds=(time.time() - anchor) * scale + jump)

    return Times(now, lambda: time.monotonic() * scale)


def library_clock(now: Callable[[], datetime]) -> None:
    """APScheduler reads the machine's clock by itself, at these two places."""

    class Scaled(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return now().astimezone(tz)

    for module in (apscheduler.schedulers.base, apscheduler.executors.base):
        setattr(module, "datetime", Scaled)  # noqa: B010 - a name mypy knows to be a class


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("folder", type=Path)
    given.add_argument("--anchor", type=float, required=True)
    given.add_argument("--scale", type=float, default=60.0)
    given.add_argument("--aws", action="store_true")
    given.add_argument("--read", type=float, default=0.0)
    given.add_argument("--ahead", type=Path)
    asked = given.parse_args()
    os.chdir(asked.folder)
    logs.configure("info", as_json=True)
    times = clocks(asked.anchor, asked.scale, asked.ahead)
    library_clock(times.now)
    toy = Toy(interrupt=None)

    def slow() -> None:
        time.sleep(asked.read)
        toy.interrupt = slow

    toy.interrupt = slow if asked.read else None

    def load() -> tuple[Config, Providers]:
        if asked.aws:
            config = options.read_config(None)
            return config, options.providers(config)
        config = configuration.read(options.DEFAULT_FILE, registry.installed())
        return config, Providers({"toy": connector(toy)}, {"toy": NoSettings()}, [])

    wishes: SimpleQueue[Wish] = SimpleQueue()

    def wait(seconds: float) -> Wish | None:
        try:
            return wishes.get(timeout=seconds / asked.scale)
        except Empty:
            return None

    clean = serve(load, times, wait, wishes)
    sys.stderr.flush()
    os._exit(0 if clean else 1)


if __name__ == "__main__":
    main()
