"""All that a package is made from: read once, and then only shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector import ledger as ledgers
from collector.coverage import coverage
from collector.excluded import Decided
from collector.package.binder.answers import Answers
from collector.package.binder.log import Log
from collector.package.binder.register import Register, register
from collector.package.binder.tested import Tested, tested
from collector.package.binder.units import discovered
from collector.package.binder.whole import Reading, Whole, whole
from collector.package.covered import covered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.archive.reader import Reader
    from collector.archive.store import Store
    from collector.ledger import Ledger
    from collector.package.binder.shelf import Shelf
    from collector.package.binder.span import Span
    from collector.package.binder.units import Discovered
    from collector.package.covered import Covered
    from collector.package.facts import Facts

    Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Binder:
    """The package's contents, before they are written."""

    log: Log
    period: Span
    facts: Facts
    ledger: Ledger
    controls: Sequence[Tested]
    whole: Mapping[str, Whole]
    """The completeness of each control's population, by control."""
    register: Register
    covered: Covered | None
    discovered: Discovered
    """What providers show that could be in scope, against the register."""
    shelf: Shelf
    answers: Answers
    cited: set[int] = field(default_factory=set)
    """The evidence leaves that get a page of their own."""

    def title(self, control: str) -> str:
        """What a control is, in a line."""
        return next((one.rule.header.title for one in self.controls if one.id == control), "")

    @property
    def untold(self) -> int:
        """How many items could not be told at the end."""
        return sum(one.counts["cannot_tell"] for one in self.controls)

    @property
    def incomplete(self) -> Sequence[Tested]:
        """The controls whose population is not whole."""
        return [one for one in self.controls if not self.whole[one.id].complete]


def gather(
    reader: Reader, store: Store, period: Span, facts: Facts, shelf: Shelf, step: Step = lambda *_: None
) -> Binder:
    """Read the archive for a period; ArchiveError for a reference that leads nowhere.

    `step` is told before each control how many are done and how many there are.
    """
    log = Log(reader, store)
    ledger = ledgers.read(log.pairs, log.reader.content)
    names, controls = sorted(log.outcomes), []
    for done, control in enumerate(names):
        step(done, len(names))
        if found := tested(log, control, period):
            controls.append(found)
    counted = coverage(ledger, period.start, period.end) if ledger.rules else []
    reading = Reading(
        log,
        {one.series: one for one in counted},
        period,
        Decided(log.pairs, reader.content, period.end),
        {name for name, one in facts.descriptions.items() if one.estate},
    )
    return Binder(
        log=log,
        period=period,
        facts=facts,
        ledger=ledger,
        controls=controls,
        whole={one.id: whole(reading, one) for one in controls},
        register=register(controls),
        covered=covered(log.reader, log.runs_end, (period.start, period.end)),
        discovered=discovered(log, period),
        shelf=shelf,
        answers=Answers(log, shelf),
    )
