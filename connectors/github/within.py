"""Which repository a record belongs to: the scope register knows these, and the scope is their organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collector.records import Record
    from collector.source.rest.source import RestSource

_NAMING = ("change_id", "asset_id", "resource", "principal_id", "document", "request_id", "incident_id")
"""Fields by which records without a field `repo` name the repository: `OWNER/NAME`, and more behind it."""


def within(source: RestSource, record: Record) -> str | None:
    """`OWNER/NAME`; None for what is of the organisation as a whole."""
    owner = f"{source.scope.unit_id}/".lower()
    for name in _NAMING:
        value: Any = getattr(record, name, None)
        if isinstance(value, str) and value.lower().startswith(owner):
            return _repository(value)
    return None


def _repository(text: str) -> str:
    """What of `OWNER/NAME#12`, `OWNER/NAME:path` or `OWNER/NAME@7` is the repository."""
    owner, _, rest = text.partition("/")
    for mark in "#:@ /":
        rest = rest.partition(mark)[0]
    return f"{owner}/{rest}"
