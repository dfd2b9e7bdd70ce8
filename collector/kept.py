"""Evidence that answers no slot and stands until there is another of the same time. Pure.

Uploaded records are this: nobody knows when the next one comes. So is the map of identities: it goes on from the last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTITY_MAP = "agent.identity_map"
COLLECTION = "agent.collection"
"""What a run tells of the slots that it answered."""
_RECENT = timedelta(days=400)
"""How long before the newest upload of a type an older one may end and still be judged along: a year, and some."""

Place = tuple[tuple[str, ...], str, str]
"""A series, and the two ends of the window; empty where there is none."""
Kept = dict[Place, tuple[int, "Mapping[str, Any]"]]
"""The last such leaf of each place: its index and body."""


def uploaded(body: Mapping[str, Any]) -> bool:
    """Whether an evidence leaf is of what somebody uploaded by hand."""
    return body.get("slot") is None and body.get("type_kind") == "record"


def stands(body: Mapping[str, Any]) -> bool:
    """Whether an evidence leaf is one of these."""
    return uploaded(body) or (body.get("slot") is None and body["type"] == IDENTITY_MAP)


def keep(kept: Kept, series: tuple[str, ...], index: int, body: Mapping[str, Any]) -> None:
    """Take in one more leaf of the log."""
    window = body["window"] or {"from": "", "to": ""}
    kept[series, window["from"], window["to"]] = (index, body)
    if not window["to"]:
        return
    oldest = datetime.fromisoformat(window["to"]) - _RECENT
    for place in [place for place in kept if place[0] == series and place[2]]:
        if datetime.fromisoformat(place[2]) < oldest:
            del kept[place]
