"""What the scope register takes out of every population: which rows, by which entry, for which time. Pure.

An entry takes out what belongs to the unit that it names, and nothing below or beside it; while it is in force; and
only where it says why, who approved it and since when. What nobody has decided on stays counted, and so does a unit of
which the register says two things at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from collector import canonical
from collector.model import Kind
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    Leaf = tuple[int, Mapping[str, Any]]

_TICK = timedelta.resolution
_BY_KIND = "projects/"
"""How the scope of a project that is collected by itself begins. The register knows units by their id alone."""
DECISIONS = "scope_decision"
"""The table of the register's entries. They are no rows of the units they name."""
OUT_OF_SCOPE = "out of scope: "
"""Begins the item by which a judgement says what the register took out of a control's evidence of one unit."""
UNITS = frozenset({"repository", "scope_unit"})
"""The tables that say which units there are: whoever judges the register itself needs all of them."""
BESIDE: Mapping[str, str] = {"change_review": "change_id"}
"""Tables whose rows belong to an item of another, and the column that names it: they are in or out with it."""
AT: Mapping[str, str] = {
    "access_event": "at",
    "backup_job": "started_at",
    "bypass": "at",
    "change": "merged_at",
    "change_event": "at",
    "commit": "committed_at",
    "deployment": "deployed_at",
    "disclosure": "at",
    "disposal": "disposed_at",
    "job_run": "started_at",
}
"""By table: when what is over as soon as it has happened did so. Everything else counts when it was looked at."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that excludes a unit, and says all that it must."""

    row_id: str
    leaf: int
    """The evidence leaf of the register that holds it."""
    unit: str
    reason: str
    approved_by: str
    start: datetime
    end: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it is in force then."""
        return self.start <= at and (self.end is None or at < self.end)

    def __str__(self) -> str:
        until = f" to {self.end:%Y-%m-%d %H:%M}" if self.end else ""
        return (
            f"out of scope by entry {self.row_id} of the register in leaf {self.leaf}, from "
            f"{self.start:%Y-%m-%d %H:%M}{until} UTC, approved by {self.approved_by}: {self.reason}"
        )


class Exclusions:
    """What one state of the register excludes."""

    def __init__(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """`rows` are the register's entries, each with the leaf that holds it."""
        self._entries: dict[str, list[Entry]] = {}
        self._kept: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
        for leaf, row in rows:
            start, end = _moment(row.get("valid_from")), _moment(row.get("valid_to"))
            reason, approver = (str(row.get(name) or "").strip() for name in ("reason", "approved_by"))
            if row.get("decision") == "in_scope":
                self._kept.setdefault(row["unit_id"], []).append((start, end))
            elif row.get("decision") == "excluded" and reason and approver and start:
                entry = Entry(row["row_id"], leaf, row["unit_id"], reason, approver, start, end)
                self._entries.setdefault(entry.unit, []).append(entry)

    @classmethod
    def of(cls, leaves: Iterable[Leaf], content: Callable[[str], bytes]) -> Self:
        """What these evidence leaves say together. A register that is not whole takes nothing out."""
        return cls(row for leaf in leaves for row in _entries(leaf, content))

    def __bool__(self) -> bool:
        return bool(self._entries)

    def entry(self, unit: str | None, at: datetime, until: datetime | None = None) -> Entry | None:
        """What excludes a unit at a moment, and on until another; None where nothing does.

        Nor does it where something else says at either of them that the unit is in scope.
        """
        moments = (at, until or at)
        found = next((one for one in self._entries.get(unit or "", ()) if all(map(one.holds, moments))), None)
        kept = self._kept.get(unit or "", ())
        return None if any((not s or s <= one) and (not e or one < e) for s, e in kept for one in moments) else found

    def of_row(self, row: Mapping[str, Any], body: Mapping[str, Any]) -> Entry | None:
        """What takes a row of this evidence leaf out."""
        return self.entry(unit_of(row, body), when(row, body)) if asked_of(row["table"]) else None

    def throughout(self, body: Mapping[str, Any]) -> Entry | None:
        """What takes the whole scope of an evidence leaf out, for all the time that it tells of."""
        if body["type_kind"] == Kind.RECORD:
            return None
        start = body["window"]["from"] if body["window"] else body["ended"]
        return self.entry(unit_of_scope(body["unit"]), moment(start), moment(body["ended"]))


def is_register(leaf: Leaf, content: Callable[[str], bytes]) -> bool:
    """Whether an evidence leaf holds entries of a register. What is no upload is none, and is not read for this."""
    body = leaf[1]
    return body["type_kind"] == Kind.RECORD and any(_decisions(content(body["records"]["sha256"])))


def asked_of(table: str) -> bool:
    """Whether the register is asked of the rows of a table."""
    return table not in BESIDE and table != DECISIONS


def unit_of_scope(name: str) -> str:
    """What the register calls a scope, where that is one unit."""
    return name.removeprefix(_BY_KIND)


def unit_of(row: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    """The unit that a row belongs to; rows of older archives do not say more than their scope.

    What people upload is of no unit: its scope is a name of the company's own, which might be that of a unit.
    """
    said: str | None = row.get("within", body["unit"])
    if said is None or said != body["unit"]:
        return said
    return None if body["type_kind"] == Kind.RECORD else unit_of_scope(said)


def when(row: Mapping[str, Any], body: Mapping[str, Any]) -> datetime:
    """The moment at which the register is asked of a row: when it happened, or else when it was looked at."""
    return moment(row.get(AT.get(row["table"], "")) or body["ended"])


class Decided:
    """The register over a whole log: what its newest state takes out, and nothing that was on record before it did."""

    def __init__(self, leaves: Iterable[Leaf], content: Callable[[str], bytes], until: datetime) -> None:
        """Of the registers that were sealed before `until` the newest of each type and scope counts."""
        known: dict[tuple[str, str, str], Leaf] = {}
        self._states: list[tuple[datetime, Exclusions]] = []
        for leaf in (one for one in leaves if one[1]["kind"] == "evidence" and moment(one[1]["ended"]) < until):
            series = leaf[1]["type"], leaf[1]["provider"], leaf[1]["unit"]
            if series in known or is_register(leaf, content):  # one without entries ends those of the one before
                known[series] = leaf
                self._states.append((moment(leaf[1]["ended"]), Exclusions.of(known.values(), content)))

    def of_row(self, row: Mapping[str, Any], body: Mapping[str, Any], collected: datetime) -> Entry | None:
        """What takes a row out that was first collected then."""
        found = self._states[-1][1].of_row(row, body) if self._states else None
        if found is None:
            return None
        said = next(at for at, state in self._states if state.of_row(row, body))
        return None if collected < said else found

    def throughout(self, unit: str, start: datetime, end: datetime) -> Entry | None:
        """What takes a whole scope out, from `start` up to `end`."""
        return self._states[-1][1].entry(unit_of_scope(unit), start, end - _TICK) if self._states else None


def _entries(leaf: Leaf, content: Callable[[str], bytes]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    index, body = leaf
    if body["type_kind"] == Kind.RECORD and body["complete"]:
        yield from ((index, row) for row in _decisions(content(body["records"]["sha256"])))


def _decisions(document: bytes) -> Iterator[Mapping[str, Any]]:
    """The rows of the table of decisions. Canonical JSON spells its name in one way, and most rows are others."""
    mark = f'"table":"{DECISIONS}"'.encode()
    return (canonical.decode(line) for line in document.splitlines() if mark in line)


def _moment(said: Any) -> datetime | None:  # noqa: ANN401 - a cell of a row
    return moment(said) if said else None
