"""Reads what the plan says, and turns every way it can fail into a gap.

A bug in a connector is a gap too, marked `defect` (see `guard`): the rest of the run goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from collector import ending, normalise
from collector.connector import Per
from collector.guard import guarded
from collector.model import Content, Snapshot
from collector.pseudonyms import NOBODY
from collector.seal import completeness_document, exchanges_document
from collector.skew import largest, seen_up_to
from collector.source.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collector.connector import Connection, Source
    from collector.ending import Ending
    from collector.engine.pool import Pool
    from collector.model import Exchange
    from collector.plan import Task
    from collector.pseudonyms import Pseudonyms

log = structlog.get_logger()
Rows = list[tuple[tuple[str, str], bytes]]


def collect(
    tasks: Sequence[Task],
    connections: Mapping[str, Connection],
    pool: Pool,
    keep: Callable[[bytes], str],
    clock: Callable[[], datetime],
    done: Callable[[Snapshot, Sequence[Exchange]], None],
    until: Ending | None = None,
    people: Pseudonyms = NOBODY,
) -> list[Snapshot]:
    """A snapshot for every task, in the tasks' order. Documents go to `keep`; `done` hears of each as it is ready.

    What is not read when `until` gives up has a snapshot that says so. ArchiveError alone ends it: evidence that
    cannot be kept is no evidence. `people` replaces names and addresses in all that is kept.
    """
    started, gated = clock(), until.gated(keep) if until else keep

    def one(task: Task) -> Snapshot:
        return _snapshot(task, connections[task.scope.provider], pool, gated, clock, done, people)

    if until is None:
        return list(pool.map(one, tasks))
    read = list(pool.race(one, tasks, until.over))
    if until.abandoned:
        until.abandon()  # returns once no thread that was left behind is keeping anything any more
    return [found or _abandoned(task, keep, started, clock()) for task, found in zip(tasks, read, strict=True)]


def _snapshot(
    task: Task,
    connection: Connection,
    pool: Pool,
    keep: Callable[[bytes], str],
    clock: Callable[[], datetime],
    done: Callable[[Snapshot, Sequence[Exchange]], None],
    people: Pseudonyms,
) -> Snapshot:
    started, recorder = clock(), Recorder()
    caller, rows = _read(task, connection, pool, recorder, people)
    records, doubles = normalise.document(task.evidence.id, rows)
    for gap in doubles:
        recorder.gap(gap)
    snapshot = Snapshot(
        evidence_type=task.evidence.id,
        scope=task.scope,
        kind=task.evidence.kind,
        window=task.window and seen_up_to(task.window, recorder.exchanges),
        started_at=started,
        ended_at=clock(),
        caller=people.text(caller),
        records=_kept(records, keep),
        exchanges=_kept(people.document(exchanges_document(recorder.exchanges)), keep),
        completeness=_kept(people.document(completeness_document(recorder.gaps, recorder.totals)), keep),
        gaps=recorder.gaps,
        totals=recorder.totals,
        slot=task.slot,
        continues=task.continues,
        pseudonyms=people.mark,
        skew=largest(recorder.exchanges),
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
    done(snapshot, recorder.exchanges)
    return snapshot


def _abandoned(task: Task, keep: Callable[[bytes], str], started: datetime, ended: datetime) -> Snapshot:
    """A snapshot without anything but its gap; what its reader may have seen so far proves nothing."""
    gaps = (ending.abandoned(task.evidence.id),)
    return Snapshot(
        evidence_type=task.evidence.id,
        scope=task.scope,
        kind=task.evidence.kind,
        window=task.window,
        started_at=started,
        ended_at=ended,
        caller="nobody: abandoned at shutdown",
        records=_kept(b"", keep),
        exchanges=_kept(exchanges_document(()), keep),
        completeness=_kept(completeness_document(gaps, ()), keep),
        gaps=gaps,
        totals=(),
        slot=task.slot,
    )


def _read(task: Task, connection: Connection, pool: Pool, recorder: Recorder, people: Pseudonyms) -> tuple[str, Rows]:
    """Who asked, and the rows of every place that could be read."""
    sources: list[Source] = []

    def enter() -> Rows:
        sources.extend(connection.sources(task.evidence, task.scope, task.window, recorder))
        return []

    def read(source: Source) -> Rows:
        rows: Rows = []

        def fill() -> None:
            for record in task.evidence.read(source):
                rows.append(
                    normalise.line(
                        task.evidence.id, task.scope, people.record(record), estate=task.evidence.per is Per.ESTATE
                    )
                )

        guarded(task.evidence.id, fill, recorder.gap)
        return rows

    guarded(task.evidence.id, enter, recorder.gap)
    rows = [row for found in pool.map(read, sources) for row in found]
    return (sources[0].caller if sources else "nobody: the scope could not be entered"), rows


def _kept(document: bytes, keep: Callable[[bytes], str]) -> Content:
    return Content(keep(document), document.count(b"\n"))
