"""`collector serve` as a process whose day is short: its clocks run `--scale` times as fast, all else is real.

    python -m tests.schedules.fast FOLDER --anchor SECONDS --scale 60 [--read SECONDS]
    python -m tests.schedules.fast FOLDER --forks

The clock shows START at the moment ANCHOR (seconds since 1970) and goes on from there, so that whoever is started
later, or beside it, has the same time. The provider is the toy, which takes `--read` real seconds for an answer.

With --forks it serves nothing itself: it imports the product once, starts no thread, and forks a process for each line
of JSON that asks for one, so that a hundred services cost the start of one. `{"start": [option, …]}` is answered with
`{"pid": …}`, `{"end": PID, "signal": NUMBER}` with `{"code": …}`; what a service logs is in FOLDER/PID.log.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn

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


def clocks(anchor: float, scale: float) -> Times:
    def now() -> datetime:
        return START + timedelta(seconds=(time.time() - anchor) * scale)

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
    given = _arguments()
    given.add_argument("--forks", action="store_true")
    asked = given.parse_args()
    os.chdir(asked.folder)
    if asked.forks:
        fork()
    else:
        live(asked)


def fork() -> None:
    """Start and end services as they are asked for."""
    # What a service imports later than its start, so that no fork spends its short life on it.
    for name in ("duckdb", "collector.package.page", "collector.cli.verify"):
        import_module(name)
    for line in sys.stdin:
        wanted = json.loads(line)
        if "start" in wanted:
            if (child := os.fork()) == 0:
                log = os.open(f"{os.getpid()}.log", os.O_WRONLY | os.O_CREAT)
                os.dup2(log, 2)
                live(_arguments().parse_args([".", *wanted["start"]]))
            answer = {"pid": child}
        else:
            os.kill(wanted["end"], wanted["signal"])
            answer = {"code": os.waitstatus_to_exitcode(os.waitpid(wanted["end"], 0)[1])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def live(asked: argparse.Namespace) -> NoReturn:
    """Be one service, to its end."""
    logs.configure("info", as_json=True)
    times = clocks(asked.anchor, asked.scale)
    library_clock(times.now)
    toy = Toy(interrupt=None)

    def slow() -> None:
        time.sleep(asked.read)
        toy.interrupt = slow

    toy.interrupt = slow if asked.read else None

    def load() -> tuple[Config, Providers]:
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


def _arguments() -> argparse.ArgumentParser:
    given = argparse.ArgumentParser()
    given.add_argument("folder", type=Path)
    given.add_argument("--anchor", type=float, default=0.0)
    given.add_argument("--scale", type=float, default=60.0)
    given.add_argument("--read", type=float, default=0.0)
    return given


if __name__ == "__main__":
    main()
