"""What a schedule or a claim says about the log before it, so that the next run need not read all of that. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from collector.ledger import Ledger, Rule


@dataclass(frozen=True, slots=True)
class Basis:
    """What a reader needs of the log, as the writer of a leaf saw it.

    Every slot up to `settled` is answered (None: there was no schedule). What later slots follow from, and the evidence
    that stands, was attached or says up to where a population was read, is in the commits from `since` on and in those
    `besides`, which are earlier.
    """

    settled: datetime | None
    since: int
    besides: tuple[int, ...]


def basis_of(ledger: Ledger, commit_of: Callable[[int], int], following: int) -> Basis:
    """The basis of a leaf to be written now. `commit_of` gives a leaf's commit, `following` is the next commit."""
    settled = ledger.settled
    # What was attached answers no slot, and may be older than the first schedule.
    kept = sorted({commit_of(leaf) for leaf, _ in ledger.kept.values()})
    if settled is None:
        return Basis(None, following, tuple(commit for commit in kept if commit < following))
    since = min([following, *map(commit_of, _open(ledger, settled))])
    stands = standing(ledger, settled)
    # Whether evidence stands follows from the schedules since then, so these are needed too.
    oldest = min([settled, *(moment(body["slot"]) for _, body in stands)])
    ruling = max(0, bisect_right(ledger.rules, oldest, key=_at) - 1)
    # And up to where a population was read whole, however many of its slots were missed since.
    told = (ledger.told[series] for series in ledger.rules[-1].entries if series in ledger.told)
    leaves = [*(rule.leaf for rule in ledger.rules[ruling:]), *(leaf for leaf, _ in stands), *told]
    besides = {commit_of(leaf) for leaf in leaves} | set(kept)
    return Basis(settled, since, tuple(sorted(commit for commit in besides if commit < since)))


def read_basis(leaf: Mapping[str, Any]) -> Basis | None:
    """What a schedule's or a claim's leaf says; None when it says nothing of that. ValueError for another form."""
    if (basis := leaf.get("basis")) is None:
        return None
    numbers = [basis["since"], *basis["besides"]]
    if any(type(number) is not int for number in numbers):
        raise ValueError(f"a basis names commits by their numbers, not {numbers}")
    return Basis(basis["settled"] and moment(basis["settled"]), basis["since"], tuple(basis["besides"]))


def standing(ledger: Ledger, now: datetime) -> list[tuple[int, Mapping[str, Any]]]:
    """The evidence that answers the newest slot of a series in the schedule: index and body of each leaf."""
    return [
        (index, body)
        for series, (index, body) in sorted(ledger.newest.items())
        if series in ledger.rules[-1].entries
        # Of a series that was in no schedule for a while nobody can tell from here whether more was due.
        and ledger.rules[0].at < (slot := moment(body["slot"]))
        and not any(ledger.slots(series, slot, now))
    ]


def _open(ledger: Ledger, settled: datetime) -> Iterator[int]:
    """The leaves that say something of slots later than `settled`: claims, and answers."""
    yield from (claim.leaf for claim in ledger.claims if claim.at > settled)
    for answers in ledger.served.values():
        yield from (answer.leaf for slot, answer in answers.items() if slot > settled)
    for stretches in ledger.missed.values():
        yield from (answer.leaf for missed, answer in stretches if missed.last > settled)


def _at(rule: Rule) -> datetime:
    return rule.at
