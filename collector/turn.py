"""Taking turns: how a run finds the slots that are its own to serve, on an archive that others write to as well.

The run puts a claim into the log before it collects. Whoever reads the log sees whose claim came first; so of two runs
at once each slot is served by one. A run that dies leaves its claim to run out, and the next one finds what it left.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from collector import seal
from collector.archive.reader import Reader
from collector.basis import standing
from collector.ledger import read
from collector.model import Content
from collector.normalise import timestamp
from collector.recent import recent
from collector.slots import Cause, Missed, Series, entries_document, missed_document, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from collector.archive.archive import Archive
    from collector.archive.staging import Staging
    from collector.archive.store import Store
    from collector.ledger import Ledger
    from collector.model import Scope
    from collector.slots import Entry

    Why = tuple[Cause, str, str]
    Skipped = Callable[[Series, datetime], tuple[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The slots that are a run's own: those it serves, and those it can only say were missed."""

    run: str
    at: datetime
    until: datetime
    due: Mapping[Series, datetime]
    """The newest slot of each series, if nothing answers it yet."""
    missed: Sequence[Missed]
    standing: Sequence[tuple[int, Mapping[str, Any]]]
    """Evidence of earlier runs that answers the newest slot of its series, or was attached: index and body."""
    reached: Mapping[Series, datetime]
    """Up to where each population has been read whole."""
    rescheduled: bool
    """Whether the schedule or the list of scopes has changed, and the new one was sealed."""
    store: Store

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.due and not self.missed

    @property
    def summary(self) -> dict[str, Any]:
        """For the run leaf."""
        missed = Counter[str]()
        for one in self.missed:
            missed[one.cause.value] += one.count
        return {"at": timestamp(self.at), "served": len(self.due), "missed": dict(missed)}

    def slot(self, evidence_type: str, scope: Scope) -> datetime | None:
        """The slot that a snapshot of this type and scope serves; None when there is none to serve."""
        return self.due.get(Series(evidence_type, scope.provider, scope.unit_id))

    def confirmed(self, now: datetime) -> Turn:
        """What is still the run's own. Only a claim that ran out can have lost something to another run."""
        if now < self.until:
            return self
        ledger = ledger_of(self.store)
        due = {series: slot for series, slot in self.due.items() if _held(ledger, self.run, slot)}
        missed = [one for one in self.missed if all(_held(ledger, self.run, slot) for slot in (one.first, one.last))]
        return replace(self, due=due, missed=missed)

    def missed_leaf(self, staging: Staging, now: datetime) -> Iterator[dict[str, Any]]:
        """The leaf of the slots that were missed, if any were."""
        if self.missed:
            document = missed_document(self.missed)
            cited = Content(staging.put(document), document.count(b"\n"))
            yield seal.missed_leaf(self.run, now, cited, self.summary["missed"])


def ledger_of(store: Store) -> Ledger:
    """What the log says of the schedule, read anew. ArchiveError when it cannot be read."""
    reader = Reader(store)
    return read(((leaf.index, leaf.body) for leaf in reader.leaves()), reader.content)


def take(
    archive: Archive,
    store: Store,
    entries: Sequence[Entry],
    run: str,
    now: datetime,
    *,
    hold: timedelta,
    broken: Mapping[str, str],
    skipped: Skipped = lambda _series, _slot: None,
) -> Turn:
    """Seal the schedule if it is a new one, and claim every slot up to `now` that is open.

    `entries` is the schedule as it is from now on. `broken` are the providers that could not be started, each with the
    reason: their entries stay as they were, and their slots fail. `skipped` tells who decided against a slot, and why.
    """
    known = recent(archive)
    ledger = known.ledger
    wanted = sorted({*entries, *_kept(ledger, broken)})
    changed = not ledger.rules or wanted != sorted(ledger.rules[-1].entries.values())
    opening = []
    with archive.stage(now) as staging:
        if changed:
            document = entries_document(wanted)
            cited = Content(staging.put(document), document.count(b"\n"))
            opening.append(seal.schedule_leaf(now, cited, known.basis))
        if any(_free(ledger, now, slot) for _, slot in ledger.unanswered(now)):
            opening.append(seal.claim_leaf(run, now, now + hold, known.basis))
        if opening:
            archive.append(opening, staging)
            ledger = recent(archive).ledger
    serving = {entry.series for entry in entries}
    found = _sorted_out(ledger, run, now, serving, broken, skipped)
    return Turn(
        run=run, at=now, until=now + hold, due=found[0], missed=found[1], standing=found[2],
        reached={series: moment(text) for series, text in ledger.reached.items()}, rescheduled=changed, store=store,
    )  # fmt: skip


def _kept(ledger: Ledger, broken: Mapping[str, str]) -> list[Entry]:
    """The entries of providers that could not be started: a bug must not take them out of the schedule."""
    last = ledger.rules[-1].entries if ledger.rules else {}
    return [entry for series, entry in last.items() if series.provider in broken]


def _free(ledger: Ledger, now: datetime, slot: datetime) -> bool:
    """Whether a claim made now would get this slot."""
    turns = ledger.holders(slot)
    return not turns or turns[-1].until <= now or turns[-1].run in ledger.ended


def _held(ledger: Ledger, run: str, slot: datetime) -> bool:
    return any(claim.run == run for claim in ledger.holders(slot)[-1:])


def _sorted_out(
    ledger: Ledger, run: str, now: datetime, serving: set[Series], broken: Mapping[str, str], skipped: Skipped
) -> tuple[dict[Series, datetime], list[Missed], list[tuple[int, Mapping[str, Any]]]]:
    due: dict[Series, datetime] = {}
    missed: list[Missed] = []
    settled = ledger.settled or now
    for series in ledger.series:
        slots = list(ledger.slots(series, settled, now))
        whys: list[tuple[datetime, Why | None]] = []
        for slot in slots:
            if ledger.answer(series, slot) is not None or not _held(ledger, run, slot):
                whys.append((slot, None))
            elif decided := skipped(series, slot):
                whys.append((slot, (Cause.SKIPPED, *decided)))
            elif slot == slots[-1] and series in serving:
                due[series] = slot
            else:
                whys.append((slot, _why(ledger, slot, series, broken, newest=slot == slots[-1])))
        missed += _stretches(whys, series)
    stands = {series: one for one in standing(ledger, now) if (series := _series(one[1])) in serving}
    # What was attached counts beside it, unless what was read from a watched place is newer.
    attached = [one for (series, *_), one in ledger.kept.items() if series not in stands or stands[series][0] < one[0]]
    over = {_series(body) for _, body in attached}
    read = [one for series, one in stands.items() if series not in over]
    return due, missed, sorted((*read, *attached), key=lambda one: one[0])


def _series(body: Mapping[str, Any]) -> Series:
    return Series(*(body[name] for name in Series._fields))


def _stretches(slots: Sequence[tuple[datetime, Why | None]], series: Series) -> Iterator[Missed]:
    """A series' slots in order, each with why it was not served, as stretches; one with an answer (None) parts them."""
    for why, group in groupby(slots, key=lambda one: one[1]):
        if why is not None:
            moments = [slot for slot, _ in group]
            yield Missed(series, moments[0], moments[-1], len(moments), *why)


def _why(ledger: Ledger, slot: datetime, series: Series, broken: Mapping[str, str], *, newest: bool) -> Why:
    """Why a slot was not served. The newest one is in nobody's list if it is neither served nor broken."""
    earlier = ledger.holders(slot)[:-1]
    if earlier:
        return Cause.FAILED, earlier[-1].run, "the run that took it up did not end"
    if not newest:
        return Cause.NOT_RUNNING, "", "no run took it up before the next one was due"
    if series.provider in broken:
        return Cause.FAILED, "", broken[series.provider]
    return Cause.REMOVED, "", "the evidence type or the scope is in the schedule no more"
