"""Which project a record belongs to: the scope register knows projects, and the scope here is their organisation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.records import Record
    from connectors.gcp.source import GcpSource

_NAMED = re.compile(r"(?:^|/|\s)projects/([^/\s]+)")
_PLACES = (
    ("project",),
    ("projectId",),
    ("resource", "project"),
    ("resource", "labels", "project_id"),
    ("resource", "gcpMetadata", "project"),
    ("resource", "data", "project"),
)
"""Where the answers of single services name the project."""


def within(source: GcpSource, record: Record) -> str | None:
    """The project's id; None for what is of a folder or the organisation, and where nothing tells which project it is.

    The first answer that a record was made from is of the thing itself: the inventory gives the project above it, and
    single services name it. Else the record's own name does.
    """
    for said in _said(record):
        kind, _, name = said.rpartition("/")
        if kind.rpartition("/")[2] in {"folders", "organizations"}:
            return None
        if name:
            return source.project_id(name)
    return None


def _said(record: Record) -> Iterator[str]:
    first: Mapping[str, Any] = record.seen[0] if record.seen else {}
    yield from [str(one) for one in first.get("ancestors") or ()][:1]
    for path in _PLACES:
        value: Any = first
        for name in path:
            value = value.get(name) if isinstance(value, dict) or hasattr(value, "get") else None
        if isinstance(value, str) and value:
            yield value
    about = (first.get("finding") or {}).get("resourceName")
    for text in (record.key, *(str(one or "") for one in (first.get("logName"), first.get("name"), about))):
        yield from _NAMED.findall(text)[:1]
