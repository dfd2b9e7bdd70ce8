"""Which cadence each evidence type has in each scope: the configured rules, applied to what there is to collect."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collector import cadence
from collector.errors import UsageError
from collector.slots import Entry, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.config import Override, ScheduleSettings, Skip
    from collector.model import Scope
    from collector.plan import Task


@dataclass(frozen=True, slots=True)
class Memory:
    """How many days a source remembers, and how many may lie at most between two collections of it.

    A third of what it remembers: two collections in a row may fail before anything is lost.
    """

    keeps_days: int
    apart_days: int


def merged(shipped: ScheduleSettings, own: ScheduleSettings) -> list[Override]:
    """The rules in the order they apply, the default first; what the company wrote comes after what is shipped."""
    return [(own if own.default else shipped).everywhere, *shipped.override, *own.override]


def check_types(own: ScheduleSettings, known: Collection[str], broken: Collection[str]) -> None:
    """UsageError for a pattern of the configuration that no evidence type has, with the nearest one.

    Patterns of providers whose connector could not be loaded are let be: nobody knows their types now.
    """
    rules = [("override", one.type) for one in own.override] + [("skip", one.type) for one in own.skip]
    for table, pattern in rules:
        if pattern.partition(".")[0] in broken or any(fnmatchcase(one, pattern) for one in known):
            continue
        near = get_close_matches(pattern, known, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else "`collector evidence` lists them"
        raise UsageError(f"[[schedule.{table}]] type = {pattern!r}: no evidence type has that name; {hint}")


def strangers(own: ScheduleSettings, scopes: Sequence[Scope]) -> list[str]:
    """The scope patterns of the configuration that match none of these scopes: misspelled, or gone since."""
    names = [name for scope in scopes for name in (scope.unit_id, scope.name)]
    return [rule.scope for rule in own.override if not any(fnmatchcase(name, rule.scope) for name in names)]


def entries(tasks: Iterable[Task], rules: Sequence[Override], memories: Mapping[str, Memory]) -> list[Entry]:
    """The schedule: one entry for each task, by the last rule that matches its evidence type and scope.

    UsageError for a cadence that is slower than the source's memory allows.
    """
    found = []
    for task in tasks:
        scope = task.scope
        (*_, rule) = (rule for rule in rules if _matches(rule, task.evidence.id, scope))
        _check_memory(task.evidence.id, rule.cadence, memories.get(task.evidence.id))
        series = Series(task.evidence.id, scope.provider, scope.unit_id)
        found.append(Entry(series, scope.name, str(cadence.parse(rule.cadence))))
    return sorted(found)


def skipping(skips: Sequence[Skip], planned: Iterable[Entry]) -> Callable[[Series, datetime], tuple[str, str] | None]:
    """Who decided against a slot of a series and why, by the first rule that matches; None when nobody did."""
    names = {entry.series: entry.unit_name for entry in planned}

    def skipped(series: Series, slot: datetime) -> tuple[str, str] | None:
        for one in skips:
            of_scope = any(fnmatchcase(name, one.scope) for name in (series.unit, names.get(series, "")))
            if of_scope and fnmatchcase(series.type, one.type) and one.covers(slot):
                return one.by, one.because
        return None

    return skipped


def cadence_of(evidence_type: str, rules: Sequence[Override]) -> str:
    """The cadence of an evidence type in scopes that have no rule of their own."""
    (*_, rule) = (one for one in rules if one.scope == "*" and fnmatchcase(evidence_type, one.type))
    return rule.cadence


def _matches(rule: Override, evidence_type: str, scope: Scope) -> bool:
    of_scope = fnmatchcase(scope.unit_id, rule.scope) or fnmatchcase(scope.name, rule.scope)
    return of_scope and fnmatchcase(evidence_type, rule.type)


def _check_memory(evidence_type: str, text: str, memory: Memory | None) -> None:
    if memory is None:
        return
    wait = cadence.longest_wait(cadence.parse(text))
    if wait.total_seconds() > memory.apart_days * 86_400:
        raise UsageError(
            f"[schedule] {evidence_type}: {text!r} leaves up to {wait.days} days between two collections, and its "
            f"source remembers {memory.keeps_days} days: what is older is lost for ever; at most {memory.apart_days} "
            "days may lie between, so that two collections in a row may fail"
        )
