"""What a run has to do: a pure function of the evidence types, the scopes and the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collector.connector import Per
from collector.errors import UsageError
from collector.model import Kind, Window
from collector.slots import Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.connector import EvidenceType
    from collector.model import Scope


@dataclass(frozen=True, slots=True)
class Task:
    """One evidence type to be read in one scope; a population also has its window."""

    evidence: EvidenceType
    scope: Scope
    window: Window | None
    slot: datetime | None = None
    """The slot it serves; None for what is collected out of schedule."""
    continues: datetime | None = None
    """The end of the last complete window before this one; None when it goes on from none."""


def chosen(types: Iterable[EvidenceType], only: Sequence[str]) -> list[EvidenceType]:
    """The evidence types that match any of the patterns (`aws.iam.*`); all of them when there is no pattern.

    UsageError for a pattern that matches nothing.
    """
    ordered = sorted(types, key=lambda evidence: evidence.id)
    for pattern in only:
        if not any(fnmatchcase(evidence.id, pattern) for evidence in ordered):
            raise UsageError(f"--only {pattern}: no evidence type has that name; `collector evidence` lists them")
    return [evidence for evidence in ordered if not only or any(fnmatchcase(evidence.id, one) for one in only)]


def narrowed(scopes: Sequence[Scope], wanted: Sequence[str]) -> list[Scope]:
    """The scopes named by unit id or by name; all of them when none is named. UsageError for an unknown one."""
    for name in wanted:
        if not any(name in (scope.unit_id, scope.name) for scope in scopes):
            known = ", ".join(f"{scope.unit_id} {scope.name}".strip() for scope in scopes)
            raise UsageError(f"--scope {name}: not among the scopes found ({known})")
    return [scope for scope in scopes if not wanted or scope.unit_id in wanted or scope.name in wanted]


def plan(
    types: Iterable[EvidenceType], scopes: Sequence[Scope], homes: Mapping[str, Scope], now: datetime
) -> list[Task]:
    """Every evidence type in every scope it is read in; `homes` has each provider's scope for estate-wide ones.

    Each population is asked for all that its source remembers: see `continued`.
    """
    return [
        Task(evidence, scope, _window(evidence, now))
        for evidence in types
        for scope in scopes
        if scope.provider == evidence.provider and (evidence.per is not Per.ESTATE or scope == homes[scope.provider])
    ]


def continued(tasks: Iterable[Task], reached: Mapping[Series, datetime]) -> list[Task]:
    """The same tasks, with each population's window going on from where it was last read whole up to.

    `reached` has that moment for each that was ever read whole. The window begins earlier by as much as the source may
    be late, and never before what the source remembers: what lies between is lost.
    """
    return [
        _continued(task, reached.get(Series(task.evidence.id, task.scope.provider, task.scope.unit_id)))
        for task in tasks
    ]


def _continued(task: Task, end: datetime | None) -> Task:
    if task.window is None or end is None:
        return task
    if end > task.window.end:
        return replace(task, continues=end)  # the clock was set back: how far the last window really went, nobody knows
    start = max(task.window.start, end - timedelta(minutes=task.evidence.late_minutes))
    return replace(task, window=Window(start, task.window.end), continues=end)


def shared_needs(types: Iterable[EvidenceType]) -> frozenset[str]:
    """What more than one of these evidence types asks for."""
    seen: set[str] = set()
    twice: set[str] = set()
    for evidence in types:
        # The window or filter of a population makes each of its requests another one, but for what it shares.
        asked = evidence.shares if evidence.kind is Kind.POPULATION else evidence.needs
        twice |= seen.intersection(asked)
        seen.update(asked)
    return frozenset(twice)


def _window(evidence: EvidenceType, now: datetime) -> Window | None:
    """As much of a population as its source remembers."""
    if evidence.kind is not Kind.POPULATION:
        return None
    if evidence.keeps_days is None:
        raise ValueError(f"{evidence.id} is a population, but does not say how long its source remembers")
    return Window(now - timedelta(days=evidence.keeps_days), now)
