"""`collector serve` in this very thread: its clock stands still until the test moves it, its port is a real one.

The service asks `wait` what it should do next, so what a test does is a generator: it acts, and yields while the
service goes on. What it yields is a wish, or None.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import apscheduler.executors.base
import apscheduler.schedulers.base
from structlog.testing import capture_logs

from collector.cli.options import Providers
from collector.cli.serve import serve
from collector.config import ServeSettings
from schedules.clocks import Times
from schedules.service import Wish
from tests.schedules.fast import library_clock
from tests.schedules.toy import NoSettings, World, connector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from collector.config import Config

PATIENCE = 60
Script = "Callable[[Serving], Iterator[Wish | None]]"


@dataclass
class Serving:
    """One service over a toy world."""

    world: World
    settings: ServeSettings = field(default_factory=lambda: ServeSettings(listen="127.0.0.1:0", jitter_seconds=0))
    changed: dict[str, Any] = field(default_factory=dict)
    """What the configuration has besides, from the next time it is read."""
    steady: float = 0.0
    logged: list[Any] = field(default_factory=list)
    begun: int = 0
    """How much was logged when the script last did something: what it waits for may come before it looks."""
    wishes: SimpleQueue[Wish] = field(default_factory=SimpleQueue)

    def run(self, script: Callable[[], Iterator[Wish | None]]) -> bool:
        """Serve until the script is at its end, and end then. Whether nothing was abandoned."""
        steps = script()

        def wait(_: float) -> Wish | None:
            time.sleep(0.005)  # the passes have threads of their own, which want to get on
            while True:
                try:
                    wish = self.wishes.get_nowait()
                except Empty:
                    break
                if wish is not Wish.LOOK:
                    return wish
            return next(steps, Wish.END)

        with capture_logs() as self.logged:
            return serve(self._load, Times(lambda: self.world.now, lambda: self.steady), wait, self.wishes)

    def _load(self) -> tuple[Config, Providers]:
        config = self.world.config
        config = type(config)(
            **{name: getattr(config, name) for name in ("archive", "collect", "schedule")}
            | {"serve": self.settings}
            | self.changed
        )
        return config, Providers({"toy": connector(self.world.toy)}, {"toy": NoSettings()}, [])

    def move(self, **step: float) -> None:
        """Time passes."""
        self.deed()
        self.steady += timedelta(**step).total_seconds()
        self.world.now += timedelta(**step)

    def deed(self) -> None:
        """The script is about to do something: `after` counts from here."""
        self.begun = len(self.logged)

    def until(self, seen: Callable[[], object]) -> Iterator[None]:
        """Let the service go on until something is so."""
        end = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < end, f"not within {PATIENCE} s; logged: {self.logged}"
            yield None

    def after(self, event: str, count: int = 1) -> Iterator[None]:
        """Let the service go on until it has logged an event so many times since the script last did something."""

        def so_often() -> bool:
            return len(self.events(event, self.begun)) >= count

        yield from self.until(so_often)

    def events(self, event: str, since: int = 0) -> list[Any]:
        return [one for one in self.logged[since:] if one["event"] == event]

    def asked(self, path: str) -> tuple[int, str]:
        (where,) = self.events("listening")
        connection = HTTPConnection(where["host"], where["port"], timeout=PATIENCE)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    def problem(self, path: str = "/readyz") -> str:
        """What a health page says is wrong; its status must agree."""
        status, body = self.asked(path)
        said = json.loads(body)
        assert (status == 200) is said["ok"] is (said["problem"] == "")
        return str(said["problem"])

    def metrics(self) -> dict[str, float]:
        """Every sample, without the name that all begin with."""
        lines = (line for line in self.asked("/metrics")[1].splitlines() if not line.startswith("#"))
        return {
            name.removeprefix("evidence_collector_"): float(value)
            for name, _, value in (line.rpartition(" ") for line in lines)
        }


@contextmanager
def own_clock(serving: Serving, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """APScheduler goes by the world's clock as well."""
    for module in (apscheduler.schedulers.base, apscheduler.executors.base):
        patch.setattr(module, "datetime", module.datetime)  # so that it is as it was afterwards
    library_clock(lambda: serving.world.now)
    yield
