"""What the providers show that could be in scope, held against the scope register, over a period. Pure, over the log.

One unit is one line of a provider's own list of accounts, projects, subscriptions or repositories. Lists and uploads
of the register are gone through in the order they were made; whatever changes what a unit is to the company, is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.package.binder.scope_register import REGISTER, Register, Standing, register_of
from collector.slots import Series, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.package.binder.log import Log, Version
    from collector.package.binder.scope_register import Decision, Entry
    from collector.package.binder.span import Span

LISTS: Mapping[str, str] = {
    "aws.org.accounts": "accounts",
    "azure.subscriptions": "subscriptions",
    "gcp.org.projects": "projects",
    "github.repos": "repositories",
}
"""The evidence types that list units, and what they call them."""

UNDECIDED = (Standing.UNCLASSIFIED, Standing.BOTH, Standing.UNTOLD)
STANDINGS = (*UNDECIDED, Standing.EXCLUDED, Standing.IN_SCOPE, Standing.CLOSING)
"""In the order in which a reader wants them: what nobody has decided first."""

_NAMES = {"scope_unit": "unit_id", "repository": "repo"}
"""By table: the column that the register knows a unit by."""


@dataclass(slots=True)
class Unit:
    """A unit that a provider showed in the period."""

    series: Series
    unit_id: str
    version: Version
    """Its row, as the list that last showed it has it."""
    first_seen: datetime
    """By a list of the archive, in the period or before."""
    last_seen: datetime
    last_leaf: int
    """The list that showed it then."""
    decision: Decision
    """At the end of the period, or when it was last seen."""
    at_start: Standing | None = None
    """When the period began; None for one that was not known then."""
    gone_by: datetime | None = None
    """The first whole list without it."""

    @property
    def name(self) -> str | None:
        """What its owner calls it."""
        return self.version.row.get("name")

    @property
    def status(self) -> str | None:
        """Its state, in its provider's words."""
        return _status(self.version)


@dataclass(frozen=True, slots=True)
class Change:
    """Something about the scope that was another thing before."""

    at: datetime
    series: Series
    unit_id: str
    what: str
    before: str | None
    after: str | None
    leaf: int | None
    """The list or the upload that shows it; None where an entry's own dates came."""


@dataclass(slots=True)
class List:
    """One provider's list in one scope, and how it ties."""

    series: Series
    opening: int = 0
    """Units when the period began; of a list that was first read in it, those of the first reading."""
    found: int = 0
    gone: int = 0
    closing: int = 0
    standings: Counter[Standing] = field(default_factory=Counter)
    first: datetime | None = None
    """The first reading in the period; None where there was none."""
    last: datetime | None = None
    """The last reading up to the end of the period."""
    leaf: int = 0
    readings: int = 0
    """In the period."""
    partial: int = 0
    """How many of these were not whole: what such a one lacks may be there."""
    whole: bool = True
    """Whether the last one is."""
    began_inside: bool = False
    """Whether the first reading of all is of the period."""

    @property
    def ties(self) -> bool:
        """Whether both sums give what is there at the end."""
        return self.opening + self.found - self.gone == self.closing == self.standings.total()


@dataclass(frozen=True, slots=True)
class Discovered:
    """All of it."""

    lists: Sequence[List]
    units: Sequence[Unit]
    changes: Sequence[Change]
    register: Register
    """As it stands at the end."""
    unread: Sequence[str]
    """The lists that were never read, of providers that evidence was read from."""

    @property
    def undecided(self) -> int:
        """How many of the units that are there at the end nobody has decided on, or not in one voice."""
        return sum(one.standings[each] for one in self.lists for each in UNDECIDED)

    @property
    def adrift(self) -> Sequence[Entry]:
        """Entries about units that no list showed."""
        known = {one.unit_id for one in self.units}
        return [one for one in self.register.entries if one.unit_id not in known]


def discovered(log: Log, period: Span) -> Discovered:
    """Read every list and every upload of the register up to the end of the period."""
    walk = _Walk(log, period)
    steps = [(moment(said.ended), index) for index, said in log.evidence.items() if said.type in {*LISTS, REGISTER}]
    for at, index in sorted(steps):
        if at >= period.end:
            break
        walk.step(at, index)
    walk.upto(period.end)
    read = {said.provider for said in log.evidence.values() if moment(said.started) < period.end}
    unread = [one for one in LISTS if one.partition(".")[0] in read and one not in {place.type for place in walk.lists}]
    units = sorted((*walk.here.values(), *walk.gone.values()), key=_order)
    return Discovered([walk.lists[one] for one in sorted(walk.lists)], units, walk.changes, walk.register, unread)


class _Walk:
    """Where the walk through the log has come to."""

    def __init__(self, log: Log, period: Span) -> None:
        self.lists: dict[Series, List] = {}
        self.here: dict[tuple[Series, str], Unit] = {}
        self.gone: dict[tuple[Series, str], Unit] = {}
        self.changes: list[Change] = []
        self.register = Register()
        self._log = log
        self._period = period
        self._at: datetime | None = None
        self._begun = False
        self._read: dict[Series, tuple[str, bool, Sequence[str]]] = {}
        """The last reading of each list: its records, whether it was whole, and the units in it."""

    def step(self, at: datetime, index: int) -> None:
        """Take in a list, or an upload of the register."""
        self.upto(at)
        said = self._log.evidence[index]
        if said.type == REGISTER:
            self._uploaded(at, index, whole=said.complete)
        else:
            self._listed(at, index, Series(said.type, said.provider, said.unit), said.records.sha256)

    def upto(self, at: datetime) -> None:
        """Let time pass: entries begin and end, and so does the period."""
        if not self._begun and at >= self._period.start:
            self._pass(self._period.start)
            self._begun = True
            for (series, _), unit in self.here.items():
                unit.at_start = unit.decision.standing
                self.lists[series].opening += 1
        self._pass(at)
        if at == self._period.end:
            for (series, _), unit in self.here.items():
                self.lists[series].closing += 1
                self.lists[series].standings[unit.decision.standing] += 1

    def _pass(self, at: datetime) -> None:
        for boundary, named in sorted(self.register.boundaries(self._at, at).items()) if self._at else ():
            for unit in [one for one in self.here.values() if one.unit_id in named]:
                self._decide(unit, boundary, None)
        self._at = at

    def _uploaded(self, at: datetime, index: int, *, whole: bool) -> None:
        before, self.register = self.register, register_of(index, self._log.rows(index).values(), whole=whole)
        old, new = ({one.version.row_id: one for one in each.entries} for each in (before, self.register))
        for row_id in sorted(old.keys() | new.keys()):
            was, now = old.get(row_id), new.get(row_id)
            if was is None or now is None or was.version.sha256 != now.version.sha256:
                what = "entry taken out" if now is None else "entry added" if was is None else "entry changed"
                about = now or was
                said = self._log.evidence[index]
                if about and self._begun:
                    place = Series(REGISTER, said.provider, said.unit)
                    told = (was.words if was else None, now.words if now else None)
                    self.changes.append(Change(at, place, about.unit_id, what, *told, index))
        for unit in self.here.values():
            self._decide(unit, at, index)

    def _listed(self, at: datetime, index: int, series: Series, sha256: str) -> None:
        said, known = self._log.evidence[index], series in self.lists
        one = self.lists.setdefault(series, List(series, began_inside=self._begun))
        one.last, one.leaf, one.whole = at, index, said.complete
        if self._begun:
            one.first, one.readings, one.partial = one.first or at, one.readings + 1, one.partial + (not said.complete)
        sha256_before, whole_before, shown_before = self._read.get(series, ("", False, ()))
        if (sha256_before, whole_before) == (sha256, said.complete):  # mostly it is the same list again
            for unit_id in shown_before:
                unit = self.here[series, unit_id]
                unit.last_seen, unit.last_leaf = at, index
            return
        shown = dict(_units(self._log.rows(index).values()))
        self._read[series] = (sha256, said.complete, list(shown))
        for unit_id, version in shown.items():
            self._shown(at, series, unit_id, version, first=not known)
        if said.complete:
            for place in [place for place in self.here if place[0] == series and place[1] not in shown]:
                self._left(at, index, self.here.pop(place))

    def _shown(self, at: datetime, series: Series, unit_id: str, version: Version, *, first: bool) -> None:
        place, index = (series, unit_id), version.leaf
        decision = self.register.decision(unit_id, _status(version), at)
        if unit := self.here.get(place):
            unit.version, unit.last_seen, unit.last_leaf = version, at, index
            self._decide(unit, at, index)
            return
        before = self.gone.pop(place, None)
        since = before.first_seen if before else at
        opened = before.at_start if before else None
        self.here[place] = Unit(series, unit_id, version, since, at, index, decision, opened)
        if first:
            self.lists[series].opening += self._begun
        elif self._begun:
            self.lists[series].found += 1
            what = "found again" if before else "found"
            self.changes.append(Change(at, series, unit_id, what, None, decision.words, index))

    def _left(self, at: datetime, index: int, unit: Unit) -> None:
        if self._begun:
            unit.gone_by = at
            self.gone[unit.series, unit.unit_id] = unit
            self.lists[unit.series].gone += 1
            self.changes.append(
                Change(at, unit.series, unit.unit_id, "no longer shown", unit.decision.words, None, index)
            )

    def _decide(self, unit: Unit, at: datetime, leaf: int | None) -> None:
        decision = self.register.decision(unit.unit_id, unit.status, at)
        if self._begun and not decision.same_as(unit.decision):
            self.changes.append(
                Change(at, unit.series, unit.unit_id, "decided", unit.decision.words, decision.words, leaf)
            )
        unit.decision = decision


def _units(versions: Iterable[Version]) -> Iterator[tuple[str, Version]]:
    for version in versions:
        if column := _NAMES.get(version.row["table"]):
            yield str(version.row[column]), version


def _status(version: Version) -> str | None:
    row = version.row
    if row["table"] == "repository":
        return None if row.get("archived") is None else "archived" if row["archived"] else "active"
    return row.get("status")


def _order(unit: Unit) -> tuple[object, ...]:
    """What nobody decided first."""
    return unit.gone_by is not None, STANDINGS.index(unit.decision.standing), unit.series, unit.unit_id
