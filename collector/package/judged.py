"""The controls of a run: what each rule said of each item, and the records it said it of."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from collector.errors import ArchiveError
from collector.model import Verdict
from collector.package import rule as rules
from collector.package.sealed import OutcomeLine, lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.reader import Leaf
    from collector.package.gathered import Gathered, Row, SealedSnapshot
    from collector.package.rule import Rule
    from collector.package.sealed import Archived, OutcomeBody

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Reason(StrEnum):
    """Why an item cannot be told."""

    EVIDENCE = "evidence"
    """Something that the rule needs was not read."""
    RULE = "rule"
    """Over complete evidence, the rule itself says that what the source gave does not decide it."""
    PART = "part"
    """It stands for a part of the control that nothing collected can judge."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item and what the rule said of it."""

    anchor: str
    said: OutcomeLine
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Untold:
    """Items that cannot be told: those of one scope, with the snapshots whose gaps keep them so.

    Or, with no `scope`, those that stand for the parts of a control that nothing collected can judge.
    """

    scope: str | None
    items: tuple[Item, ...]
    snapshots: tuple[SealedSnapshot, ...]

    @property
    def reason(self) -> Reason:
        """Why they cannot be told."""
        if self.scope is None:
            return Reason.PART
        own = all(item.said.seen is Verdict.CANNOT_TELL for item in self.items)
        return Reason.RULE if own and not self.snapshots else Reason.EVIDENCE

    @property
    def seen(self) -> dict[str, int]:
        """What the rule made of what was read, by verdict; the items of which nothing was read are left out."""
        return dict(Counter(item.said.seen.value for item in self.items if item.said.seen))


@dataclass(frozen=True, slots=True)
class Judged:
    """One control in one run. `earlier` are outcomes of the same run and control that this one came after."""

    leaf: Leaf
    said: OutcomeBody
    rule: Rule
    items: tuple[Item, ...]
    snapshots: tuple[SealedSnapshot, ...]
    earlier: tuple[tuple[Leaf, OutcomeBody], ...]

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"c-{self.rule.id}"

    def of(self, verdict: str) -> tuple[Item, ...]:
        """The items with this outcome."""
        return tuple(item for item in self.items if item.said.outcome == verdict)

    @property
    def untold(self) -> tuple[Untold, ...]:
        """The items that cannot be told, by scope; last, the parts that the rule does not judge anywhere."""
        scopes: dict[tuple[str | None, str | None], list[Item]] = {}
        for item in self.of(Verdict.CANNOT_TELL):
            if not self._is_part(item):
                scopes.setdefault((item.said.provider, item.said.unit), []).append(item)
        groups = [
            Untold(" ".join(part for part in place if part), tuple(items), self._keeping(*place, items))
            for place, items in scopes.items()
        ]
        if parts := tuple(item for item in self.items if self._is_part(item)):
            groups.append(Untold(None, parts, ()))
        return tuple(groups)

    @property
    def incomplete(self) -> tuple[SealedSnapshot, ...]:
        """The snapshots it was judged on that are incomplete."""
        return tuple(one for one in self.snapshots if not one.said.complete)

    @property
    def absent(self) -> tuple[str, ...]:
        """Evidence types that the rule names and that it was not judged on, anywhere."""
        there = {one.said.type for one in self.snapshots}
        return tuple(name for name in self.rule.header.evidence if name not in there)

    @property
    def proved_empty(self) -> bool:
        """Whether there is no item, and nothing is missing in which one could hide."""
        return self._no_item and bool(self.snapshots) and not self.incomplete and not self.absent

    @property
    def unknown(self) -> bool:
        """Whether there is no item, and yet there may be some: as unknown as an item that cannot be told."""
        return self._no_item and not self.proved_empty

    @property
    def _no_item(self) -> bool:
        return all(self._is_part(item) for item in self.items)

    def _is_part(self, item: Item) -> bool:
        return item.said.outcome is Verdict.CANNOT_TELL and item.said.seen is None and item.said.item in self.rule.parts

    def _keeping(self, provider: str | None, unit: str | None, items: Iterable[Item]) -> tuple[SealedSnapshot, ...]:
        """The incomplete snapshots of the items' own scope.

        Where it has none, those of the provider's other scopes, for what is read once for all of them is read in one;
        but not for items of which the rule itself, over complete evidence, said that it cannot tell.
        """
        here = [one for one in self.incomplete if (one.said.provider, one.said.unit) == (provider, unit)]
        if here or all(item.said.seen is Verdict.CANNOT_TELL for item in items):
            return tuple(here)
        return tuple(one for one in self.incomplete if provider in (None, one.said.provider))


def judge_all(archive: Archived, gathered: Gathered) -> tuple[Judged, ...]:
    """Every control of the run, by id."""
    latest: dict[str, list[tuple[Leaf, OutcomeBody]]] = {}
    for leaf, said in gathered.outcomes:
        latest.setdefault(said.control, []).append((leaf, said))
    snapshots = {one.leaf.index: one for one in gathered.snapshots}
    return tuple(_judged(archive, snapshots, latest[control]) for control in sorted(latest))


def _judged(
    archive: Archived, snapshots: dict[int, SealedSnapshot], versions: list[tuple[Leaf, OutcomeBody]]
) -> Judged:
    (*earlier, (leaf, said)) = versions
    where = f"leaf {leaf.index}, control {said.control}"
    if not _SAFE.fullmatch(said.control):
        raise ArchiveError(f"{where}: the control's id cannot be the name of a file")
    rule = rules.parse(archive.content(said.rule.sha256), where)
    if rule.id != said.control:
        raise ArchiveError(f"{where}: its rule is that of {rule.id}")
    judged = tuple(snapshots[index] for index in said.evidence)
    places = _rows(judged)
    items = tuple(
        Item(f"c-{rule.id}-i{number}", line, _found(line, places, where))
        for number, line in enumerate(lines(archive, said.outcomes, OutcomeLine, f"{where}: outcomes"), 1)
    )
    counted = Counter(item.said.outcome.value for item in items)
    if counted != {verdict: count for verdict, count in said.counts.items() if count}:
        raise ArchiveError(f"{where}: its leaf counts {said.counts}, its outcomes document {dict(counted)}")
    return Judged(leaf, said, rule, items, judged, tuple(earlier))


def _rows(snapshots: Iterable[SealedSnapshot]) -> dict[str, list[Row]]:
    places: dict[str, list[Row]] = {}
    for snapshot in snapshots:
        for row in snapshot.rows:
            places.setdefault(row.row_id, []).append(row)
    return places


def _found(line: OutcomeLine, places: dict[str, list[Row]], where: str) -> tuple[Row, ...]:
    for row_id in line.rows:
        if row_id not in places:
            raise ArchiveError(f"{where}: the item {line.item} stands on row {row_id}, which no judged evidence has")
    return tuple(row for row_id in line.rows for row in places[row_id])
