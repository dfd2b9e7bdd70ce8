"""The scope register that the company uploads: which of its entries decide on a unit at a moment. Pure.

The same order of questions as the rule of GOV-12, which judges it; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.package.binder.log import Version

REGISTER = "records.scope_register"
CLOSING = frozenset({"suspended", "pending_closure", "closed", "delete_requested", "deleted"})
"""What a provider calls a unit that is to be deleted, or was: it needs no entry."""


class Standing(StrEnum):
    """What a unit is to the company."""

    IN_SCOPE = "in scope"
    EXCLUDED = "excluded"
    UNCLASSIFIED = "unclassified"
    BOTH = "in scope and excluded"
    UNTOLD = "no register"
    CLOSING = "being closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register, as one upload of it has it."""

    version: Version

    @property
    def unit_id(self) -> str:
        """The unit that it is about."""
        return str(self.version.row["unit_id"])

    def given(self, name: str) -> str | None:
        """A column as it was given; None where it is empty."""
        said = self.version.row.get(name)
        return said if isinstance(said, str) and said.strip() else None

    def in_force(self, at: datetime) -> bool:
        """Whether its dates hold at a moment; one without a first day has always been there."""
        begins, ends = self.given("valid_from"), self.given("valid_to")
        return (begins is None or moment(begins) <= at) and (ends is None or moment(ends) > at)

    @property
    def words(self) -> str:
        """It in a line: the decision, and what else it says."""
        dates = [(word, self.given(name)) for word, name in (("from", "valid_from"), ("to", "valid_to"))]
        approved = self.given("approved_by")
        told = [self.given("reason"), approved and f"approved by {approved}"]
        told += [f"{word} {said[:10]}" for word, said in dates if said]
        more = ", ".join(part for part in told if part)
        decision = (self.given("decision") or "no decision").replace("_", " ")
        return f"{decision}: {more}" if more else decision

    @property
    def lacks(self) -> Sequence[str]:
        """What it must say and does not. Only an exclusion needs more than its decision."""
        decision = self.given("decision")
        if decision == "in_scope":
            return ()
        named = {"a reason": "reason", "an approver": "approved_by", "a first day": "valid_from"}
        missing = [word for word, name in named.items() if self.given(name) is None]
        return missing if decision == "excluded" else ["a decision", *missing]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the register says of a unit at a moment."""

    standing: Standing
    because: str
    entry: Entry | None = None
    """The entry that decides; of several, the one that began last."""

    @property
    def words(self) -> str:
        """It in a line: in the register's words, where an entry of it decides."""
        if self.entry and self.standing in {Standing.IN_SCOPE, Standing.EXCLUDED}:
            return self.entry.words
        return f"{self.standing.value}: {self.because}"

    def same_as(self, other: Decision) -> bool:
        """Whether both say the same, by the same words of the register."""
        words = [one.entry.version.sha256 if one.entry else "" for one in (self, other)]
        return self.standing is other.standing and words[0] == words[1]


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it stands with one upload; `leaf` is None before the first one."""

    leaf: int | None = None
    whole: bool = False
    of: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    """Its entries by the unit that they are about."""

    @property
    def entries(self) -> Iterator[Entry]:
        """All of them."""
        return (one for unit in sorted(self.of) for one in self.of[unit])

    def boundaries(self, after: datetime, upto: datetime) -> dict[datetime, set[str]]:
        """When entries begin or end, later than `after` and not later than `upto`, and the units they are about."""
        found: dict[datetime, set[str]] = {}
        for one in self.entries:
            for said in (one.given("valid_from"), one.given("valid_to")):
                if said and after < moment(said) <= upto:
                    found.setdefault(moment(said), set()).add(one.unit_id)
        return found

    def decision(self, unit_id: str, status: str | None, at: datetime) -> Decision:
        """What it says of a unit, whose state at its provider is `status`."""
        if status in CLOSING:
            return Decision(Standing.CLOSING, f"its provider calls it {status}")
        force = sorted(
            (one for one in self.of.get(unit_id, ()) if one.in_force(at)), key=lambda one: one.given("valid_from") or ""
        )
        inside = [one for one in force if one.given("decision") == "in_scope"]
        outside = [one for one in force if one.given("decision") == "excluded" and not one.lacks]
        if inside and outside:
            return Decision(Standing.BOTH, "two entries in force contradict each other", outside[-1])
        if inside or outside:
            return Decision(
                Standing.IN_SCOPE if inside else Standing.EXCLUDED, "an entry in force", (inside or outside)[-1]
            )
        return self._undecided(force)

    def _undecided(self, force: Sequence[Entry]) -> Decision:
        if not self.whole:
            return Decision(Standing.UNTOLD, "no whole register was there" if self.leaf else "no register was there")
        if force:
            return Decision(Standing.UNCLASSIFIED, f"its entry lacks {', '.join(force[-1].lacks)}", force[-1])
        return Decision(Standing.UNCLASSIFIED, "no entry in force names it")


def register_of(leaf: int, versions: Iterable[Version], *, whole: bool) -> Register:
    """The register of one upload."""
    of: dict[str, list[Entry]] = {}
    for version in versions:
        if version.row["table"] == "scope_decision":
            entry = Entry(version)
            of.setdefault(entry.unit_id, []).append(entry)
    return Register(leaf, whole, of)
