"""Entries of the audit log of administrators' actions, over all projects of an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.gcp.moments import moment, written
from connectors.gcp.operations import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

KEPT = 400
"""Days that Google keeps these logs, in a place that nobody can switch off or change."""
ACTIVITY = 'log_id("cloudaudit.googleapis.com/activity")'
_MOST = 100
"""Resources that one call may name."""
_PROGRAMS = ".gserviceaccount.com"


def of_window(source: GcpSource, methods: str) -> Iterator[Answer]:
    """The entries of the window that a filter on their method lets through, each once."""
    window = source.window
    span = f'timestamp >= "{written(window.start)}" AND timestamp < "{written(window.end)}"'
    sought = f"{ACTIVITY} AND {span} AND {methods}"
    known: set[str] = set()
    groups = places(source)
    for _, found in source.each(
        groups, lambda group: list(source.list(ENTRIES, resourceNames=list(group), filter=sought))
    ):
        for entry in found:
            mark = key(entry)
            if mark not in known:
                known.add(mark)
                yield entry


def places(source: GcpSource) -> list[tuple[str, ...]]:
    """The organisation, its folders and every project that is there, as many as one call takes at a time.

    What is waiting to be deleted has its log, too.
    """
    names = [f"projects/{unit.id}" for unit in source.units]
    if not source.root.startswith("projects/"):
        names += [source.root, *source.folders]
    ordered = sorted(set(names))
    return source.few([tuple(ordered[at : at + _MOST]) for at in range(0, len(ordered), _MOST)])


def key(entry: Answer) -> str:
    """What makes an entry one: Google may show it twice."""
    return f"{entry.get('timestamp')} {entry.get('logName')} {entry.get('insertId')}"


def actor(entry: Answer) -> str | None:
    """Who did it, by the address that was signed in with."""
    found = (entry.get("protoPayload") or {}).get("authenticationInfo") or {}
    return found.get("principalEmail") or found.get("principalSubject") or None


def actor_kind(entry: Answer) -> str | None:
    """Whether that is a person or a program; None where nobody is named."""
    who = actor(entry)
    return None if who is None else "service" if who.endswith(_PROGRAMS) or not _is_person(who) else "human"


def outcome(entry: Answer) -> str:
    """Whether it was done: a status with a code says that it was not."""
    return "failure" if ((entry.get("protoPayload") or {}).get("status") or {}).get("code") else "success"


def last(entries: Sequence[Answer]) -> Answer | None:
    """The newest of some entries."""
    dated = [(at, one) for one in entries if (at := moment(one.get("timestamp"))) is not None]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None


def _is_person(who: str) -> bool:
    return "@" in who and not who.startswith(("serviceAccount:", "principal"))
