"""`collector serve`: keep the schedule for as long as the process lives, and say how it stands on one port."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import click
import structlog
from click.core import ParameterSource

from collector import config as configuration
from collector import schedule
from collector.archive.reader import Reader
from collector.cli import logs, options, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.run import due_pass
from collector.ending import Ending
from collector.engine.pool import Pool
from collector.errors import UsageError
from collector.model import Scope
from collector.plan import Task
from schedules import page, shipped
from schedules.clocks import Times
from schedules.message import message
from schedules.metrics import Metrics
from schedules.notify import Notifier, Target
from schedules.port import Answer, Port
from schedules.service import Service, Wish
from schedules.standing import Standing
from schedules.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from collector.cli.options import Providers
    from collector.config import Config
    from collector.model import Exchange, Snapshot
    from collector.slots import Entry
    from schedules.passed import Passed

    Load = Callable[[], tuple[Config, Providers]]

log = structlog.get_logger()
_FAREWELL_SECONDS = 5.0


@click.command("serve")
@options.config_option
@options.archive_option
@click.option("--listen", metavar="HOST:PORT", help="Where it answers about itself, or none.")
@click.pass_context
def command(context: click.Context, config_file: Path | None, archive_path: str | None, listen: str | None) -> None:
    """Keep the schedule until told to end: the container's default.

    What was missed before it started is sealed first. SIGTERM ends it within [serve] grace_seconds, a second one at
    once; SIGHUP has it read its configuration anew. It logs JSON lines unless told otherwise. Exits 0 when nothing
    was abandoned.
    """
    root = context.find_root()
    if root.get_parameter_source("log_level") is ParameterSource.DEFAULT:
        logs.configure("info", as_json=True)

    def load() -> tuple[Config, Providers]:
        config = options.read_config(config_file, archive_path)
        if listen is not None:
            try:
                config = replace(config, serve=replace(config.serve, listen=listen))
            except ValueError as error:
                raise UsageError(f"--listen: {error}") from error
        return config, options.providers(config)

    wishes: SimpleQueue[Wish] = SimpleQueue()

    def wait(seconds: float) -> Wish | None:
        try:
            return wishes.get(timeout=seconds)
        except Empty:
            return None

    clean = serve(load, Times(options.now, time.monotonic), wait, wishes)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that were left behind wait for a provider, perhaps for long: the interpreter would wait for them.
    os._exit(COMPLETE if clean else INCOMPLETE)


def serve(load: Load, times: Times, wait: Callable[[float], Wish | None], wishes: SimpleQueue[Wish]) -> bool:
    """Serve what `load` gives, by these clocks, until a wish or a signal ends it. Whether nothing was abandoned."""
    _on_signals(wishes)
    until = Ending()
    served = _Served(load, times, until)
    settings = served.config.serve
    service = Service(
        replace(settings, instance=settings.instance or platform.node()),
        times,
        wait=wait,
        wish=wishes.put,
        one_pass=served.one_pass,
        reload=served.reload,
        until=until,
        watched_by=(served.standing, served.metrics),
    )
    with ExitStack() as stack:
        if settings.listen != "none":
            port = stack.enter_context(Port(configuration.address(settings.listen), served.answers))
            log.info("listening", host=port.address[0], port=port.address[1])
        clean = service.run()
        served.end()
    log.info("ended", abandoned=not clean)
    return clean


def _on_signals(wishes: SimpleQueue[Wish]) -> None:
    """A queue that may be put to while it is being put to, as a signal may come at any moment."""
    told: list[int] = []

    def end(number: int, _: object) -> None:
        if told:
            os._exit(INCOMPLETE)  # whatever is cut off here, the archive has whole or not at all
        told.append(number)
        wishes.put(Wish.END)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: wishes.put(Wish.RELOAD))


@dataclass(frozen=True, slots=True)
class _Setup:
    """The configuration in force, and what was made from it."""

    config: Config
    providers: Providers


class _Served:
    """One archive's passes, one after another or side by side, and what there is to say about them."""

    def __init__(self, load: Load, times: Times, until: Ending) -> None:
        self._load = load
        self._times = times
        self._until = until
        self._setup = _Setup(*load())
        self._entries: Sequence[Entry] = ()
        _check(self._setup, ())
        settings = self._setup.config.serve
        patience = timedelta(seconds=settings.misfire_grace_seconds + settings.jitter_seconds)
        self.standing = Standing(times, patience)
        self.metrics = Metrics()
        self._pool = self._pooled()
        self._notifier = self._told()
        self._writable = Writable(times.now, lambda: options.place(self.config.archive).check_writable())
        simulated = self._setup.config.simulated
        self._page = page.Page(times.now, lambda: options.store(self.config), self.standing, simulated=simulated)

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._setup.config

    @property
    def answers(self) -> dict[str, Callable[[], Answer]]:
        """What the port answers, by path."""
        return {
            "/": self._page.answer,
            "/healthz": lambda: _health(self.standing.dead()),
            "/readyz": lambda: _health(self.standing.unready() or self._writable.problem()),
            "/metrics": lambda: Answer(self.metrics.text(), "text/plain; version=0.0.4; charset=utf-8"),
        }

    def one_pass(self) -> Passed:
        """Do what is due now."""
        setup = self._setup
        passed = due_pass(setup.config, setup.providers, self._times.now, self._pool, self._watch, self._until)
        self._entries = passed.entries
        self._page.look()
        self._log(passed)
        if self._notifier and (payload := message(passed, Reader(options.store(setup.config)))):
            self._notifier.tell(payload)
        return passed

    def reload(self) -> None:
        """Read the configuration anew; UsageError when it cannot be used, or changes what needs a restart."""
        setup = _Setup(*self._load())
        for name in ("archive", "serve", "notify"):
            if getattr(setup.config, name) != getattr(self.config, name):
                raise UsageError(f"[{name}] has changed, which takes a restart; change it back, or restart")
        _check(setup, self._entries)
        threads, self._setup = self.config.collect.threads, setup
        if setup.config.collect.threads != threads:
            before, self._pool = self._pool, self._pooled()
            before.leave()  # what is under way there comes to its end

    def end(self) -> None:
        """Say good-bye to the notifications that still wait."""
        if self._notifier:
            self._notifier.end(_FAREWELL_SECONDS)
        self._pool.leave()

    @contextmanager
    def _watch(self, _: int) -> Iterator[Callable[[Snapshot, Sequence[Exchange]], None]]:
        yield self.metrics.snapshot

    def _pooled(self) -> Pool:
        pool = Pool(self.config.collect.threads)
        self.metrics.pool(pool)
        return pool

    def _told(self) -> Notifier | None:
        notify = self.config.notify
        if not notify.url:
            return None
        name = notify.secret.removeprefix("env:")
        if not (secret := os.environ.get(name)):
            raise UsageError(f"[notify] secret: the environment has no variable {name}, or it is empty; set it")
        target = Target(notify.url, secret.encode())
        return Notifier(target, self._times, lambda how: self.metrics.sent.labels(how).inc())

    def _log(self, passed: Passed) -> None:
        if passed.turn.rescheduled:
            log.info("schedule sealed", lines=len(passed.entries))
        finished = passed.finished
        if finished is None:
            log.info("nothing due")
            return
        log.info(
            "run sealed",
            run=finished.run,
            outcome=passed.outcome,
            served=passed.turn.summary["served"],
            missed=passed.turn.summary["missed"],
            gaps=len(finished.gaps) + sum(len(one.gaps) for one in finished.snapshots),
            leaves=passed.head.size,
        )


def _check(setup: _Setup, known: Sequence[Entry]) -> None:
    """UsageError for what a pass by this configuration would refuse, for the scopes that are known by now."""
    config, types = setup.config, {one.id: one for one in setup.providers.types}
    vouchers.parties(config.archive)
    schedule.check_types(config.schedule, list(types), {name for name, _ in setup.providers.broken})
    tasks = [
        Task(types[one.series.type], Scope(one.series.provider, one.series.unit, one.unit_name), None)
        for one in known
        if one.series.type in types
    ]
    schedule.entries(tasks, schedule.merged(shipped.schedule(), config.schedule), shipped.memories())


def _health(problem: str) -> Answer:
    body = json.dumps({"ok": not problem, "problem": problem}).encode() + b"\n"
    status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
    return Answer(body, "application/json", status)
