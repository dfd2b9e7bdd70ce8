"""What a provider's own log tells of a change, in words: the same in every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.period.narrowed import Clue


def in_words(**edges: Clue | None) -> str:
    """Each edge that the log tells of; edges are named by what happened at them."""
    return " / ".join(_told(edges))


def _told(edges: dict[str, Clue | None]) -> Iterator[str]:
    for word, clue in edges.items():
        if clue:
            when = timestamp(clue.at)
            if clue.among > 1:
                when = f"one of {clue.among}, {when} to {timestamp(clue.until)}"
            yield f"{word}: {when} {clue.action or ''} by {clue.actor or 'unknown'} (record {clue.row_id})"
