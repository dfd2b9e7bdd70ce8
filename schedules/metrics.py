"""What Prometheus is told. Counters begin at the start of the process; what lasts is in the archive."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

from collector.archive.worm import State as LockState
from collector.kept import COLLECTION
from collector.model import Cause
from collector.slots import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.engine.pool import Pool
    from collector.model import Exchange, Snapshot
    from collector.run import Finished
    from schedules.passed import Passed

_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_FINE = range(200, 400)


class Metrics:
    """Safe to use from many threads."""

    def __init__(self) -> None:
        # No second series beside each counter, for which nobody asked.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it lacks types
        self._registry = one = CollectorRegistry()
        name = "evidence_collector_{}".format
        self.runs = Counter(name("passes"), "Passes over the schedule.", ["outcome"], registry=one)
        self.due = Counter(name("slots_due"), "Slots that came due and were answered.", registry=one)
        self.slots = Counter(name("slots"), "Slots by what became of them.", ["state"], registry=one)
        self.gaps = Counter(name("gaps"), "What could not be read, by cause.", ["cause"], registry=one)
        self.late = Counter(name("late_starts"), "Passes that started after the misfire grace.", registry=one)
        self.jumps = Counter(name("clock_jumps"), "Times the clock jumped or the machine slept.", registry=one)
        self.reloads = Counter(name("reloads"), "Configurations read anew.", ["outcome"], registry=one)
        self.sent = Counter(name("notifications"), "Notifications by how they went.", ["outcome"], registry=one)
        self.requests = Counter(name("requests"), "Requests to providers.", ["provider", "answer"], registry=one)
        self.seconds = Histogram(
            name("request_seconds"), "How long an answer took.", ["provider"], buckets=_SECONDS, registry=one
        )
        self.leaves = Gauge(name("archive_leaves"), "Leaves of the archive's log.", registry=one)
        self.commits = Gauge(name("archive_commits"), "Commits of the archive's log.", registry=one)
        self.lock = Gauge(name("archive_lock"), "What the place said of its lock.", ["state"], registry=one)
        self.last = Gauge(name("last_pass_timestamp_seconds"), "When the last pass succeeded.", registry=one)
        self.last_run = Gauge(name("last_run_timestamp_seconds"), "When the last run was due.", registry=one)
        self.threads = Gauge(name("pool_threads"), "Threads that collect.", registry=one)
        self.busy = Gauge(name("pool_busy"), "Threads that are collecting now.", registry=one)
        self._seen = _Seen()
        for counter, labels in (
            (self.runs, ("nothing", "complete", "incomplete", "failed")),
            (self.slots, list(State)),
            (self.gaps, list(Cause)),
            (self.sent, ("delivered", "given_up", "dropped")),
        ):
            for label in labels:
                counter.labels(label)

    def pool(self, pool: Pool) -> None:
        """Tell of this pool from now on."""
        self.threads.set(pool.threads)
        self.busy.set_function(lambda: pool.busy)

    def snapshot(self, snapshot: Snapshot, exchanges: Sequence[Exchange]) -> None:
        """A snapshot was made by these requests. One that several snapshots share counts once."""
        provider = snapshot.scope.provider
        for one in self._seen.new(exchanges):
            answer = "none" if one.status is None else "fine" if one.status in _FINE else "refused"
            self.requests.labels(provider, answer).inc()
            self.seconds.labels(provider).observe((one.ended_at - one.started_at).total_seconds())

    def passed(self, passed: Passed) -> None:
        """A pass succeeded."""
        self._seen.forget()
        self.runs.labels(passed.outcome).inc()
        self.leaves.set(passed.head.size)
        self.commits.set(passed.head.sequence + 1)
        self.last.set(passed.turn.at.timestamp())
        if passed.finished is not None:
            self.last_run.set(passed.turn.at.timestamp())
            self._finished(passed.finished)

    def failed(self) -> None:
        """A pass failed."""
        self._seen.forget()
        self.runs.labels("failed").inc()

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry)

    def _finished(self, finished: Finished) -> None:
        for one in finished.snapshots:
            if one.slot is not None and one.evidence_type != COLLECTION:
                self.due.inc()
                self.slots.labels(State.of(complete=one.complete, records=one.records.count)).inc()
        for stretch in finished.missed:
            self.due.inc(stretch.count)
            self.slots.labels(stretch.cause.state).inc(stretch.count)
        for gap in (*finished.gaps, *(gap for one in finished.snapshots for gap in one.gaps)):
            self.gaps.labels(gap.cause).inc()
        for state in LockState:
            self.lock.labels(state.value).set(state is finished.lock.state)


class _Seen:
    """Which requests were counted already."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: set[tuple[object, ...]] = set()

    def new(self, exchanges: Sequence[Exchange]) -> list[Exchange]:
        """Those that were not seen before."""
        with self._lock:
            found = {(one.request, one.page, one.started_at): one for one in exchanges}
            fresh = [one for key, one in found.items() if key not in self._known]
            self._known.update(found)
            return fresh

    def forget(self) -> None:
        with self._lock:
            self._known.clear()
