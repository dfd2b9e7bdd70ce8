"""The service: APScheduler fires our slots, one loop watches clocks, signals and the end.

What a pass does, and what configuration it does it by, the service does not know. A pass finds in the archive what is
due, so nothing depends on a firing that came late, came twice or did not come: the next one finds what is left.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.base import BaseScheduler

from collector.errors import CollectorError
from schedules.clocks import ClockWatch
from schedules.trigger import SlotTrigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.config import ServeSettings
    from collector.ending import Ending
    from schedules.clocks import Times
    from schedules.metrics import Metrics
    from schedules.passed import Passed
    from schedules.standing import Standing

log = structlog.get_logger()
_LOOK_SECONDS = 1.0
_SEALING_SECONDS = 60.0
"""How long what was read may take to be sealed, once reading is over."""


class Wish(Enum):
    """What somebody wants of the loop."""

    LOOK = "look"
    RELOAD = "reload"
    END = "end"


class Service:
    """Fires passes until it is told to end.

    `wait` waits so many seconds for a wish, and gives None when none came; `wish` hands one in, from any thread.
    `one_pass` does a pass, and `reload` reads the configuration anew; both raise CollectorError with the reason.
    """

    def __init__(
        self,
        settings: ServeSettings,
        times: Times,
        *,
        wait: Callable[[float], Wish | None],
        wish: Callable[[Wish], None],
        one_pass: Callable[[], Passed],
        reload: Callable[[], None],
        until: Ending,
        watched_by: tuple[Standing, Metrics],
    ) -> None:
        self._settings = settings
        self._times = times
        self._wait = wait
        self._wish = wish
        self._one_pass = one_pass
        self._reload = reload
        self._until = until
        self._standing, self._metrics = watched_by
        self._lock = Lock()
        self._running = 0
        self._owed = False
        jitter = timedelta(seconds=settings.jitter_seconds)
        self._trigger = SlotTrigger(lambda: self._standing.state.cadences, jitter, settings.instance)

    def run(self) -> bool:
        """Serve until told to end. Whether nothing had to be left behind."""
        scheduler = _Scheduler(
            lambda: self._wish(Wish.LOOK),
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(self._settings.runs_at_once)},
        )
        scheduler.add_listener(self._heard, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        scheduler.start()
        # The first pass is made at once: it seals what was missed while nothing ran, and finds out what is to come.
        job = scheduler.add_job(
            self._fire,
            self._trigger,
            next_run_time=self._times.now(),
            coalesce=True,
            max_instances=self._settings.runs_at_once,
            misfire_grace_time=self._settings.misfire_grace_seconds,
        )
        watch = ClockWatch(self._times)
        wanted: Wish | None = None
        while wanted is not Wish.END:
            if self._takes_up():
                job.modify(next_run_time=self._times.now())
            ahead = scheduler.tick()
            self._standing.beat()
            wanted = self._wait(min(ahead, _LOOK_SECONDS))
            if jump := watch.jump():
                self._jumped(jump)
            if wanted is Wish.RELOAD:
                self._reloaded()
        scheduler.shutdown(wait=False)
        return self._ended()

    def _takes_up(self) -> bool:
        """Whether a pass is owed and there is room for it; then it is no longer owed."""
        with self._lock:
            free = self._owed and self._running < self._settings.runs_at_once
            self._owed = self._owed and not free
            return free

    def _fire(self) -> None:
        with self._lock:
            self._running += 1
        try:
            passed = self._one_pass()
            if self._standing.passed(passed):
                self._owe()  # other cadences have other next slots, and one may have come while nobody waited for it
            self._metrics.passed(passed)
        except CollectorError as error:
            if not self._until.asked:
                log.error("pass failed", reason=str(error), kind=type(error).__name__)  # noqa: TRY400 - it explains itself
                self._failed(str(error))
        finally:
            with self._lock:
                self._running -= 1
            self._wish(Wish.LOOK)

    def _heard(self, event: JobEvent) -> None:
        """From APScheduler: a firing had no room, came late, or ended with a bug of ours."""
        if event.code == EVENT_JOB_ERROR:
            log.error("defect", reason=repr(event.exception), trace=event.traceback)
            self._failed(f"a bug in the collector: {event.exception!r}")
            return
        if event.code == EVENT_JOB_MISSED:
            log.warning("late", due=event.scheduled_run_time.isoformat())
            self._metrics.late.inc()
        self._owe()

    def _failed(self, problem: str) -> None:
        self._standing.failed(problem)
        self._metrics.failed()

    def _owe(self) -> None:
        with self._lock:
            self._owed = True

    def _jumped(self, jump: timedelta) -> None:
        log.warning("clock jumped, or the machine slept", seconds=round(jump.total_seconds(), 1))
        self._metrics.jumps.inc()
        self._owe()

    def _reloaded(self) -> None:
        try:
            self._reload()
        except CollectorError as error:
            log.error("configuration refused; the old one stays in force", reason=str(error))  # noqa: TRY400 - as above
            self._metrics.reloads.labels("refused").inc()
            return
        log.info("configuration reloaded")
        self._metrics.reloads.labels("taken").inc()
        self._owe()

    def _ended(self) -> bool:
        """Wait for what is under way; abandon what is unread after the grace."""
        self._standing.end()
        self._until.ask()
        log.info("ending", under_way=self._running, grace_seconds=self._settings.grace_seconds)
        over = self._times.monotonic() + self._settings.grace_seconds
        while self._running and self._times.monotonic() < over + _SEALING_SECONDS:
            if self._times.monotonic() >= over and not self._until.abandoned:
                log.warning("abandoning what is not read yet")
                self._until.abandon()
            self._wait(min(_LOOK_SECONDS, max(over - self._times.monotonic(), 0.05)))
            self._standing.beat()
        if self._running:
            log.error("left a pass behind that does not end; what it had taken up is found by the next one")
        return not self._running and not self._until.abandoned


class _Scheduler(BaseScheduler):  # type: ignore[misc]  # APScheduler ships no types
    """APScheduler without a loop or a thread of its own for it."""

    def __init__(self, look: Callable[[], None], **options: object) -> None:
        self._look = look
        super().__init__(**options)

    def wakeup(self) -> None:
        """Jobs have changed."""
        self._look()

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - APScheduler's signature
        """Take up no more jobs."""
        super().shutdown(wait)

    def tick(self) -> float:
        """Start what is due; how many seconds there are until something else is."""
        return float(self._process_jobs() or 0.0)
