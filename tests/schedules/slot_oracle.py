"""Step 12 as it reads in FORMAT.md, with every slot and every answer of all time in memory: slow, and plainly right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.layout import segment_key
from collector.archive.reader import Reader
from collector.ledger import read
from collector.normalise import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from collector.archive.store import Store
    from collector.ledger import Answer, Claim, Ledger
    from collector.slots import Series


def verdict(store: Store) -> tuple[set[tuple[str, str]], list[str]]:  # noqa: C901 - rule by rule, as they are written
    """Each faulty object with its problem, and the notes."""
    reader = Reader(store)
    commits = {leaf.index: segment_key(leaf.sequence) for leaf in reader.leaves()}
    ledger = read(((leaf.index, leaf.body) for leaf in reader.leaves()), reader.content)
    faults: set[tuple[str, str]] = set()
    notes = []
    last = max(ledger.claims, key=lambda claim: claim.at, default=None)
    due = served = missed = 0
    for series in sorted({*ledger.series, *ledger.served, *ledger.missed}):
        name = " ".join(series)
        slots = every(ledger, series, last)
        for slot, answer in ledger.served.get(series, {}).items():
            if slot not in slots:
                problem = f"leaf {answer.leaf} answers {name} at {timestamp(slot)}, which no schedule has"
                faults.add((commits[answer.leaf], problem))
            elif (first := answered(ledger, series, slot)) and first.leaf < answer.leaf:
                notes.append(twice(name, slot, answer.leaf))
        for one, answer in ledger.missed.get(series, []):
            within = [slot for slot in slots if one.first <= slot <= one.last]
            if not within or (within[0], within[-1], len(within)) != (one.first, one.last, one.count):
                told = f"misses {one.count} slots of {name} from {timestamp(one.first)} to {timestamp(one.last)}"
                faults.add((commits[answer.leaf], f"leaf {answer.leaf} {told}; the schedule has {len(within)}"))
        lost = []
        for slot in slots if last else []:
            if last and slot <= last.at:
                found = answered(ledger, series, slot)
                due += 1
                served += found is not None and found.missed is None
                missed += found is not None and found.missed is not None
                if found is None and not held(ledger, slot, last):
                    lost.append(slot)
        if last and lost:
            told = f"claims every slot up to {timestamp(last.at)}, and {len(lost)} of {name} have no answer"
            problem = f"{told}, from {timestamp(lost[0])} to {timestamp(lost[-1])}"
            faults.add((commits[last.leaf], problem))
    notes += [twice(" ".join(series), slot, leaf) for series, slot, leaf in ledger.again]
    if last:
        told = f"{due} due up to {timestamp(last.at)}, {served} of them served and {missed} sealed as missed"
        notes.append(f"Slots: {told}. Whoever ought to have collected since then has not said so.")
    return faults, sorted(notes)


def every(ledger: Ledger, series: Series, last: Claim | None) -> list[datetime]:
    """Every slot up to the last time that anything speaks of."""
    ends = [*ledger.served.get(series, {}), *(one.last for one, _ in ledger.missed.get(series, []))]
    ends += [last.at] if last else []
    return list(ledger.slots(series, ledger.rules[0].at, max(ends))) if ledger.rules and ends else []


def answered(ledger: Ledger, series: Series, slot: datetime) -> Answer | None:
    """The first answer to a slot."""
    found = [answer for one, answer in ledger.missed.get(series, []) if one.first <= slot <= one.last]
    found += [ledger.served[series][slot]] if slot in ledger.served.get(series, {}) else []
    return min(found, key=lambda one: one.leaf, default=None)


def held(ledger: Ledger, slot: datetime, last: Claim) -> bool:
    """Whether somebody may still be at it."""
    turns = ledger.holders(slot)
    return bool(turns) and turns[-1].until > last.at and turns[-1].run not in ledger.ended


def twice(name: str, slot: datetime, leaf: int) -> str:
    return f"Answered twice: {name} at {timestamp(slot)}, again by leaf {leaf}; the first answer counts."
