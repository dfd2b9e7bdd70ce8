"""The provider's own log, where it tells when an item changed: narrower than two looks. Pure.

It narrows and never widens, and it is no look: what it says stands beside the bounds that the looks give.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.period.own_time import own_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from collector.period.looks import Leaf

_CHANGES_NOTHING = frozenset({"sign_in"})
_IDENTITIES = ("account_id", "principal_id", "resource_id", "credential_id", "name", "email")
"""Columns by which the row of an item says what a log would call it."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What a provider's log has of an item between the two looks that bound a change."""

    at: datetime
    """Of the first event that names it."""
    until: datetime
    """Of the last one; the same where there is one alone."""
    event_id: str
    action: str | None
    actor: str | None
    row_id: str
    leaf: int
    """The evidence leaf that holds the first one."""
    among: int
    """How many events name the item between these two looks: with more than one, which of them it was is not told."""


class Log:
    """The events of all providers' logs in the archive that change something and say what they were done to."""

    def __init__(self, leaves: Iterable[Leaf], content: Callable[[str], bytes]) -> None:
        """Each sealed document is read once; of an event that several windows hold, the first copy is kept."""
        self._of: dict[tuple[str, str], list[tuple[datetime, int, Mapping[str, Any]]]] = {}
        known: set[str] = set()
        for index, body in leaves:
            if body["kind"] != "evidence" or not body["window"] or body["records"]["sha256"] in known:
                continue
            known.add(body["records"]["sha256"])
            for line in content(body["records"]["sha256"]).splitlines():
                row = canonical.decode(line) if b'"table":"access_event"' in line else None
                if row and row["row_id"] not in known:
                    known.add(row["row_id"])
                    self._take(body["provider"], index, row)
        for events in self._of.values():
            events.sort(key=_moment)

    def between(self, provider: str, names: Collection[str], after: datetime, upto: datetime) -> Clue | None:
        """What the log has of one item later than `after` and not later than `upto`; None where it has nothing."""
        found: list[tuple[datetime, int, Mapping[str, Any]]] = []
        for name in sorted(set(names)):
            events = self._of.get((provider, name), [])
            found += events[bisect_right(events, after, key=_moment) : bisect_right(events, upto, key=_moment)]
        if not found:
            return None
        at, leaf, row = min(found, key=_moment)
        until = max(map(_moment, found))
        return Clue(
            at, until, row["event_id"], row.get("action"), row.get("actor"), row["row_id"], leaf, among=len(found)
        )

    def _take(self, provider: str, index: int, row: Mapping[str, Any]) -> None:
        at, target = own_time(row), row.get("target")
        if at and target and row.get("action") not in _CHANGES_NOTHING and row.get("outcome") != "failure":
            self._of.setdefault((provider, target), []).append((at, index, row))


def names_of(item: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """What a log may call an item: its own name, and what the rows that it was judged by are called.

    AWS knows an identity by its ARN, and its log by the name at the end of that.
    """
    told = {item, *(row[column] for row in rows for column in _IDENTITIES if isinstance(row.get(column), str))}
    return told | {one.rpartition("/")[2] for one in told if one.startswith("arn:")}


def _moment(event: tuple[datetime, int, Mapping[str, Any]]) -> datetime:
    return event[0]
