"""Reads what the plan says, and turns every way it can fail into a gap.

A bug in a connector is a gap too, marked `defect` (see `guard`): the rest of the run goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from collector import normalise
from collector.guard import guarded
from collector.model import Content, Snapshot
from collector.seal import completeness_document, exchanges_document
from collector.source.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collector.connector import Connection, Source
    from collector.engine.pool import Pool
    from collector.plan import Task

log = structlog.get_logger()
Rows = list[tuple[tuple[str, str], bytes]]


def collect(
    tasks: Sequence[Task],
    connections: Mapping[str, Connection],
    pool: Pool,
    keep: Callable[[bytes], str],
    clock: Callable[[], datetime],
    done: Callable[[Snapshot], None],
) -> list[Snapshot]:
    """A snapshot for every task, in the tasks' order. Documents go to `keep`; `done` hears of each as it is ready.

    ArchiveError alone ends it: evidence that cannot be kept is no evidence.
    """

    def one(task: Task) -> Snapshot:
        snapshot = _snapshot(task, connections[task.scope.provider], pool, keep, clock)
        done(snapshot)
        return snapshot

    return list(pool.map(one, tasks))


def _snapshot(
    task: Task,
    connection: Connection,
    pool: Pool,
    keep: Callable[[bytes], str],
    clock: Callable[[], datetime],
) -> Snapshot:
    started, recorder = clock(), Recorder()
    caller, rows = _read(task, connection, pool, recorder)
    records, doubles = normalise.document(task.evidence.id, rows)
    for gap in doubles:
        recorder.gap(gap)
    snapshot = Snapshot(
        evidence_type=task.evidence.id,
        scope=task.scope,
        kind=task.evidence.kind,
        window=task.window,
        started_at=started,
        ended_at=clock(),
        caller=caller,
        records=_kept(records, keep),
        exchanges=_kept(exchanges_document(recorder.exchanges), keep),
        completeness=_kept(completeness_document(recorder.gaps, recorder.totals), keep),
        gaps=recorder.gaps,
        totals=recorder.totals,
        slot=task.slot,
    )
    log.info(
        "collected",
        evidence=task.evidence.id,
        scope=str(task.scope),
        records=snapshot.records.count,
        exchanges=snapshot.exchanges.count,
        gaps=len(snapshot.gaps),
        complete=snapshot.complete,
    )
    return snapshot


def _read(task: Task, connection: Connection, pool: Pool, recorder: Recorder) -> tuple[str, Rows]:
    """Who asked, and the rows of every place that could be read."""
    sources: list[Source] = []

    def enter() -> Rows:
        sources.extend(connection.sources(task.evidence, task.scope, task.window, recorder))
        return []

    def read(source: Source) -> Rows:
        rows: Rows = []

        def fill() -> None:
            for record in task.evidence.read(source):
                rows.append(normalise.line(task.evidence.id, task.scope, record))

        guarded(task.evidence.id, fill, recorder.gap)
        return rows

    guarded(task.evidence.id, enter, recorder.gap)
    rows = [row for found in pool.map(read, sources) for row in found]
    return (sources[0].caller if sources else "nobody: the scope could not be entered"), rows


def _kept(document: bytes, keep: Callable[[bytes], str]) -> Content:
    return Content(keep(document), document.count(b"\n"))
