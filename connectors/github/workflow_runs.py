"""What ran in Actions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.model import Cause, Kind
from collector.records import JobRun
from connectors.github import github
from connectors.github.actors import actor
from connectors.github.change_operations import RUNS
from connectors.github.repositories import LISTED, at, in_scope, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

MOST = 1_000
"""How many runs GitHub shows of one search, however many it says there are."""
_SECOND = timedelta(seconds=1)
_STATUS = {
    "success": "success",
    "failure": "failure",
    "timed_out": "failure",
    "startup_failure": "failure",
    "cancelled": "cancelled",
    "skipped": "skipped",
}


@github.evidence("github.actions.runs", yields=JobRun, needs=[*LISTED, RUNS], kind=Kind.POPULATION, keeps_days=400)
def runs(source: RestSource) -> Iterator[JobRun]:
    """CI and deploy workflow runs.

    Population: every run of a workflow that was created within the window, in every repository, archived ones included.
    A run that was tried again is one row, with the number and the end of its last attempt. GitHub deletes runs after
    the time that is set for it, 400 days at most: what is older is in no answer.

    GitHub shows 1,000 runs of a search at most: where it says that there are more, the window is halved, down to a
    second. Complete when every part has as many runs as GitHub says it has.
    """
    window = source.window
    # A search is by whole seconds, both ends included; a moment that is not whole lies in the second after it began.
    first = window.start.replace(microsecond=0) + (_SECOND if window.start.microsecond else timedelta())
    last = window.end - timedelta(microseconds=1)
    for repository, found in source.each(
        in_scope(source, archived=True), lambda one: list(_runs(source, one, first, last.replace(microsecond=0)))
    ):
        for one in found:
            yield _run(source, repository, one)


def _runs(source: RestSource, repository: Answer, first: datetime, last: datetime) -> Iterator[Answer]:
    """The runs created from one second to another, both included."""
    created = f"{first:%Y-%m-%dT%H:%M:%SZ}..{last:%Y-%m-%dT%H:%M:%SZ}"
    total, items = source.counted(RUNS, **at(repository), created=created)
    if total <= MOST:
        yield from items
    elif first == last:
        detail = f"{total} runs began in this second, and GitHub shows {MOST} at most"
        source.gap(Cause.TRUNCATED, f"{RUNS} {repository['full_name']} {created}", detail)
        yield from items
    else:
        middle = first + (last - first) // 2
        middle = middle.replace(microsecond=0)
        yield from _runs(source, repository, first, middle)
        yield from _runs(source, repository, middle + _SECOND, last)


def _run(source: RestSource, repository: Answer, run: Answer) -> JobRun:
    done = run["status"] == "completed"
    return JobRun(
        key=str(run["id"]),
        seen=[run],
        job_run_id=str(run["id"]),
        process=run.get("name"),
        repo=repository["full_name"],
        trigger=run["event"],
        sha=run["head_sha"],
        actor=actor(run.get("actor"), source.settings).login,
        attempt=run.get("run_attempt"),
        started_at=moment(run.get("run_started_at") or run["created_at"]),
        ended_at=moment(run["updated_at"]) if done else None,
        status=_STATUS.get(run["conclusion"] or "", "other") if done else "running",
    )
