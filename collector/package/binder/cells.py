"""CSV that a spreadsheet opens without running anything in it, and that a program reads back exactly.

A text that a spreadsheet would take for a formula, or that begins with an apostrophe, gets an apostrophe in front: who
reads it back takes one away. Nothing at all is "not given"; a pair of quotes is an empty text. Lists are JSON.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from collector import canonical
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_RISKY = ("=", "+", "-", "@", "\t", "\r", "'", "|", "%")
_QUOTED = frozenset(',"\r\n')


def document(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file: UTF-8, comma, one line for each row."""
    lines = [",".join(head), *(",".join(map(_cell, row)) for row in rows)]
    return "".join(f"{line}\n" for line in lines).encode()


def shown(value: object) -> str | None:
    """A value as the text of a cell; None for what is not given."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return timestamp(value)
        case str():
            return neutral(value)
    return neutral(canonical.encode(value).decode())


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _cell(value: object) -> str:
    text = shown(value)
    if text is None:
        return ""
    if not text or not _QUOTED.isdisjoint(text):
        return '"' + text.replace('"', '""') + '"'
    return text
